// SPDX-License-Identifier: GPL-2.0
/*
 * A sound handshake in which the content of one record is replaced by the input, under the right
 * keys: so the fuzzer reaches every message of either side.
 *
 * Input: one byte (bit 0: to the client; the rest: how many records that side got before), the
 * content type, the content.
 */
#include "random.h"
#include "test/platform_user.h"
#include "test/tls_fixture.h"

#include <stdlib.h>

struct input {
	const u8 *data;
	size_t len;
	unsigned int seen;
};

static struct input input;

static void replace(struct wire *wire, struct wire_content *content)
{
	if ((content->to == wire->client) != (input.data[0] & 1) ||
	    input.seen++ != input.data[0] >> 1)
		return;
	content->type = input.data[1];
	content->len = input.len - 2;
	memcpy(content->data, input.data + 2, content->len);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t len)
{
	struct fixture fixture;
	size_t live;

	if (len < 2 || len - 2 > TLS_PLAINTEXT_MAX)
		return 0;
	fuzz_random_reset();
	fixture_pki();
	live = signet_allocations_live();
	input = (struct input){ data, len, 0 };
	fixture_init(&fixture);
	fixture.wire.edit = replace;
	if (!fixture_start(&fixture))
		abort();
	wire_run(&fixture.wire);
	fixture_free(&fixture);
	if (signet_allocations_live() != live)
		abort();
	return 0;
}
