// SPDX-License-Identifier: GPL-2.0
/* Any bytes as a certificate: nothing but a fault, and what is parsed lies within the input. */
#include "core/x509/x509.h"

#include <stdlib.h>

static void inside(struct signet_bytes part, const u8 *data, size_t size)
{
	if (part.len && (part.data < data || part.data + part.len > data + size))
		abort();
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct signet_certificate cert;

	if (signet_certificate_parse(&cert, data, size))
		return 0;
	inside(cert.der, data, size);
	inside(cert.tbs, data, size);
	inside(cert.serial, data, size);
	inside(cert.issuer, data, size);
	inside(cert.subject, data, size);
	inside(cert.spki, data, size);
	inside(cert.signature, data, size);
	inside(cert.uri, data, size);
	inside(cert.name_constraints, data, size);
	inside((struct signet_bytes){ cert.key.data, cert.key.len }, data, size);
	if (cert.der.len != size)
		abort();
	return 0;
}
