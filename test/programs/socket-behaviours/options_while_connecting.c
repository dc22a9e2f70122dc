// SPDX-License-Identifier: Apache-2.0
/* Options of the socket's own level are asked for and set all the time while it connects. */
#include "behaviour.h"

#include <pthread.h>
#include <stdatomic.h>

#define CONNECTIONS 10

BEHAVIOUR(options_while_connecting)

static atomic_bool over;

static void server(int listener)
{
	for (int i = 0; i < CONNECTIONS; i++) {
		int fd = take(listener);

		echo(fd);
		close(fd);
	}
}

static void *meddle(void *fd)
{
	struct sockaddr_in peer;
	int one = 1;

	while (!atomic_load(&over)) {
		socklen_t size = sizeof(peer);

		getsockopt(*(int *)fd, SOL_SOCKET, SO_PEERNAME, &peer, &size);
		setsockopt(*(int *)fd, SOL_SOCKET, SO_RCVLOWAT, &one, sizeof(one));
	}
	return NULL;
}

static void client(void)
{
	int answered = 0;

	for (int i = 0; i < CONNECTIONS; i++) {
		int fd = (int)must(socket(AF_INET, SOCK_STREAM, 0), "socket");
		pthread_t meddler;
		char byte = 'x';

		atomic_store(&over, false);
		if (pthread_create(&meddler, NULL, meddle, &fd))
			exit(1);
		must(connect(fd, (struct sockaddr *)&server_address, sizeof(server_address)),
		     "connect");
		atomic_store(&over, true);
		pthread_join(meddler, NULL);
		must(write(fd, &byte, 1), "write");
		answered += read(fd, &byte, 1) == 1;
		close(fd);
	}
	say("%d connections answered", answered);
}
