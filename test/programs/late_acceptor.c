// SPDX-License-Identifier: Apache-2.0
/*
 * A server that knows nothing of Signet: it listens and polls as one user, and accepts a connection at
 * each SIGINT, as another in a child. Prints what is read of it.
 *
 *   late_acceptor PORT UID...
 */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static void serve_one(int listener)
{
	char line[64] = "";
	int fd;

	fd = accept(listener, NULL, NULL);
	if (fd < 0)
		printf("accept: %s\n", strerrorname_np(errno));
	else if (read(fd, line, sizeof(line) - 1) < 0)
		printf("read: %s\n", strerrorname_np(errno));
	else
		printf("%s", line);
	fflush(stdout);
	/* The client waits for an answer. */
	if (fd >= 0 && *line && write(fd, line, strlen(line)) < 0)
		perror("write");
	close(fd);
}

static int serve_one_as(int listener, uid_t uid)
{
	if (setresuid(uid, uid, uid))
		return 1;
	serve_one(listener);
	return 0;
}

int main(int argc, char **argv)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	struct pollfd look = { .events = POLLIN };
	int listener = socket(AF_INET, SOCK_STREAM, 0), signal, i;
	sigset_t interrupt;

	if (argc < 3) {
		fprintf(stderr, "usage: late_acceptor PORT UID...\n");
		return 2;
	}
	sigemptyset(&interrupt);
	sigaddset(&interrupt, SIGINT);
	sigprocmask(SIG_BLOCK, &interrupt, NULL);
	address.sin_port = htons((unsigned short)atoi(argv[1]));
	if (bind(listener, (struct sockaddr *)&address, sizeof(address)) || listen(listener, 5)) {
		perror("late_acceptor");
		return 1;
	}
	printf("ready\n");
	fflush(stdout);
	for (i = 2; i < argc; i++) {
		/* Whoever accepted has ended: what comes is this process's. */
		look.fd = listener;
		poll(&look, 1, 0);
		sigwait(&interrupt, &signal);
		if ((uid_t)atoi(argv[i]) == getuid()) {
			serve_one(listener);
			continue;
		}
		if (!fork())
			return serve_one_as(listener, (uid_t)atoi(argv[i]));
		wait(NULL);
	}
	return 0;
}
