// SPDX-License-Identifier: Apache-2.0
/*
 * A server for many short connections: one thread, epoll. Of each connection it reads a line,
 * answers with one, and closes it. Prints "ready" when it listens.
 *
 *   burst_server ADDRESS PORT BACKLOG
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define ANSWER "served\n"
#define EVENTS 256

static void watch(int epfd, int fd)
{
	struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

	if (epoll_ctl(epfd, EPOLL_CTL_ADD, fd, &event)) {
		perror("epoll_ctl");
		exit(1);
	}
}

static void accept_all(int epfd, int listener)
{
	int fd;

	while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0)
		watch(epfd, fd);
}

/* Whether the connection is over: it was answered, or has ended. */
static bool serve(int fd)
{
	char part[256];
	ssize_t n = read(fd, part, sizeof(part));

	if (n < 0)
		return errno != EAGAIN && errno != EINTR;
	if (n > 0 && !memchr(part, '\n', (size_t)n))
		return false;
	if (n > 0)
		send(fd, ANSWER, strlen(ANSWER), MSG_NOSIGNAL);
	return true;
}

static int listen_on(const char *address, int port, int backlog)
{
	struct sockaddr_in name = { .sin_family = AF_INET,
				    .sin_port = htons((unsigned short)port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), one = 1;

	if (inet_pton(AF_INET, address, &name.sin_addr) != 1) {
		fprintf(stderr, "%s is no IPv4 address\n", address);
		exit(2);
	}
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&name, sizeof(name)) || listen(fd, backlog)) {
		perror("listen");
		exit(1);
	}
	return fd;
}

int main(int argc, char **argv)
{
	struct epoll_event ready[EVENTS];
	int listener, epfd;

	if (argc != 4) {
		fprintf(stderr, "usage: burst_server ADDRESS PORT BACKLOG\n");
		return 2;
	}
	listener = listen_on(argv[1], atoi(argv[2]), atoi(argv[3]));
	epfd = epoll_create1(0);
	watch(epfd, listener);
	puts("ready");
	fflush(stdout);
	for (;;) {
		int n = epoll_wait(epfd, ready, EVENTS, -1);

		for (int i = 0; i < n; i++) {
			int fd = ready[i].data.fd;

			if (fd == listener)
				accept_all(epfd, listener);
			else if (serve(fd))
				close(fd);
		}
	}
}
