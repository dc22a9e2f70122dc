// SPDX-License-Identifier: Apache-2.0
/*
 * Threads write to one connection at the same time, the first without waiting, while signals come
 * to the last. Nobody reads until one has interrupted its send(): then each ends, and what each has
 * written arrives.
 */
#define _GNU_SOURCE
#include "behaviour.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

#define WRITERS 4
#define EACH (1 << 19)
#define CHUNK 30000
#define SIGNAL_EVERY_US 3000

BEHAVIOUR(many_writers)

static const char names[WRITERS] = { 'a', 'b', 'c', 'd' };
static pthread_t threads[WRITERS];
static atomic_bool interrupted;
static int written_to;

static void server(int listener)
{
	int64_t received[WRITERS] = { 0 };
	int control = take(listener), fd = take(listener);
	static char bytes[65536];
	ssize_t n;

	hear(control);
	while ((n = read(fd, bytes, sizeof(bytes))) > 0)
		for (ssize_t i = 0; i < n; i++)
			received[bytes[i] - 'a']++;
	for (int i = 0; i < WRITERS; i++)
		say("writer %d: %s arrives", i,
		    received[i] == EACH ? "everything" : "something else");
	say("then %s", result(n));
}

static void *writer(void *name)
{
	bool waits = name != names;
	size_t left = EACH;
	char bytes[CHUNK];

	memset(bytes, *(char *)name, sizeof(bytes));
	while (left) {
		ssize_t n = send(written_to, bytes, left < CHUNK ? left : CHUNK,
				 waits ? 0 : MSG_DONTWAIT);

		if (n > 0)
			left -= (size_t)n;
		else if (errno == EAGAIN)
			poll(&(struct pollfd){ .fd = written_to, .events = POLLOUT }, 1, -1);
		else if (errno == EINTR)
			atomic_store(&interrupted, true);
		else
			must(n, "send");
	}
	return NULL;
}

static void nothing(int number)
{
	(void)number;
}

/* Only that one: a signal wakes also a writer whose wakeup was lost. */
static void signal_the_last(void)
{
	pthread_kill(threads[WRITERS - 1], SIGUSR1);
	usleep(SIGNAL_EVERY_US);
}

static void client(void)
{
	struct sigaction action = { .sa_handler = nothing };
	int control = dial();

	written_to = dial();
	sigaction(SIGUSR1, &action, NULL);
	for (int i = 0; i < WRITERS; i++)
		must(-pthread_create(&threads[i], NULL, writer, (char *)names + i),
		     "pthread_create");
	while (!atomic_load(&interrupted))
		signal_the_last();
	tell(control);
	for (int i = 0; i < WRITERS; i++)
		while (pthread_tryjoin_np(threads[i], NULL) == EBUSY)
			signal_the_last();
	close(written_to);
}
