// SPDX-License-Identifier: Apache-2.0
/* poll() doesn't call a socket readable that holds less than SO_RCVLOWAT. */
#include "behaviour.h"

#include <sys/ioctl.h>

BEHAVIOUR(rcvlowat)

#define LOWAT 10

/* Five bytes for each that comes. */
static void serve(int fd)
{
	char byte;

	while (read(fd, &byte, 1) == 1)
		must(write(fd, "hello", 5), "write");
}

static void server(int listener)
{
	serve(take(listener));
	serve(take(listener));
}

static void until_there_are(int fd, int bytes)
{
	int have = 0;

	while (have < bytes) {
		must(ioctl(fd, FIONREAD, &have), "FIONREAD");
		usleep(10000);
	}
}

static void show_poll(int fd, const char *what)
{
	struct pollfd entry = { .fd = fd, .events = POLLIN };

	say("  %s: %s", what, must(poll(&entry, 1, 0), "poll") ? "readable" : "not readable");
}

static void show(int fd)
{
	char bytes[LOWAT];

	tell(fd);
	until_there_are(fd, 5);
	show_poll(fd, "5 bytes");
	tell(fd);
	say("  10 bytes: %s", comes(fd, POLLIN) ? "readable" : "not readable");
	read_all(fd, bytes, sizeof(bytes));
	show_poll(fd, "none");
	close(fd);
}

static void client(void)
{
	int fd, lowat = LOWAT;

	say("SO_RCVLOWAT is set when the socket is connected");
	fd = dial();
	must(setsockopt(fd, SOL_SOCKET, SO_RCVLOWAT, &lowat, sizeof(lowat)), "SO_RCVLOWAT");
	show(fd);

	say("SO_RCVLOWAT is set before");
	fd = (int)must(socket(AF_INET, SOCK_STREAM, 0), "socket");
	must(setsockopt(fd, SOL_SOCKET, SO_RCVLOWAT, &lowat, sizeof(lowat)), "SO_RCVLOWAT");
	must(connect(fd, (struct sockaddr *)&server_address, sizeof(server_address)), "connect");
	show(fd);
}
