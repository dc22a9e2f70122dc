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

/* Length of the trust domain that @name begins with, up to a slash or its end; 0 for none. */
static size_t trust_domain(const char *name, size_t len)
{
	size_t at;

	for (at = 0; at < len && name[at] != '/'; at++)
		if (at == TRUST_DOMAIN_MAX ||
		    (!lower_or_digit(name[at]) && !punctuation(name[at])))
			return 0;
	return at;
}

bool signet_trust_domain_valid(const char *name)
{
	size_t len = strlen(name);

	return len && trust_domain(name, len) == len;
}

bool signet_spiffe_id_valid(const char *id, size_t len, size_t *path)
{
	size_t start = sizeof(scheme) - 1, at;

	if (len > SIGNET_SPIFFE_ID_MAX || len <= start || memcmp(id, scheme, start))
		return false;
	at = start + trust_domain(id + start, len - start);
	if (at == start || !path_valid(id + at, len - at))
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
