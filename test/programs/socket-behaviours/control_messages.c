// SPDX-License-Identifier: Apache-2.0
/* What sendmsg() says of control messages that mean nothing to TCP, and whether it still sends. */
#define _GNU_SOURCE
#include "behaviour.h"

#include <netinet/tcp.h>

BEHAVIOUR(control_messages)

static const struct {
	const char *name;
	int level, type;
	size_t size;
} messages[] = {
	{ "SOL_SOCKET 12345", SOL_SOCKET, 12345, sizeof(int) },
	{ "SO_MARK", SOL_SOCKET, SO_MARK, sizeof(int) },
	{ "SO_TIMESTAMPING", SOL_SOCKET, SO_TIMESTAMPING, sizeof(int) },
	{ "SO_TIMESTAMPING, too short", SOL_SOCKET, SO_TIMESTAMPING, 1 },
	{ "SCM_RIGHTS, none", SOL_SOCKET, SCM_RIGHTS, 0 },
	{ "SOL_IP 12345", SOL_IP, 12345, sizeof(int) },
	{ "SOL_TCP 12345", SOL_TCP, 12345, sizeof(int) },
};

static void server(int listener)
{
	echo(take(listener));
}

static void client(void)
{
	int fd = dial();

	for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
		_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))] = { 0 };
		struct iovec vec = { "hello", 5 };
		struct msghdr msg = { .msg_iov = &vec, .msg_iovlen = 1, .msg_control = control,
				      .msg_controllen = CMSG_SPACE(messages[i].size) };
		struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);
		ssize_t n;

		cmsg->cmsg_level = messages[i].level;
		cmsg->cmsg_type = messages[i].type;
		cmsg->cmsg_len = CMSG_LEN(messages[i].size);
		n = sendmsg(fd, &msg, 0);
		say("%s: %s", messages[i].name, result(n));
		if (n == 5)
			read_all(fd, control, 5);
	}
}
