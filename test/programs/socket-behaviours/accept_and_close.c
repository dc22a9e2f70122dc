// SPDX-License-Identifier: Apache-2.0
/* A server that accepts and closes at once, as it does with a client too many. */
#include "behaviour.h"

#define CLIENTS 5

BEHAVIOUR(accept_and_close)

static void server(int listener)
{
	for (int i = 0; i < CLIENTS; i++)
		close(take(listener));
}

static void client(void)
{
	char byte;

	for (int i = 0; i < CLIENTS; i++) {
		int fd = dial();

		say("connect: 0, read: %s", result(read(fd, &byte, 1)));
		close(fd);
	}
}
