// SPDX-License-Identifier: Apache-2.0
/* shutdown(SHUT_WR) ends the send() of another thread, and the stream with what that had sent. */
#define _GNU_SOURCE
#include "behaviour.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/syscall.h>

#define TOTAL (8 << 20)
#define SLEEPS 20

BEHAVIOUR(shutdown_while_writing)

static int written_to;
static atomic_int writer_id;
static atomic_bool writer_ended;
static int64_t accepted;
static const char *last_send;

static void server(int listener)
{
	int control = take(listener), fd = take(listener);
	static char bytes[65536];
	int64_t received = 0;
	ssize_t n;

	hear(control);
	while ((n = read(fd, bytes, sizeof(bytes))) > 0)
		received += n;
	say("the stream ends with %s", result(n));
	must(write(control, &received, sizeof(received)), "write");
}

static void *writer(void *unused)
{
	static char bytes[TOTAL];
	ssize_t n = 0;

	(void)unused;
	atomic_store(&writer_id, (int)syscall(SYS_gettid));
	while (accepted < TOTAL) {
		n = send(written_to, bytes, (size_t)(TOTAL - accepted), MSG_NOSIGNAL);
		if (n < 0)
			break;
		accepted += n;
	}
	last_send = result(n);
	atomic_store(&writer_ended, true);
	return NULL;
}

static bool writer_sleeps(void)
{
	char path[64], line[128], state = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", atomic_load(&writer_id));
	file = fopen(path, "r");
	if (file && fgets(line, sizeof(line), file) && strrchr(line, ')'))
		state = strrchr(line, ')')[2];
	if (file)
		fclose(file);
	return state == 'S';
}

static void until_it_is_blocked(void)
{
	for (int in_a_row = 0; in_a_row < SLEEPS; usleep(20000))
		in_a_row = writer_sleeps() ? in_a_row + 1 : 0;
}

static void client(void)
{
	int control = dial();
	int64_t received;
	pthread_t thread;

	written_to = dial();
	must(-pthread_create(&thread, NULL, writer, NULL), "pthread_create");
	until_it_is_blocked();
	say("shutdown: %s", result(shutdown(written_to, SHUT_WR)));
	for (int i = 0; i < 150 && !atomic_load(&writer_ended); i++)
		usleep(100000);
	say("the writer %s", atomic_load(&writer_ended) ? "has ended before the peer reads" :
							  "waits for the peer to read");
	tell(control);
	pthread_join(thread, NULL);
	say("its last send(): %s", last_send);
	read_all(control, &received, sizeof(received));
	say("the peer has got %s of it, %s", received < TOTAL ? "a part" : "all",
	    received == accepted ? "what send() took" : "not what send() took");
}
