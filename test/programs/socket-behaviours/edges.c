// SPDX-License-Identifier: Apache-2.0
/* The edges that edge-triggered epoll shows of a client, each after what causes it. */
#define _GNU_SOURCE
#include "behaviour.h"

#include <sys/epoll.h>

BEHAVIOUR(edges)

/* Five bytes for each of the first five words. */
static void server(int listener)
{
	int control = take(listener), fd = take(listener);
	static char bytes[65536];

	for (int i = 0; i < 5; i++) {
		hear(fd);
		must(write(fd, "hello", 5), "write");
	}
	hear(fd);
	close(fd);

	fd = take(listener);
	hear(control);
	while (read(fd, bytes, sizeof(bytes)) > 0)
		;
	hear(control);
}

static void show_edge(int epoll, const char *cause)
{
	struct epoll_event event;
	uint32_t events;

	if (!must(epoll_wait(epoll, &event, 1, 15000), "epoll_wait")) {
		say("%s: no edge", cause);
		return;
	}
	events = event.events;
	say("%s:%s%s%s%s%s", cause, events & EPOLLIN ? " IN" : "", events & EPOLLOUT ? " OUT" : "",
	    events & EPOLLRDHUP ? " RDHUP" : "", events & EPOLLERR ? " ERR" : "",
	    events & EPOLLHUP ? " HUP" : "");
}

/* A socket that connects, and what shows its edges. */
static int begin(const struct sockaddr_in *address, int *epoll)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET };
	int fd = (int)must(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), "socket");

	*epoll = (int)must(epoll_create1(0), "epoll_create1");
	must(epoll_ctl(*epoll, EPOLL_CTL_ADD, fd, &event), "epoll_ctl");
	show_edge(*epoll, "it is not connected");
	say("connect: %s", result(connect(fd, (const struct sockaddr *)address, sizeof(*address))));
	return fd;
}

static void empty(int fd)
{
	char bytes[64];
	ssize_t n;

	do
		n = read(fd, bytes, sizeof(bytes));
	while (n > 0);
	say("read to %s", result(n));
}

/* Until nothing is taken, also when what the peer's kernel took has made room. */
static void fill(int fd)
{
	static char bytes[65536];

	for (int refused = 0; refused < 5; usleep(20000))
		refused = send(fd, bytes, sizeof(bytes), MSG_NOSIGNAL) > 0 ? 0 : refused + 1;
}

/* What has shown until now. */
static void forget_edges(int epoll)
{
	struct epoll_event event;

	while (epoll_wait(epoll, &event, 1, 0) == 1)
		;
}

static void client(void)
{
	struct sockaddr_in closed_port = server_address;
	int control = dial(), fd, epoll;

	fd = begin(&server_address, &epoll);
	show_edge(epoll, "it is connected");
	tell(fd);
	show_edge(epoll, "data comes");
	empty(fd);
	tell(fd);
	show_edge(epoll, "data comes again");
	tell(fd);
	show_edge(epoll, "more data comes before that is read");
	tell(fd);
	show_edge(epoll, "and more");
	tell(fd);
	show_edge(epoll, "and more");
	empty(fd);
	/* Of a protected one, reading shows an edge more: kTLS finds the next record. */
	forget_edges(epoll);
	tell(fd);
	show_edge(epoll, "the server closes");
	empty(fd);

	fd = begin(&server_address, &epoll);
	show_edge(epoll, "it is connected");
	fill(fd);
	forget_edges(epoll);
	tell(control);
	show_edge(epoll, "it was full, and the server reads");
	close(fd);
	tell(control);

	closed_port.sin_port = htons((uint16_t)(ntohs(server_address.sin_port) + 1));
	begin(&closed_port, &epoll);
	show_edge(epoll, "nobody listens");
}
