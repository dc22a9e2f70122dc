// SPDX-License-Identifier: Apache-2.0
/* What MSG_MORE and SPLICE_F_MORE hold back leaves soon, though nothing else is written. */
#define _GNU_SOURCE
#include "behaviour.h"

BEHAVIOUR(message_more)

static void server(int listener)
{
	echo(take(listener));
}

static void arrival(const char *what, int fd)
{
	bool came = comes(fd, POLLIN);
	char bytes[16];
	size_t sent = 4;

	say("%s %s", what, came ? "arrives before the next write" : "waits for the next write");
	if (!came)
		sent += (size_t)must(write(fd, "next", 4), "write");
	read_all(fd, bytes, sent);
}

static void client(void)
{
	int fd = dial(), ends[2];

	must(pipe(ends), "pipe");
	must(send(fd, "more", 4, MSG_MORE), "send");
	arrival("what send(MSG_MORE) took", fd);
	must(write(ends[1], "more", 4), "write");
	must(splice(ends[0], NULL, fd, NULL, 4, SPLICE_F_MORE), "splice");
	arrival("what splice(SPLICE_F_MORE) took", fd);
}
