// SPDX-License-Identifier: GPL-2.0
/* What passes for a SPIFFE ID has only the characters of one, and a trust domain. */
#include "core/x509/x509.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	size_t path;

	if (!signet_spiffe_id_valid((const char *)data, size, &path))
		return 0;
	if (size > SIGNET_SPIFFE_ID_MAX || path <= 9 || path > size || path > 9 + 255 ||
	    (path < size && data[path] != '/') || data[size - 1] == '/')
		abort();
	for (size_t i = 9; i < size; i++)
		if (data[i] <= ' ' || data[i] > 'z' || strchr("%?#:@,\\", data[i]))
			abort();
	signet_spiffe_id_reserved((const char *)data, size, path);
	return 0;
}
