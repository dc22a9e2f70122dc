// SPDX-License-Identifier: Apache-2.0
/* A reset is reported once. Then the stream is over, and writing to it is a SIGPIPE. */
#define _GNU_SOURCE
#include "behaviour.h"

#include <signal.h>

BEHAVIOUR(after_a_reset)

static volatile sig_atomic_t pipes;

static void count_pipe(int number)
{
	(void)number;
	pipes++;
}

static void server(int listener)
{
	struct linger reset = { .l_onoff = 1 };

	for (int i = 0; i < 3; i++) {
		int fd = take(listener);

		hear(fd);
		must(setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset)), "SO_LINGER");
		close(fd);
	}
}

static int reset_connection(void)
{
	struct pollfd entry = { .fd = dial() };

	tell(entry.fd);
	must(poll(&entry, 1, -1), "poll");
	say("a connection is reset");
	return entry.fd;
}

static void show_read(int fd)
{
	char byte;

	say("  read: %s", result(read(fd, &byte, 1)));
}

static void show_send(int fd, int flags)
{
	const char *what;

	pipes = 0;
	what = result(send(fd, "x", 1, flags));
	say("  send%s: %s, %d SIGPIPE", flags & MSG_NOSIGNAL ? "(MSG_NOSIGNAL)" : "", what,
	    (int)pipes);
}

static void show_error(int fd)
{
	int error = -1;
	socklen_t size = sizeof(error);

	must(getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size), "SO_ERROR");
	say("  SO_ERROR: %s", error ? strerrorname_np(error) : "0");
}

static void show_poll(int fd)
{
	struct pollfd entry = { .fd = fd, .events = POLLIN | POLLOUT | POLLRDHUP };

	must(poll(&entry, 1, 0), "poll");
	say("  poll:%s%s%s%s%s", entry.revents & POLLIN ? " IN" : "",
	    entry.revents & POLLOUT ? " OUT" : "", entry.revents & POLLRDHUP ? " RDHUP" : "",
	    entry.revents & POLLERR ? " ERR" : "", entry.revents & POLLHUP ? " HUP" : "");
}

static void client(void)
{
	int fd;

	signal(SIGPIPE, count_pipe);
	fd = reset_connection();
	show_poll(fd);
	show_read(fd);
	show_poll(fd);
	show_read(fd);
	show_send(fd, 0);
	show_send(fd, MSG_NOSIGNAL);
	show_read(fd);
	show_error(fd);

	fd = reset_connection();
	show_send(fd, 0);
	show_send(fd, 0);
	show_read(fd);

	fd = reset_connection();
	show_error(fd);
	show_read(fd);
	show_send(fd, 0);
	show_poll(fd);
}
