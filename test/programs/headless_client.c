// SPDX-License-Identifier: Apache-2.0
/*
 * A plain socket program that knows nothing of Signet and whose main thread has ended (pthread_exit)
 * before another one connects. Prints the reply and exits 0; or prints which call failed and how,
 * and exits 1.
 *
 *   headless_client                              says nothing until killed
 *   headless_client ADDRESS PORT LINE            a second thread connects, writes, reads
 *   headless_client ADDRESS PORT LINE brief      a third connects without waiting, and ends; the
 *                                                second does the rest
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct sockaddr_in address = { .sin_family = AF_INET };
static const char *line;
static int brief;
static int fd;

static void fail(const char *call, int error)
{
	printf("%s: %s (%d)\n", call, strerror(error), error);
	exit(1);
}

/* A main thread that has ended stays as a zombie while others live. */
static void await_main_thread(void)
{
	char path[64], stat[512];
	const char *state;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", getpid());
	for (;;) {
		file = fopen(path, "r");
		if (!file || !fgets(stat, sizeof(stat), file))
			fail(path, errno);
		fclose(file);
		state = strrchr(stat, ')');
		if (state && state[2] == 'Z')
			return;
		usleep(1000);
	}
}

static void *begin_to_connect(void *unused)
{
	if (fcntl(fd, F_SETFL, O_NONBLOCK) ||
	    !connect(fd, (struct sockaddr *)&address, sizeof(address)) || errno != EINPROGRESS)
		fail("connect without waiting", errno);
	return unused;
}

static void connect_briefly(void)
{
	struct pollfd ready = { .fd = fd, .events = POLLOUT };
	socklen_t len = sizeof(int);
	pthread_t thread;
	int error;

	error = pthread_create(&thread, NULL, begin_to_connect, NULL);
	if (error || (error = pthread_join(thread, NULL)))
		fail("pthread", error);
	if (poll(&ready, 1, -1) != 1 || getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len))
		fail("poll", errno);
	if (error)
		fail("connect", error);
	if (fcntl(fd, F_SETFL, 0))
		fail("fcntl", errno);
}

static void *live(void *unused)
{
	char reply[512];
	ssize_t n;

	await_main_thread();
	if (!line)
		pause();
	fd = socket(AF_INET, SOCK_STREAM, 0);
	if (fd < 0)
		fail("socket", errno);
	if (brief)
		connect_briefly();
	else if (connect(fd, (struct sockaddr *)&address, sizeof(address)))
		fail("connect", errno);
	n = snprintf(reply, sizeof(reply), "%s\n", line);
	if (write(fd, reply, (size_t)n) != n)
		fail("write", errno);
	while ((n = read(fd, reply, sizeof(reply))) > 0) {
		fwrite(reply, 1, (size_t)n, stdout);
		if (reply[n - 1] == '\n')
			exit(0);
	}
	fail("read", n ? errno : 0);
	return unused;
}

int main(int argc, char **argv)
{
	pthread_t thread;
	int error;

	if (argc != 1 && (argc < 4 || inet_pton(AF_INET, argv[1], &address.sin_addr) != 1)) {
		fprintf(stderr, "usage: headless_client [ADDRESS PORT LINE [brief]]\n");
		return 2;
	}
	if (argc > 1) {
		address.sin_port = htons((unsigned short)atoi(argv[2]));
		line = argv[3];
		brief = argc > 4;
	}
	error = pthread_create(&thread, NULL, live, NULL);
	if (error)
		fail("pthread_create", error);
	pthread_exit(NULL);
}
