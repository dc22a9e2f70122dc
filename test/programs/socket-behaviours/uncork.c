// SPDX-License-Identifier: Apache-2.0
/* TCP_CORK, taken away, sends what it holds back. */
#include "behaviour.h"

#include <linux/tcp.h>

#include "pushed.h"

BEHAVIOUR(uncork)

static void server(int listener)
{
	echo(take(listener));
}

static void client(void)
{
	say("no TCP_CORK after send(): %s", pushed(dial(), 0, TCP_CORK, 0));
}
