// SPDX-License-Identifier: Apache-2.0
/* What a program has written arrives when its peer reads more than a minute later. */
#include "behaviour.h"

#include "slow_reader.h"

BEHAVIOUR(reader_after_a_minute)

static void server(int listener)
{
	write_and_end(listener);
}

static void client(void)
{
	read_after(70);
}
