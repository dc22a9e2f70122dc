// SPDX-License-Identifier: Apache-2.0
/*
 *   socket-behaviours NAME server|client SERVER CLIENT PORT       SERVER, CLIENT: addresses
 *
 * The server says "ready" when it listens.
 */
#define _GNU_SOURCE
#include "behaviour.h"

#include <stdarg.h>

#define PATIENCE_MS 15000
/* What hangs ends by itself. */
#define LIFE_S 300

struct sockaddr_in server_address, client_address;

static struct behaviour *behaviours;

void behaviour_enlist(struct behaviour *behaviour)
{
	behaviour->next = behaviours;
	behaviours = behaviour;
}

void say(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	fflush(stdout);
}

const char *result(ssize_t value)
{
	static char texts[3][24];
	static unsigned int turn;
	char *text = texts[turn++ % 3];

	if (value < 0)
		return strerrorname_np(errno);
	snprintf(text, sizeof(texts[0]), "%zd", value);
	return text;
}

ssize_t must(ssize_t value, const char *call)
{
	if (value >= 0)
		return value;
	say("%s: %s", call, result(value));
	exit(1);
}

int dial(void)
{
	int fd = (int)must(socket(AF_INET, SOCK_STREAM, 0), "socket");

	must(connect(fd, (struct sockaddr *)&server_address, sizeof(server_address)), "connect");
	return fd;
}

int listen_at(const struct sockaddr_in *address)
{
	int fd = (int)must(socket(AF_INET, SOCK_STREAM, 0), "socket"), one = 1;

	must(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)), "SO_REUSEADDR");
	must(bind(fd, (const struct sockaddr *)address, sizeof(*address)), "bind");
	must(listen(fd, 512), "listen");
	return fd;
}

int take(int listener)
{
	return (int)must(accept(listener, NULL, NULL), "accept");
}

bool comes(int fd, short events)
{
	struct pollfd entry = { .fd = fd, .events = events };

	return must(poll(&entry, 1, PATIENCE_MS), "poll") == 1;
}

void tell(int fd)
{
	must(send(fd, "!", 1, MSG_NOSIGNAL), "send");
}

void hear(int fd)
{
	char byte;

	read_all(fd, &byte, 1);
}

void read_all(int fd, void *bytes, size_t size)
{
	char *at = bytes;
	ssize_t n;

	for (; size; at += n, size -= (size_t)n) {
		n = must(read(fd, at, size), "read");
		if (!n) {
			say("read: the end, %zu bytes too early", size);
			exit(1);
		}
	}
}

void echo(int fd)
{
	char bytes[4096];
	ssize_t n;

	while ((n = read(fd, bytes, sizeof(bytes))) > 0)
		must(send(fd, bytes, (size_t)n, MSG_NOSIGNAL), "send");
}

static bool address_of(struct sockaddr_in *address, const char *text, const char *port)
{
	address->sin_family = AF_INET;
	address->sin_port = htons((uint16_t)atoi(port));
	return inet_pton(AF_INET, text, &address->sin_addr) == 1;
}

int main(int argc, char **argv)
{
	struct behaviour *behaviour = behaviours;
	int listener;

	while (argc == 6 && behaviour && strcmp(behaviour->name, argv[1]))
		behaviour = behaviour->next;
	if (argc != 6 || !behaviour || !address_of(&server_address, argv[3], argv[5]) ||
	    !address_of(&client_address, argv[4], argv[5])) {
		fprintf(stderr,
			"usage: socket-behaviours NAME server|client SERVER CLIENT PORT\n");
		return 2;
	}
	alarm(LIFE_S);
	if (!strcmp(argv[2], "client")) {
		behaviour->client();
		return 0;
	}
	listener = listen_at(&server_address);
	say("ready");
	behaviour->server(listener);
	return 0;
}
