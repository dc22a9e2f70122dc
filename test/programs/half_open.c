// SPDX-License-Identifier: Apache-2.0
/*
 * A peer that means harm: opens many connections to a server, and finishes the handshake on none.
 *
 *   half_open ADDRESS PORT COUNT SECONDS HELLO SOURCE...
 *
 * HELLO is the file of a ClientHello, with its record's header. Says "begun". The connections come
 * from the SOURCE addresses in turn, as quick as TCP connects them, and each does, in turn, one of the
 * things below. Ends when the server has ended all of them, and no later than after SECONDS. Then
 * prints a line for each kind:
 *
 *   KIND N ended, N left, N plaintext
 *
 * and with "plaintext" those on which the server said something that isn't TLS records.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define EVENTS 1024
#define TICK_MS 100
#define DRIBBLES 75 /* connections that say a byte in a tick, in turn */
#define CONNECTING_MAX 256 /* it is no flood of SYNs, which would be TCP's to bear */
#define HEADER_SIZE 5
#define HELLO_MAX 4096

enum kind {
	SILENT, /* says nothing */
	DRIBBLING, /* a byte of the ClientHello at a time */
	GARBAGE, /* anything, with line ends */
	MUTATED, /* a ClientHello with some bytes changed, and garbage behind it */
	UNFINISHED, /* a ClientHello, then nothing */
	UNSURE, /* a ClientHello, and garbage instead of the Finished */
	HALF_CLOSED, /* half a ClientHello, then FIN */
	RESET, /* half a ClientHello, then a reset, now or later */
	KINDS
};

static const char *const names[KINDS] = {
	[SILENT] = "silent",	     [DRIBBLING] = "dribbling",	  [GARBAGE] = "garbage",
	[MUTATED] = "mutated",	     [UNFINISHED] = "unfinished", [UNSURE] = "unsure",
	[HALF_CLOSED] = "half-closed", [RESET] = "reset",
};

struct connection {
	int fd; /* -1 when it is over */
	enum kind kind;
	bool connected;
	bool answered; /* the server said something */
	bool plaintext; /* ... that isn't TLS */
	unsigned int reset_at; /* tick */
	size_t said; /* bytes of the ClientHello */
	unsigned char header[HEADER_SIZE]; /* of the server's record */
	size_t have; /* bytes of that */
	size_t rest; /* bytes that the record still has */
};

static struct sockaddr_in server;
static struct sockaddr_in *sources;
static unsigned char hello[HELLO_MAX];
static size_t hello_size;
static unsigned int source_count, count, seconds, tick, open_count, connecting_count;
static struct connection *connections;
static int epfd;

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void over(struct connection *connection)
{
	close(connection->fd);
	connection->fd = -1;
	open_count--;
	connecting_count -= !connection->connected;
}

static void say(struct connection *connection, const void *data, size_t size)
{
	/* What the server has ended meanwhile is seen when it is read. */
	send(connection->fd, data, size, MSG_NOSIGNAL);
}

static void say_hello(struct connection *connection, size_t size)
{
	say(connection, hello + connection->said, size - connection->said);
	connection->said = size;
}

/* If it reached a program as a line, that would answer. */
static void say_garbage(struct connection *connection)
{
	unsigned char data[600];
	size_t size = 1 + (size_t)random() % sizeof(data);

	for (size_t i = 0; i < size; i++)
		data[i] = random() % 8 ? (unsigned char)random() : '\n';
	say(connection, data, size);
}

static void say_mutated(struct connection *connection)
{
	unsigned char data[HELLO_MAX];

	memcpy(data, hello, hello_size);
	for (int i = 0; i < 1 + random() % 4; i++)
		data[(size_t)random() % hello_size] = (unsigned char)random();
	say(connection, data, hello_size);
	say_garbage(connection);
}

static void reset(struct connection *connection)
{
	const struct linger at_once = { .l_onoff = 1 };

	setsockopt(connection->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	over(connection);
}

static void begin(struct connection *connection, unsigned int index)
{
	const struct sockaddr_in *source = &sources[index / KINDS % source_count];
	struct epoll_event event = { .events = EPOLLIN | EPOLLOUT | EPOLLET,
				     .data.ptr = connection };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), one = 1;

	if (fd < 0)
		fail("socket");
	setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof(one));
	if (bind(fd, (const struct sockaddr *)source, sizeof(*source)))
		fail("bind");
	if (connect(fd, (struct sockaddr *)&server, sizeof(server)) && errno != EINPROGRESS)
		fail("connect");
	connection->fd = fd;
	connection->kind = index % KINDS;
	open_count++;
	connecting_count++;
	if (epoll_ctl(epfd, EPOLL_CTL_ADD, fd, &event))
		fail("epoll_ctl");
}

/* TCP is connected: what comes first. */
static void connected(struct connection *connection)
{
	connection->connected = true;
	connecting_count--;
	switch (connection->kind) {
	case GARBAGE:
		say_garbage(connection);
		break;
	case MUTATED:
		say_mutated(connection);
		break;
	case UNFINISHED:
	case UNSURE:
		say_hello(connection, hello_size);
		break;
	case HALF_CLOSED:
		say_hello(connection, hello_size / 2);
		shutdown(connection->fd, SHUT_WR);
		break;
	case RESET:
		say_hello(connection, hello_size / 2);
		connection->reset_at = tick + (unsigned int)random() % 30;
		break;
	default:
		break;
	}
}

/* Is it TLS? Only its records are looked at: their types, and where each ends. */
static void check(struct connection *connection, const unsigned char *data, size_t size)
{
	const unsigned char *header = connection->header;

	while (size && !connection->plaintext) {
		if (connection->rest) {
			size_t part = size < connection->rest ? size : connection->rest;

			connection->rest -= part;
			data += part;
			size -= part;
			continue;
		}
		connection->header[connection->have++] = *data++;
		size--;
		if (connection->have < HEADER_SIZE)
			continue;
		connection->have = 0;
		connection->rest = (size_t)header[3] << 8 | header[4];
		connection->plaintext = header[0] < 20 || header[0] > 23 || header[1] != 3;
	}
}

static void hear(struct connection *connection)
{
	unsigned char data[4096];
	ssize_t n;

	while ((n = read(connection->fd, data, sizeof(data))) > 0) {
		check(connection, data, (size_t)n);
		if (connection->kind == UNSURE && !connection->answered)
			say_garbage(connection);
		connection->answered = true;
	}
	if (n == 0 || (errno != EAGAIN && errno != EINTR))
		over(connection);
}

static void look(int milliseconds)
{
	struct epoll_event ready[EVENTS];
	int n = epoll_wait(epfd, ready, EVENTS, milliseconds);

	for (int i = 0; i < n; i++) {
		struct connection *connection = ready[i].data.ptr;

		if (connection->fd < 0)
			continue;
		if (!connection->connected && ready[i].events & EPOLLOUT)
			connected(connection);
		if (connection->connected || ready[i].events & (EPOLLERR | EPOLLHUP))
			hear(connection);
	}
}

static void next_tick(void)
{
	unsigned int dribblers = (count + KINDS - 1 - DRIBBLING) / KINDS;
	unsigned int turns = (dribblers + DRIBBLES - 1) / DRIBBLES;

	tick++;
	for (unsigned int i = 0; i < count; i++) {
		struct connection *connection = &connections[i];

		if (!connection->connected || connection->fd < 0)
			continue;
		if (connection->kind == DRIBBLING && connection->said < hello_size &&
		    i / KINDS % turns == tick % turns)
			say_hello(connection, connection->said + 1);
		else if (connection->kind == RESET && tick >= connection->reset_at)
			reset(connection);
	}
}

static void report(void)
{
	for (int kind = 0; kind < KINDS; kind++) {
		unsigned int ended = 0, left = 0, plaintext = 0;

		for (unsigned int i = 0; i < count; i++) {
			if (connections[i].kind != (enum kind)kind)
				continue;
			ended += connections[i].fd < 0;
			left += connections[i].fd >= 0;
			plaintext += connections[i].plaintext;
		}
		printf("%s %u ended, %u left, %u plaintext\n", names[kind], ended, left, plaintext);
	}
}

static bool parse_address(struct sockaddr_in *name, const char *address)
{
	name->sin_family = AF_INET;
	return inet_pton(AF_INET, address, &name->sin_addr) == 1;
}

static bool read_hello(const char *path)
{
	int fd = open(path, O_RDONLY);
	ssize_t n = read(fd, hello, sizeof(hello));

	close(fd);
	hello_size = n > 0 ? (size_t)n : 0;
	return hello_size > HEADER_SIZE;
}

static bool parse(int argc, char **argv)
{
	if (argc < 7 || !parse_address(&server, argv[1]) || !read_hello(argv[5]))
		return false;
	server.sin_port = htons((unsigned short)atoi(argv[2]));
	count = (unsigned int)atoi(argv[3]);
	seconds = (unsigned int)atoi(argv[4]);
	source_count = (unsigned int)argc - 6;
	sources = calloc(source_count, sizeof(*sources));
	connections = calloc(count, sizeof(*connections));
	for (unsigned int i = 0; i < source_count; i++)
		if (!sources || !parse_address(&sources[i], argv[6 + i]))
			return false;
	return connections && seconds > 0;
}

int main(int argc, char **argv)
{
	unsigned int begun = 0;
	double end, next;

	if (!parse(argc, argv)) {
		fprintf(stderr,
			"usage: half_open ADDRESS PORT COUNT SECONDS HELLO SOURCE...\n");
		return 2;
	}
	epfd = epoll_create1(0);
	srandom(count);
	end = now() + seconds;
	next = now();
	puts("begun");
	fflush(stdout);
	while ((begun < count || open_count) && now() < end) {
		for (; begun < count && connecting_count < CONNECTING_MAX; begun++)
			begin(&connections[begun], begun);
		if (now() >= next) {
			next_tick();
			next = now() + TICK_MS / 1000.0;
		}
		look(TICK_MS);
	}
	report();
	return 0;
}
