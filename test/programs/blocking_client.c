// SPDX-License-Identifier: Apache-2.0
/*
 * A plain socket program that knows nothing of Signet: blocking connect, write, read.
 * Prints the reply and exits 0; or prints which call failed and how, and exits 1.
 *
 *   blocking_client ADDRESS PORT LINE
 *   blocking_client ADDRESS PORT            connect, then say nothing until killed
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int fail(const char *call)
{
	printf("%s: %s (%d)\n", call, strerror(errno), errno);
	return 1;
}

int main(int argc, char **argv)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	char line[512];
	size_t have = 0;
	ssize_t n;
	int fd;

	if (argc < 3 || inet_pton(AF_INET, argv[1], &address.sin_addr) != 1) {
		fprintf(stderr, "usage: blocking_client ADDRESS PORT [LINE]\n");
		return 2;
	}
	address.sin_port = htons((unsigned short)atoi(argv[2]));
	fd = socket(AF_INET, SOCK_STREAM, 0);
	if (fd < 0)
		return fail("socket");
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)))
		return fail("connect");
	if (argc == 3) {
		printf("connected\n");
		fflush(stdout);
		pause();
	}
	n = snprintf(line, sizeof(line), "%s\n", argv[3]);
	if (write(fd, line, (size_t)n) != n)
		return fail("write");
	for (;;) {
		n = read(fd, line + have, sizeof(line) - have - 1);
		if (n < 0)
			return fail("read");
		if (n == 0)
			return fprintf(stdout, "read: end of file\n"), 1;
		have += (size_t)n;
		if (memchr(line, '\n', have) || have == sizeof(line) - 1)
			break;
	}
	line[have] = 0;
	fputs(line, stdout);
	return close(fd) ? fail("close") : 0;
}
