// SPDX-License-Identifier: Apache-2.0
/* A server that does something else for twelve seconds before it accepts. */
#include "behaviour.h"

#define CLIENTS 3

BEHAVIOUR(accept_late)

static void server(int listener)
{
	int fd[CLIENTS];
	char byte;

	sleep(12);
	say("poll: %s", comes(listener, POLLIN) ? "a connection" : "none");
	for (int i = 0; i < CLIENTS; i++) {
		fd[i] = take(listener);
		read_all(fd[i], &byte, 1);
		say("accepted %c", byte);
	}
	for (int i = 0; i < CLIENTS; i++)
		echo(fd[i]);
}

static void client(void)
{
	/* Then TCP's connect gives up, if it hasn't succeeded. */
	struct timeval patience = { .tv_sec = 8 };
	char bytes[6] = "";
	int fd[CLIENTS];

	for (int i = 0; i < CLIENTS; i++) {
		fd[i] = (int)must(socket(AF_INET, SOCK_STREAM, 0), "socket");
		must(setsockopt(fd[i], SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)),
		     "SO_SNDTIMEO");
		say("connect: %s", result(connect(fd[i], (struct sockaddr *)&server_address,
						  sizeof(server_address))));
		must(write(fd[i], "123" + i, 1), "write");
	}
	for (int i = 0; i < CLIENTS; i++) {
		must(write(fd[i], "hello", 5), "write");
		read_all(fd[i], bytes, 5);
		say("what comes back: %s", bytes);
		close(fd[i]);
	}
}
