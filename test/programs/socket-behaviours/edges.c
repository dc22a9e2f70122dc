// SPDX-License-Identifier: Apache-2.0
/* The edges that edge-triggered epoll shows of a client, each after what causes it. */
#define _GNU_SOURCE
#include "behaviour.h"

#include <sys/epoll.h>

BEHAVIOUR(edges)

/* Five bytes for each of the first three. */
static void server(int listener)
{
	int fd = take(listener);

	for (int i = 0; i < 3; i++) {
		hear(fd);
		must(write(fd, "hello", 5), "write");
	}
	hear(fd);
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

static void empty(int fd)
{
	char bytes[64];
	ssize_t n;

	do
		n = read(fd, bytes, sizeof(bytes));
	while (n > 0);
	say("read to %s", result(n));
}

static void client(void)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET };
	int fd = (int)must(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), "socket");
	int epoll = (int)must(epoll_create1(0), "epoll_create1");

	must(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event), "epoll_ctl");
	show_edge(epoll, "it is not connected");
	say("connect: %s",
	    result(connect(fd, (struct sockaddr *)&server_address, sizeof(server_address))));
	show_edge(epoll, "it is connected");
	tell(fd);
	show_edge(epoll, "data comes");
	empty(fd);
	tell(fd);
	show_edge(epoll, "data comes again");
	tell(fd);
	show_edge(epoll, "more data comes before that is read");
	empty(fd);
	tell(fd);
	show_edge(epoll, "the server closes");
	empty(fd);
}
