// SPDX-License-Identifier: Apache-2.0
/* Two programs with one thread each that connect to each other before they accept. */
#include "behaviour.h"

BEHAVIOUR(connect_to_each_other)

static void meet(int listener, int fd)
{
	char bytes[6] = "";
	int other;

	say("connected");
	must(write(fd, "hello", 5), "write");
	other = take(listener);
	read_all(other, bytes, 5);
	say("the other says %s", bytes);
	/* Neither goes before the other has heard it. */
	tell(fd);
	hear(other);
}

static void server(int listener)
{
	int fd;

	/* The client listens a little later. */
	for (;;) {
		fd = (int)must(socket(AF_INET, SOCK_STREAM, 0), "socket");
		if (!connect(fd, (struct sockaddr *)&client_address, sizeof(client_address)))
			break;
		if (errno != ECONNREFUSED)
			must(-1, "connect");
		close(fd);
		usleep(10000);
	}
	meet(listener, fd);
}

static void client(void)
{
	int listener = listen_at(&client_address), fd = dial();

	meet(listener, fd);
}
