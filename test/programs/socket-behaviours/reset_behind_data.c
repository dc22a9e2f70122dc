// SPDX-License-Identifier: Apache-2.0
/* A reset that comes behind data is told after it, whoever has looked at the socket meanwhile. */
#include "behaviour.h"

#include <sys/ioctl.h>

BEHAVIOUR(reset_behind_data)

/* Sends five bytes, and resets the connection when it hears that it is there. */
static void serve(int fd)
{
	struct linger reset = { .l_onoff = 1 };

	must(write(fd, "hello", 5), "write");
	hear(fd);
	must(setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset)), "SO_LINGER");
	close(fd);
}

static void server(int listener)
{
	for (int i = 0; i < 3; i++)
		serve(take(listener));
}

static int available(int fd)
{
	int bytes;

	must(ioctl(fd, FIONREAD, &bytes), "FIONREAD");
	return bytes;
}

static int reset_connection(void)
{
	int fd = dial();

	while (available(fd) < 5)
		usleep(10000);
	tell(fd);
	say("5 bytes and a reset have come: %s", comes(fd, 0) ? "yes" : "no");
	return fd;
}

static void show_receive(int fd, int flags)
{
	char bytes[10];

	say("  recv: %s", result(recv(fd, bytes, sizeof(bytes), flags)));
}

static void client(void)
{
	int fd, lowat = 10;

	fd = reset_connection();
	say(" FIONREAD: %d", available(fd));
	show_receive(fd, 0);
	say(" FIONREAD: %d", available(fd));
	show_receive(fd, 0);
	show_receive(fd, 0);

	fd = reset_connection();
	say(" MSG_WAITALL");
	show_receive(fd, MSG_WAITALL);
	show_receive(fd, MSG_WAITALL);
	show_receive(fd, MSG_WAITALL);

	fd = reset_connection();
	must(setsockopt(fd, SOL_SOCKET, SO_RCVLOWAT, &lowat, sizeof(lowat)), "SO_RCVLOWAT");
	say(" SO_RCVLOWAT");
	show_receive(fd, 0);
	show_receive(fd, 0);
	show_receive(fd, 0);
}
