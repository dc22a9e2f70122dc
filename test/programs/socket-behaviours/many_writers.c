// SPDX-License-Identifier: Apache-2.0
/*
 * Threads write to one connection at the same time, one of them without waiting, while signals
 * come: each ends, and what each has written arrives.
 */
#define _GNU_SOURCE
#include "behaviour.h"

#include <pthread.h>
#include <signal.h>
#include <sys/time.h>

#define WRITERS 4
#define EACH (1 << 19)
#define CHUNK 30000

BEHAVIOUR(many_writers)

static const char names[WRITERS] = { 'a', 'b', 'c', 'd' };
static int written_to;

static void server(int listener)
{
	int64_t received[WRITERS] = { 0 };
	static char bytes[65536];
	int fd = take(listener);
	ssize_t n;

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
		else if (errno != EINTR)
			must(n, "send");
	}
	return NULL;
}

static void nothing(int number)
{
	(void)number;
}

static void client(void)
{
	struct itimerval often = { { 0, 3000 }, { 0, 3000 } };
	struct sigaction action = { .sa_handler = nothing };
	pthread_t threads[WRITERS];

	written_to = dial();
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
	for (int i = 0; i < WRITERS; i++)
		must(-pthread_create(&threads[i], NULL, writer, (char *)names + i),
		     "pthread_create");
	for (int i = 0; i < WRITERS; i++)
		pthread_join(threads[i], NULL);
	close(written_to);
}
