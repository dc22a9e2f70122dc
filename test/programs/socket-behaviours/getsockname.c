// SPDX-License-Identifier: Apache-2.0
/* A connect() that goes on in the background has chosen address and port when it returns. */
#define _GNU_SOURCE
#include "behaviour.h"

BEHAVIOUR(getsockname)

static void server(int listener)
{
	for (int i = 0; i < 2; i++)
		hear(take(listener));
}

static void client(void)
{
	for (int i = 0; i < 2; i++) {
		int fd = (int)must(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), "socket");
		struct sockaddr_in first = { 0 }, last = { 0 };
		socklen_t size = sizeof(first);
		const char *connected;

		connected = result(connect(fd, (struct sockaddr *)&server_address,
					   sizeof(server_address)));
		must(getsockname(fd, (struct sockaddr *)&first, &size), "getsockname");
		say("connect() number %d: %s, the address is %s, the port is %s", i + 1, connected,
		    first.sin_addr.s_addr == client_address.sin_addr.s_addr ? "known" : "unknown",
		    first.sin_port ? "known" : "unknown");
		comes(fd, POLLOUT);
		must(getsockname(fd, (struct sockaddr *)&last, &size), "getsockname");
		say("when it is connected they are %s",
		    memcmp(&first, &last, sizeof(first)) ? "others" : "the same");
		tell(fd);
	}
}
