// SPDX-License-Identifier: Apache-2.0
/*
 * A program with an identity that tries to get its own text past the handshake. Each way is tried
 * with many delays, so that the calls fall into each step of the module's. To a server that would
 * take anything: what reaches it in plaintext is what a hostile program could smuggle.
 *
 *   trespasser ADDRESS PORT OUTSIDE TEXT       OUTSIDE: an address that is not protected
 *
 * Prints "N tries, N successful writes" and exits 0; whether text got through, the wire tells.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define TRIES 60
#define STEP_US 150

static struct sockaddr_in inside, outside;
static const char *text;
static atomic_int shared, sent;
static atomic_bool over;

static void after(int microseconds)
{
	struct timespec pause = { 0, microseconds * 1000L };

	nanosleep(&pause, NULL);
}

static int begin(const struct sockaddr_in *to)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (to)
		connect(fd, (const struct sockaddr *)to, sizeof(*to));
	return fd;
}

static void fast_open(int fd, const struct sockaddr_in *to)
{
	if (sendto(fd, text, strlen(text), MSG_FASTOPEN | MSG_NOSIGNAL | MSG_DONTWAIT,
		   (const struct sockaddr *)to, sizeof(*to)) > 0)
		atomic_fetch_add(&sent, 1);
}

static void write_text(int fd, int flags)
{
	if (send(fd, text, strlen(text), MSG_NOSIGNAL | flags) > 0)
		atomic_fetch_add(&sent, 1);
}

static void push(int fd)
{
	char byte;
	int i;

	for (i = 0; i < 3; i++) {
		write_text(fd, MSG_DONTWAIT);
		recv(fd, &byte, 1, MSG_DONTWAIT);
		after(300);
	}
}

/* Waits until TCP is connected, and not a moment longer. */
static void until_connected(int fd)
{
	struct tcp_info info = { 0 };
	socklen_t size = sizeof(info);
	int i;

	for (i = 0; i < 20000 && info.tcpi_state != TCP_ESTABLISHED; i++)
		if (getsockopt(fd, SOL_TCP, TCP_INFO, &info, &size))
			break;
}

/* shutdown() before there is a handshake, then a way to take the module's operations away */
static void by_shutdown(int delay)
{
	int fd = begin(&inside);

	until_connected(fd);
	after(delay / 40);
	shutdown(fd, SHUT_RD);
	fast_open(fd, &outside);
	push(fd);
	close(fd);
}

static void by_dissolving(int delay)
{
	struct sockaddr none = { .sa_family = AF_UNSPEC };
	int fd = begin(&inside);

	after(delay);
	connect(fd, &none, sizeof(none));
	connect(fd, (struct sockaddr *)&inside, sizeof(inside));
	after(delay);
	fast_open(fd, &outside);
	push(fd);
	close(fd);
}

static void by_going_outside_first(int delay)
{
	int fd = begin(&outside);

	after(delay + 1000);
	connect(fd, (struct sockaddr *)&outside, sizeof(outside)); /* it was refused */
	connect(fd, (struct sockaddr *)&inside, sizeof(inside));
	after(delay);
	push(fd);
	close(fd);
}

static void *write_always(void *unused)
{
	(void)unused;
	while (!atomic_load(&over)) {
		int fd = atomic_load(&shared);

		if (fd >= 0)
			write_text(fd, 0);
	}
	return NULL;
}

/* A thread that writes to the same socket all the time, while that was outside and goes inside */
static void by_another_thread(int delay)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct timeval limit = { 0, 50000 };

	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	atomic_store(&shared, fd);
	connect(fd, (struct sockaddr *)&outside, sizeof(outside)); /* refused: nobody listens */
	after(delay);
	connect(fd, (struct sockaddr *)&inside, sizeof(inside));
	after(3000);
	atomic_store(&shared, -1);
	close(fd);
}

static void by_options(int delay)
{
	char key[128];
	socklen_t size = sizeof(key);
	int fd = begin(&inside), on = 1;

	after(delay);
	setsockopt(fd, SOL_TCP, TCP_REPAIR, &on, sizeof(on));
	setsockopt(fd, SOL_TCP, TCP_ULP, "tls", 3);
	shutdown(fd, SHUT_RD);
	if (!getsockopt(fd, 282 /* SOL_TLS */, 1 /* TLS_TX */, key, &size))
		puts("a traffic key was given away");
	push(fd);
	close(fd);
}

int main(int argc, char **argv)
{
	static void (*const ways[])(int) = { by_shutdown, by_dissolving, by_going_outside_first,
					     by_another_thread, by_options };
	unsigned int way, tries = 0;
	pthread_t writer;
	int i, fd;

	if (argc != 5 || inet_pton(AF_INET, argv[1], &inside.sin_addr) != 1 ||
	    inet_pton(AF_INET, argv[3], &outside.sin_addr) != 1) {
		fprintf(stderr, "usage: trespasser ADDRESS PORT OUTSIDE TEXT\n");
		return 2;
	}
	inside.sin_family = outside.sin_family = AF_INET;
	inside.sin_port = htons((unsigned short)atoi(argv[2]));
	outside.sin_port = htons(9);
	text = argv[4];
	/* From here on who we are is known: connections begin at once. */
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	connect(fd, (struct sockaddr *)&inside, sizeof(inside));
	close(fd);
	atomic_store(&shared, -1);
	if (pthread_create(&writer, NULL, write_always, NULL))
		return 1;
	for (way = 0; way < sizeof(ways) / sizeof(ways[0]); way++)
		for (i = 0; i < TRIES; i++, tries++)
			ways[way](i * STEP_US);
	atomic_store(&over, true);
	pthread_join(writer, NULL);
	printf("%u tries, %d successful writes\n", tries, atomic_load(&sent));
	return 0;
}
