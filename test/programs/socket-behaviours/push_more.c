// SPDX-License-Identifier: Apache-2.0
/* Setting TCP_NODELAY, or taking TCP_CORK away, sends what MSG_MORE holds back. */
#include "behaviour.h"

#include <linux/tcp.h>

#include "pushed.h"

BEHAVIOUR(push_more)

static void server(int listener)
{
	echo(take(listener));
}

static void client(void)
{
	int fd = dial();

	say("no TCP_CORK after send(MSG_MORE): %s", pushed(fd, MSG_MORE, TCP_CORK, 0));
	say("TCP_NODELAY after send(MSG_MORE): %s", pushed(fd, MSG_MORE, TCP_NODELAY, 1));
}
