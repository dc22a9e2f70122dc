// SPDX-License-Identifier: Apache-2.0
/*
 * A client that opens its second connection before it says on the first one what it is for: the
 * server accepts only then, as an FTP server does.
 */
#include "behaviour.h"

BEHAVIOUR(passive_ftp)

static void server(int listener)
{
	int control = take(listener), data;

	hear(control);
	data = take(listener);
	must(write(data, "hello", 5), "write");
	close(data);
	hear(control);
}

static void client(void)
{
	int control = dial(), data = dial();
	char bytes[6] = "";

	say("connected twice");
	tell(control);
	read_all(data, bytes, 5);
	say("the server says %s, then %s", bytes, result(read(data, bytes, 1)));
	tell(control);
}
