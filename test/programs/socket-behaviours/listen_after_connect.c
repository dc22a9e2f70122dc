// SPDX-License-Identifier: Apache-2.0
/* A socket whose connect() was refused listens instead. */
#include "behaviour.h"

BEHAVIOUR(listen_after_connect)

static void server(int listener)
{
	int fd = (int)must(socket(AF_INET, SOCK_STREAM, 0), "socket"), one = 1;

	close(listener);
	must(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)), "SO_REUSEADDR");
	must(bind(fd, (struct sockaddr *)&server_address, sizeof(server_address)), "bind");
	say("connect: %s", result(connect(fd, (struct sockaddr *)&client_address,
					  sizeof(client_address))));
	must(listen(fd, 5), "listen");
	sleep(1);
	echo(take(fd));
}

/* False while nobody listens, or who did has closed. */
static bool greet(void)
{
	int fd = (int)must(socket(AF_INET, SOCK_STREAM, 0), "socket");
	char bytes[6] = "";
	bool answered;

	answered = !connect(fd, (struct sockaddr *)&server_address, sizeof(server_address)) &&
		   send(fd, "hello", 5, MSG_NOSIGNAL) == 5 && read(fd, bytes, 5) == 5;
	if (answered)
		say("what comes back: %s", bytes);
	close(fd);
	return answered;
}

static void client(void)
{
	while (!greet())
		usleep(10000);
}
