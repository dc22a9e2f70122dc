// SPDX-License-Identifier: GPL-2.0
/* SPIFFE IDs (SPIFFE-ID, 2), byte by byte. */
#include "core/x509/x509.h"

#define TRUST_DOMAIN_MAX 255

static const char scheme[] = "spiffe://";

static bool lower_or_digit(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool punctuation(char c)
{
	return c == '.' || c == '-' || c == '_';
}

/* Segments, each after its slash: not empty, not "." and not "..". */
static bool path_valid(const char *path, size_t len)
{
	size_t start, at = 0;

	while (at < len) {
		if (path[at++] != '/')
			return false;
		for (start = at; at < len && path[at] != '/'; at++)
			if (!lower_or_digit(path[at]) && !punctuation(path[at]) &&
			    !(path[at] >= 'A' && path[at] <= 'Z'))
				return false;
		if (at == start || (at == start + 1 && path[start] == '.') ||
		    (at == start + 2 && path[start] == '.' && path[start + 1] == '.'))
			return false;
	}
	return true;
}

bool signet_spiffe_id_valid(const char *id, size_t len, size_t *path)
{
	size_t start = sizeof(scheme) - 1, at;

	if (len > SIGNET_SPIFFE_ID_MAX || len <= start || memcmp(id, scheme, start))
		return false;
	for (at = start; at < len && id[at] != '/'; at++)
		if (!lower_or_digit(id[at]) && !punctuation(id[at]))
			return false;
	if (at == start || at - start > TRUST_DOMAIN_MAX || !path_valid(id + at, len - at))
		return false;
	*path = at;
	return true;
}

bool signet_spiffe_id_reserved(const char *id, size_t len, size_t path)
{
	static const char reserved[] = "/signet";
	size_t n = sizeof(reserved) - 1;

	return len - path >= n && !memcmp(id + path, reserved, n) &&
	       (len - path == n || id[path + n] == '/');
}
