// SPDX-License-Identifier: Apache-2.0
/* shutdown() takes back a connect() whose SYN nobody answers; the socket can connect anew. */
#define _GNU_SOURCE
#include "behaviour.h"

BEHAVIOUR(shutdown_while_connecting)

static void server(int listener)
{
	char line[8];
	int fd = take(listener);

	read_all(fd, line, 5);
	must(write(fd, line, 5), "write");
	close(fd);
}

static void client(void)
{
	struct sockaddr_in nobody = server_address;
	int fd = (int)must(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), "socket");
	char line[5];

	nobody.sin_addr.s_addr |= htonl(99);
	say("connect: %s", result(connect(fd, (struct sockaddr *)&nobody, sizeof(nobody))));
	usleep(300000);
	say("shutdown: %s", result(shutdown(fd, SHUT_RDWR)));
	must(fcntl(fd, F_SETFL, 0), "fcntl");
	say("connect again: %s",
	    result(connect(fd, (struct sockaddr *)&server_address, sizeof(server_address))));
	must(write(fd, "hello", 5), "write");
	read_all(fd, line, sizeof(line));
	say("what comes back: %.5s", line);
	close(fd);
}
