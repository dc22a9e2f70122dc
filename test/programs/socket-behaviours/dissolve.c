// SPDX-License-Identifier: Apache-2.0
/* connect() to AF_UNSPEC takes back a connect() that isn't done; the socket can connect anew. */
#define _GNU_SOURCE
#include "behaviour.h"

#include <netinet/tcp.h>

BEHAVIOUR(dissolve)

#define TRIES 20

static int control;

/* Accepts when it is told. Who is taken back says nothing. */
static void server(int listener)
{
	char line[8];

	control = take(listener);
	for (int lines = 0; lines < 4; lines++) {
		ssize_t n = 0;

		hear(control);
		while (n <= 0) {
			int fd = take(listener);

			n = read(fd, line, sizeof(line));
			if (n > 0)
				must(write(fd, line, 5), "write");
			close(fd);
		}
	}
}

static void connect_again(int fd)
{
	char line[5];

	tell(control);
	must(fcntl(fd, F_SETFL, 0), "fcntl");
	say("  connect again: %s",
	    result(connect(fd, (struct sockaddr *)&server_address, sizeof(server_address))));
	must(write(fd, "hello", 5), "write");
	read_all(fd, line, sizeof(line));
	say("  what comes back: %.5s", line);
	close(fd);
}

static bool is_established(int fd)
{
	struct tcp_info info = { 0 };
	socklen_t size = sizeof(info);

	must(getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size), "TCP_INFO");
	return info.tcpi_state == TCP_ESTABLISHED;
}

static void at_once(int fd)
{
	(void)fd;
}

static void while_the_syn_waits(int fd)
{
	(void)fd;
	usleep(300000);
}

/* Whatever is below TCP has begun, too. */
static void when_tcp_is_connected(int fd)
{
	while (!is_established(fd))
		usleep(1000);
	usleep(20000);
}

/* A try in which it was open already, so that there was nothing to take back, is repeated. */
static void show(const char *what, const struct sockaddr_in *address, void (*until)(int fd))
{
	struct sockaddr none = { .sa_family = AF_UNSPEC };
	const char *begun, *taken_back;
	int fd, err, tries = 0;

	do {
		fd = (int)must(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), "socket");
		begun = result(connect(fd, (const struct sockaddr *)address, sizeof(*address)));
		until(fd);
		err = connect(fd, &none, sizeof(none));
		taken_back = result(err);
	} while (err && errno == EOPNOTSUPP && ++tries < TRIES);
	say("%s", what);
	say("  connect: %s, connect(AF_UNSPEC): %s", begun, taken_back);
	connect_again(fd);
}

static void client(void)
{
	struct sockaddr_in nobody = server_address;

	control = dial();
	nobody.sin_addr.s_addr |= htonl(99);
	show("where nobody is, at once", &nobody, at_once);
	show("where nobody is, while the SYN waits", &nobody, while_the_syn_waits);
	show("the server, at once", &server_address, at_once);
	show("the server, when TCP is connected", &server_address, when_tcp_is_connected);
}
