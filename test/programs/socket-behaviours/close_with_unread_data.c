// SPDX-License-Identifier: Apache-2.0
/* Who closes a socket without having read all resets the connection. */
#include "behaviour.h"

BEHAVIOUR(close_with_unread_data)

static void server(int listener)
{
	char byte;

	for (int i = 0; i < 3; i++) {
		int fd = take(listener);

		must(write(fd, "hello", 5), "write");
		say("the client closes after %d bytes of 5: %s", i == 2 ? 5 : 3 * i,
		    result(read(fd, &byte, 1)));
		close(fd);
	}
	for (int i = 0; i < 2; i++) {
		int fd = take(listener);
		char bytes[3];

		comes(fd, POLLIN);
		if (i)
			read_all(fd, bytes, sizeof(bytes));
		close(fd);
	}
}

static void client(void)
{
	char bytes[5];

	for (size_t i = 0; i < 3; i++) {
		int fd = dial();

		comes(fd, POLLIN);
		read_all(fd, bytes, i == 2 ? 5 : 3 * i);
		close(fd);
	}
	for (int i = 0; i < 2; i++) {
		int fd = dial();

		must(write(fd, "hello", 5), "write");
		say("the server closes after %d bytes of 5: %s", 3 * i,
		    result(read(fd, bytes, 1)));
		close(fd);
	}
}
