// SPDX-License-Identifier: Apache-2.0
/*
 * A plain socket program that says a line and reads the answer, over and over, until that fails.
 * Says "ticking" after the first; in the end which call failed and how, and whether anything passed
 * later than SECONDS after it has connected, those that the machine slept included: then it stops.
 *
 *   ticking_client ADDRESS PORT SECONDS
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static time_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_BOOTTIME, &time);
	return time.tv_sec;
}

/* A line there and one back. What failed, or NULL. */
static const char *tick(int fd)
{
	char c = 0;

	if (send(fd, "tick\n", 5, MSG_NOSIGNAL) != 5)
		return "send";
	while (c != '\n')
		if (recv(fd, &c, 1, 0) != 1)
			return "recv";
	return NULL;
}

int main(int argc, char **argv)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM, 0), count = 0;
	const char *failed;
	time_t end, began;

	if (argc != 4 || inet_pton(AF_INET, argv[1], &address.sin_addr) != 1) {
		fprintf(stderr, "usage: ticking_client ADDRESS PORT SECONDS\n");
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	address.sin_port = htons((unsigned short)atoi(argv[2]));
	if (connect(fd, (struct sockaddr *)&address, sizeof(address))) {
		printf("connect: %s\n", strerrorname_np(errno));
		return 1;
	}
	end = now() + atoi(argv[3]);
	for (;;) {
		began = now();
		failed = tick(fd);
		if (failed || began > end)
			break;
		if (!count++)
			puts("ticking");
		usleep(1000);
	}
	if (failed)
		printf("%s: %s\n", failed, strerrorname_np(errno));
	else
		puts("passed too late");
	return 0;
}
