// SPDX-License-Identifier: Apache-2.0
/* What a program has written arrives when its peer reads slowly. */
#define _GNU_SOURCE
#include "slow_reader.h"

#include <signal.h>
#include <sys/wait.h>

#include "behaviour.h"

BEHAVIOUR(slow_reader)

static const char *const ways[] = { "closed", "closed with SO_LINGER", "killed" };

#define WAYS 3
#define PAUSES 5

static char byte_at(int64_t offset)
{
	return (char)(offset * 31 >> 3);
}

/* Writes until nothing is taken any more, also when what the peer's kernel took has made room. */
static int64_t fill(int fd)
{
	static char bytes[65536];
	int64_t total = 0;
	ssize_t n;

	for (int refused = 0; refused < 5; total += n > 0 ? n : 0) {
		for (size_t i = 0; i < sizeof(bytes); i++)
			bytes[i] = byte_at(total + (int64_t)i);
		n = send(fd, bytes, sizeof(bytes), MSG_DONTWAIT | MSG_NOSIGNAL);
		refused = n > 0 ? 0 : refused + 1;
		if (refused)
			usleep(100000);
	}
	return total;
}

void write_and_end(int listener)
{
	struct linger second = { .l_onoff = 1, .l_linger = 1 };
	int control = take(listener), size = 65536;

	for (int i = 0; i < WAYS; i++) {
		int fd = take(listener);
		int64_t total;

		must(setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size)), "SO_SNDBUF");
		if (i)
			must(setsockopt(fd, SOL_SOCKET, SO_LINGER, &second, sizeof(second)),
			     "SO_LINGER");
		total = fill(fd);
		must(write(control, &total, sizeof(total)), "write");
		if (i == 2 && !must(fork(), "fork"))
			raise(SIGKILL);
		close(fd);
	}
	while (wait(NULL) > 0)
		;
}

static void read_slowly(const char *way, int fd, int64_t expected)
{
	int64_t total = 0, right = 0;
	char bytes[4096];
	ssize_t n;

	for (int i = 0; (n = read(fd, bytes, sizeof(bytes))) > 0; i++, total += n) {
		for (int64_t at = 0; at < n; at++)
			right += bytes[at] == byte_at(total + at);
		if (i < PAUSES)
			usleep(100000);
	}
	say("%s: %s arrives, then %s", way,
	    total == expected && right == total ? "everything" : "something else", result(n));
}

void read_after(unsigned int pause_s)
{
	int control = dial(), fds[WAYS], size = 16384;
	int64_t totals[WAYS];
	char byte;

	for (int i = 0; i < WAYS; i++) {
		fds[i] = (int)must(socket(AF_INET, SOCK_STREAM, 0), "socket");
		must(setsockopt(fds[i], SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)), "SO_RCVBUF");
		must(connect(fds[i], (struct sockaddr *)&server_address, sizeof(server_address)),
		     "connect");
		read_all(control, &totals[i], sizeof(totals[i]));
	}
	say("the server is gone: %s", result(read(control, &byte, 1)));
	sleep(pause_s);
	for (int i = 0; i < WAYS; i++)
		read_slowly(ways[i], fds[i], totals[i]);
}

static void server(int listener)
{
	write_and_end(listener);
}

static void client(void)
{
	read_after(1);
}
