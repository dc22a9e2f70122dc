// SPDX-License-Identifier: Apache-2.0
/*
 * Listens with MPTCP, and waits in accept() for one connection; then prints "accepted".
 *
 *   mptcp_acceptor PORT
 */
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM, IPPROTO_MPTCP);

	if (argc != 2) {
		fprintf(stderr, "usage: mptcp_acceptor PORT\n");
		return 2;
	}
	address.sin_port = htons((unsigned short)atoi(argv[1]));
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) || listen(fd, 1)) {
		perror("listen");
		return 1;
	}
	puts("ready");
	fflush(stdout);
	if (accept(fd, NULL, NULL) < 0) {
		perror("accept");
		return 1;
	}
	puts("accepted");
	return 0;
}
