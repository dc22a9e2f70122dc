// SPDX-License-Identifier: Apache-2.0
/*
 * A program is killed that had many connections with SO_LINGER, full, to a peer that reads a little
 * of each and then no more. Whoever connects after that is not held up.
 */
#define _GNU_SOURCE
#include "behaviour.h"

#include <signal.h>
#include <sys/wait.h>

BEHAVIOUR(killed_with_full_connections)

#define CONNECTIONS 300
#define AFTERWARDS 3
/* So much that TCP takes all the rest from the sender, and yet can't send it. */
#define READ_OF_EACH 32768

static void server(int listener)
{
	int control = take(listener), fds[CONNECTIONS], size = 16384;
	static char bytes[READ_OF_EACH];

	must(setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)), "SO_RCVBUF");
	tell(control);
	for (int i = 0; i < CONNECTIONS; i++)
		fds[i] = take(listener);
	hear(control);
	for (int i = 0; i < CONNECTIONS; i++)
		read_all(fds[i], bytes, sizeof(bytes));
	tell(control);
	for (int i = 0; i < AFTERWARDS; i++) {
		int fd = take(listener);

		hear(fd);
		tell(fd);
		close(fd);
	}
	hear(control);
}

static void fill(int fd)
{
	static char bytes[65536];

	while (send(fd, bytes, sizeof(bytes), MSG_DONTWAIT | MSG_NOSIGNAL) > 0)
		;
}

static void be_killed(void)
{
	struct linger minute = { .l_onoff = 1, .l_linger = 60 };
	int fds[CONNECTIONS], size = 32768;

	for (int i = 0; i < CONNECTIONS; i++) {
		fds[i] = dial();
		must(setsockopt(fds[i], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size)), "SO_SNDBUF");
		must(setsockopt(fds[i], SOL_SOCKET, SO_LINGER, &minute, sizeof(minute)),
		     "SO_LINGER");
		fill(fds[i]);
	}
	/* What the peer's kernel has taken meanwhile has made room. */
	for (int i = 0; i < CONNECTIONS; i++)
		fill(fds[i]);
	raise(SIGKILL);
}

static void client(void)
{
	int control = dial(), status;
	pid_t child;

	hear(control);
	child = (pid_t)must(fork(), "fork");
	if (!child)
		be_killed();
	must(waitpid(child, &status, 0), "waitpid");
	say("with %d connections: %s", CONNECTIONS, WIFSIGNALED(status) ? "killed" : "ended");
	tell(control);
	hear(control);
	for (int i = 0; i < AFTERWARDS; i++) {
		int fd = dial();

		tell(fd);
		hear(fd);
		say("connected, and heard");
		close(fd);
	}
	tell(control);
}
