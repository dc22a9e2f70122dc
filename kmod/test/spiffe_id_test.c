// SPDX-License-Identifier: GPL-2.0
/* The vectors that the TypeScript parser is held to as well. */
#include "core/x509/x509.h"
#include "test.h"

#include <stdio.h>
#include <stdlib.h>

#define VECTORS "../../contract/vectors/spiffe-ids.txt"

/* Each line: ok or bad, the ID in hexadecimal, and what it is or what is wrong with it. */
static void trust_domains(void)
{
	static const char *const bad[] = { "", "/", "a/b", "a/", "Demo.test", "a b", "a:1", "a@b" };
	char name[257];

	CHECK(signet_trust_domain_valid("demo.test") && signet_trust_domain_valid("a-b_c.0"), "names");
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		CHECK(!signet_trust_domain_valid(bad[i]), "'%s'", bad[i]);
	memset(name, 'a', sizeof(name));
	name[255] = '\0';
	CHECK(signet_trust_domain_valid(name), "255 bytes");
	name[255] = 'a';
	name[256] = '\0';
	CHECK(!signet_trust_domain_valid(name), "256 bytes");
}

int main(void)
{
	static char line[16384];
	FILE *file = fopen(VECTORS, "r");
	size_t count = 0;

	CHECK(file, VECTORS " can't be opened");
	while (file && fgets(line, sizeof(line), file)) {
		char *verdict = line, *hex, *kind, *end;
		size_t len, path = 0;
		u8 *id;
		bool ok;

		if (line[0] == '#' || line[0] == '\n')
			continue;
		hex = strchr(verdict, '\t');
		kind = hex ? strchr(hex + 1, '\t') : NULL;
		if (!CHECK(kind, "line %zu has no three columns", count))
			continue;
		*hex++ = '\0';
		*kind++ = '\0';
		end = strchr(kind, '\n');
		if (end)
			*end = '\0';
		id = malloc(strlen(hex) / 2 + 1);
		len = test_hex(hex, id, strlen(hex) / 2 + 1);
		ok = signet_spiffe_id_valid((const char *)id, len, &path);
		CHECK(ok == !strcmp(verdict, "ok"), "%.*s: %s", (int)len, id, kind);
		if (ok) {
			CHECK((path == len) == !strcmp(kind, "trust-domain"), "%.*s: %s", (int)len,
			      id, kind);
			CHECK(signet_spiffe_id_reserved((const char *)id, len, path) ==
			      !strcmp(kind, "reserved"), "%.*s: %s", (int)len, id, kind);
		}
		free(id);
		count++;
	}
	if (file)
		fclose(file);
	CHECK(count >= 100, "only %zu vectors", count);
	trust_domains();
	return test_end("spiffe_id");
}
