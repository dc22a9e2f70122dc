// SPDX-License-Identifier: GPL-2.0
/* Records as they come from a socket: one byte for the role, then headers and bodies. */
#include "random.h"
#include "test/platform_user.h"
#include "test/tls_fixture.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const u8 *data, size_t len)
{
	struct fixture fixture;
	struct signet_tls *tls;
	size_t live;

	if (!len)
		return 0;
	fuzz_random_reset();
	fixture_pki();
	live = signet_allocations_live();
	fixture_init(&fixture);
	if (!fixture_start(&fixture))
		abort();
	tls = data[0] & 1 ? fixture.wire.client : fixture.wire.server;
	data++;
	len--;
	while (len >= SIGNET_TLS_HEADER_SIZE &&
	       signet_tls_state(tls) == SIGNET_TLS_NEED_RECORD) {
		int body = signet_tls_record_length(tls, data);
		size_t size = SIGNET_TLS_HEADER_SIZE + (body < 0 ? 0 : body);
		u8 *record;

		if (size > len)
			break;
		record = malloc(size);
		memcpy(record, data, size);
		signet_tls_input(tls, record, size);
		if (body < 0 && signet_tls_state(tls) != SIGNET_TLS_FAILED)
			abort();
		free(record);
		data += size;
		len -= size;
	}
	fixture_free(&fixture);
	if (signet_allocations_live() != live)
		abort();
	return 0;
}
