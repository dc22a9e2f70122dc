// SPDX-License-Identifier: Apache-2.0
/*
 * A program whose sockets are in a BPF sockmap, as those of service meshes are. Root's.
 *
 *   sockmap_user serve ADDRESS PORT
 *       listens, its listener in a sockmap; prints "ready", and says hello to everyone who connects
 *   sockmap_user connect OUTSIDE PORT INSIDE PORT
 *       connects to the first address, goes into a sockmap, dissolves that and connects to the second
 *   sockmap_user listen OUTSIDE PORT INSIDE PORT
 *       likewise, but serves at the second
 *   sockmap_user shut ADDRESS PORT INSIDE PORT
 *       listens from a sockmap at the first, shuts that down and connects to the second
 *   sockmap_user during ADDRESS PORT
 *       goes into a sockmap when TCP is connected, whatever else connect() waits for
 *   sockmap_user ktls
 *       asks for kTLS on a socket that is in a sockmap, then on one that isn't; prints "ready"; when
 *       its standard input ends it calls accept() on that
 *
 * Prints the call that failed and how, and exits 1.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/bpf.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static void die(const char *call)
{
	printf("%s: %s\n", call, strerror(errno));
	exit(1);
}

static void check(const char *call, int result)
{
	if (result < 0)
		die(call);
}

static union address parse(const char *text, const char *port)
{
	union address address = { .v4 = { .sin_family = AF_INET, .sin_port = htons(atoi(port)) } };

	if (inet_pton(AF_INET, text, &address.v4.sin_addr) == 1)
		return address;
	address.v6.sin6_family = AF_INET6;
	if (inet_pton(AF_INET6, text, &address.v6.sin6_addr) != 1)
		die(text);
	return address;
}

/* The map stays as long as this process. */
static void put_into_a_sockmap(int fd)
{
	union bpf_attr attr = { .map_type = BPF_MAP_TYPE_SOCKMAP, .key_size = sizeof(int),
				.value_size = sizeof(int), .max_entries = 1 };
	int key = 0, map;

	map = syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof(attr));
	check("new sockmap", map);
	memset(&attr, 0, sizeof(attr));
	attr.map_fd = map;
	attr.key = (unsigned long)&key;
	attr.value = (unsigned long)&fd;
	check("sockmap", syscall(SYS_bpf, BPF_MAP_UPDATE_ELEM, &attr, sizeof(attr)));
}

static int tcp_socket(const union address *of, int flags)
{
	int fd = socket(of->any.sa_family, SOCK_STREAM | flags, 0);

	check("socket", fd);
	return fd;
}

static void listen_at(int fd, const union address *address)
{
	int on = 1;

	check("SO_REUSEADDR", setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)));
	check("bind", bind(fd, &address->any, sizeof(*address)));
	check("listen", listen(fd, 8));
}

static void serve(int fd)
{
	int peer;

	puts("ready");
	for (;;) {
		peer = accept(fd, NULL, NULL);
		if (peer < 0) {
			printf("accept: %s\n", strerror(errno));
			continue;
		}
		if (write(peer, "hello\n", 6) < 0)
			printf("write: %s\n", strerror(errno));
		close(peer);
	}
}

static void serve_from_a_sockmap(int fd, const union address *address)
{
	listen_at(fd, address);
	put_into_a_sockmap(fd);
	serve(fd);
}

/* Was connected, is in a sockmap, and isn't connected any more */
static int mapped_and_dissolved(const union address *outside)
{
	struct sockaddr none = { .sa_family = AF_UNSPEC };
	int fd = tcp_socket(outside, 0);

	check("connect outside", connect(fd, &outside->any, sizeof(*outside)));
	put_into_a_sockmap(fd);
	check("dissolve", connect(fd, &none, sizeof(none)));
	return fd;
}

static int mapped_and_shut(const union address *address)
{
	int fd = tcp_socket(address, 0);

	listen_at(fd, address);
	put_into_a_sockmap(fd);
	check("shutdown", shutdown(fd, SHUT_RDWR));
	return fd;
}

static void during(const union address *address)
{
	int fd = tcp_socket(address, SOCK_NONBLOCK);
	struct tcp_info info = { 0 };
	socklen_t size = sizeof(info);

	if (!connect(fd, &address->any, sizeof(*address)) || errno != EINPROGRESS)
		die("connect");
	do {
		usleep(1000);
		check("TCP_INFO", getsockopt(fd, SOL_TCP, TCP_INFO, &info, &size));
	} while (info.tcpi_state != TCP_ESTABLISHED);
	put_into_a_sockmap(fd);
	puts("in a sockmap");
}

static void pair(int ends[2])
{
	union address address = { .v4 = { .sin_family = AF_INET } };
	socklen_t len = sizeof(address);
	int listener = tcp_socket(&address, 0);

	address.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	listen_at(listener, &address);
	check("getsockname", getsockname(listener, &address.any, &len));
	ends[0] = tcp_socket(&address, 0);
	check("connect", connect(ends[0], &address.any, sizeof(address.v4)));
	ends[1] = accept(listener, NULL, NULL);
	check("accept", ends[1]);
	close(listener);
}

static void ktls(void)
{
	int ends[2];
	char byte;

	pair(ends);
	put_into_a_sockmap(ends[0]);
	if (setsockopt(ends[0], SOL_TCP, TCP_ULP, "tls", 3))
		printf("kTLS in a sockmap: %s\n", strerror(errno));
	check("kTLS", setsockopt(ends[1], SOL_TCP, TCP_ULP, "tls", 3));
	puts("ready");
	if (read(0, &byte, 1))
		die("read");
	check("accept", accept(ends[1], NULL, NULL));
}

static int usage(void)
{
	fputs("usage: sockmap_user serve|connect|listen|shut|during|ktls ADDRESS PORT …\n", stderr);
	return 2;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	union address first, second;
	int fd;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (!strcmp(what, "ktls")) {
		ktls();
		return 0;
	}
	if (argc < 4)
		return usage();
	first = parse(argv[2], argv[3]);
	if (!strcmp(what, "serve"))
		serve_from_a_sockmap(tcp_socket(&first, 0), &first);
	if (!strcmp(what, "during")) {
		during(&first);
		return 0;
	}
	if (argc < 6)
		return usage();
	second = parse(argv[4], argv[5]);
	fd = strcmp(what, "shut") ? mapped_and_dissolved(&first) : mapped_and_shut(&first);
	if (!strcmp(what, "listen"))
		serve_from_a_sockmap(fd, &second);
	check("connect inside", connect(fd, &second.any, sizeof(second)));
	puts("connected");
	return 0;
}
