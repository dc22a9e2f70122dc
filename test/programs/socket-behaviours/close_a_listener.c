// SPDX-License-Identifier: Apache-2.0
/* Connections that nobody has accepted when their listener is closed, or shut down, are reset. */
#include "behaviour.h"

BEHAVIOUR(close_a_listener)

static void server(int listener)
{
	int control = take(listener);

	hear(control);
	shutdown(listener, SHUT_RD);
	say("accept: %s", result(accept(listener, NULL, NULL)));
	must(listen(listener, 5), "listen");
	tell(control);
	hear(control);
	close(listener);
	hear(control);
}

static void client(void)
{
	static const char *const what[] = { "shut down", "closed" };
	int control = dial();
	char byte;

	for (int i = 0; i < 2; i++) {
		int fd = dial();

		tell(control);
		say("the listener is %s: %s", what[i], result(read(fd, &byte, 1)));
		if (!i)
			hear(control);
	}
	tell(control);
}
