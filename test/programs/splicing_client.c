// SPDX-License-Identifier: Apache-2.0
/*
 * A plain socket program that says a word, splices what is answered into a pipe, and prints how
 * that ended.
 *
 *   splicing_client ADDRESS PORT
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	int fd, ends[2];
	ssize_t n;

	if (argc != 3 || inet_pton(AF_INET, argv[1], &address.sin_addr) != 1) {
		fprintf(stderr, "usage: splicing_client ADDRESS PORT\n");
		return 2;
	}
	address.sin_port = htons((unsigned short)atoi(argv[2]));
	fd = socket(AF_INET, SOCK_STREAM, 0);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) ||
	    send(fd, "!", 1, 0) != 1 || pipe(ends)) {
		perror("connect");
		return 1;
	}
	n = splice(fd, NULL, ends[1], NULL, 4096, 0);
	printf("splice: %s\n", n < 0 ? strerrorname_np(errno) : "no error");
	return 0;
}
