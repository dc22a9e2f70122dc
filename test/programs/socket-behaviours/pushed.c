// SPDX-License-Identifier: Apache-2.0
#include "pushed.h"

#include <linux/tcp.h>

#include "behaviour.h"

#define TRIES 50

static uint64_t bytes_sent(int fd)
{
	struct tcp_info info = { 0 };
	socklen_t size = sizeof(info);

	must(getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size), "TCP_INFO");
	return info.tcpi_bytes_sent;
}

static void set(int fd, int option, int value)
{
	must(setsockopt(fd, IPPROTO_TCP, option, &value, sizeof(value)), "setsockopt");
}

const char *pushed(int fd, int flags, int option, int value)
{
	for (int i = 0; i < TRIES; i++) {
		uint64_t before, held, after;
		char bytes[8];

		set(fd, option, !value);
		before = bytes_sent(fd);
		must(send(fd, "held", 4, flags), "send");
		held = bytes_sent(fd);
		set(fd, option, value);
		after = bytes_sent(fd);
		if (held == before && after == before) {
			must(write(fd, "next", 4), "write");
			read_all(fd, bytes, 8);
			return "it stays";
		}
		read_all(fd, bytes, 4);
		if (held == before)
			return "it leaves at once";
	}
	return "it is never held back";
}
