// SPDX-License-Identifier: Apache-2.0
/*
 * An event-loop server that knows nothing of Signet: one thread, epoll, non-blocking sockets.
 * Answers each line with "hello <line>" and prints what it saw, with milliseconds since it began.
 *
 *   epoll_server PORT [edge]
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static long started;

static void say(const char *format, ...)
{
	va_list args;

	printf("%ld ", now_ms() - started);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	fflush(stdout);
}

static void serve(int epfd, int fd)
{
	char line[512], reply[600];

	for (;;) {
		ssize_t n = read(fd, line, sizeof(line) - 1);

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n <= 0) {
			say("end %d %s", fd, n == 0 ? "eof" : strerror(errno));
			epoll_ctl(epfd, EPOLL_CTL_DEL, fd, NULL);
			close(fd);
			return;
		}
		line[n] = 0;
		line[strcspn(line, "\r\n")] = 0;
		say("line %d %s", fd, line);
		n = snprintf(reply, sizeof(reply), "hello %s\n", line);
		if (write(fd, reply, (size_t)n) != n)
			say("short %d %s", fd, strerror(errno));
	}
}

int main(int argc, char **argv)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	unsigned int mode = argc > 2 && strcmp(argv[2], "edge") == 0 ? EPOLLET : 0;
	struct epoll_event event = { .events = EPOLLIN }, ready[16];
	int listener, epfd, one = 1;

	if (argc < 2) {
		fprintf(stderr, "usage: epoll_server PORT [edge]\n");
		return 2;
	}
	started = now_ms();
	address.sin_port = htons((unsigned short)atoi(argv[1]));
	listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(listener, (struct sockaddr *)&address, sizeof(address)) || listen(listener, 64)) {
		perror("listen");
		return 1;
	}
	epfd = epoll_create1(0);
	event.data.fd = listener;
	epoll_ctl(epfd, EPOLL_CTL_ADD, listener, &event);
	say("ready");
	for (;;) {
		int n = epoll_wait(epfd, ready, 16, -1);

		for (int i = 0; i < n; i++) {
			int fd = ready[i].data.fd;

			if (fd != listener) {
				serve(epfd, fd);
				continue;
			}
			fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
			if (fd < 0)
				continue;
			say("accept %d", fd);
			event.events = EPOLLIN | mode;
			event.data.fd = fd;
			epoll_ctl(epfd, EPOLL_CTL_ADD, fd, &event);
		}
	}
}
