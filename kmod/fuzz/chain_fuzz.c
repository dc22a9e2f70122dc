// SPDX-License-Identifier: GPL-2.0
/*
 * Up to four certificates, each after two bytes of length, checked against a root that is the last
 * of them: whoever is trusted may say anything, and nobody signed any of it.
 */
#include "core/x509/x509.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct signet_bytes chain[SIGNET_CHAIN_MAX + 1];
	struct signet_certificate root, leaf;
	struct signet_anchors anchors = { "demo.test", &root, 1 };
	size_t count = 0;

	while (size >= 2 && count < SIGNET_CHAIN_MAX + 1) {
		size_t len = (size_t)data[0] << 8 | data[1];

		if (len > size - 2)
			len = size - 2;
		chain[count].data = data + 2;
		chain[count++].len = len;
		data += 2 + len;
		size -= 2 + len;
	}
	if (!count || signet_certificate_parse(&root, chain[count - 1].data, chain[count - 1].len))
		return 0;
	/* The root is its own issuer at most: a leaf of one certificate is never an SVID and a CA. */
	signet_chain_check(chain, count, &anchors, 1800000000, &leaf);
	if (count > 1)
		signet_chain_check(chain, count - 1, &anchors, 1800000000, &leaf);
	return 0;
}
