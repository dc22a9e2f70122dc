// SPDX-License-Identifier: Apache-2.0
/* MSG_ZEROCOPY without SO_ZEROCOPY is an ordinary send(), of which no notice comes. */
#define _GNU_SOURCE
#include "behaviour.h"

BEHAVIOUR(zerocopy)

static void server(int listener)
{
	echo(take(listener));
}

static void client(void)
{
	struct msghdr notice = { 0 };
	int fd = dial();
	char bytes[5];

	say("send(MSG_ZEROCOPY): %s", result(must(send(fd, "hello", 5, MSG_ZEROCOPY), "send")));
	read_all(fd, bytes, sizeof(bytes));
	say("what comes back: %.5s", bytes);
	say("recvmsg(MSG_ERRQUEUE): %s", result(recvmsg(fd, &notice, MSG_ERRQUEUE | MSG_DONTWAIT)));
}
