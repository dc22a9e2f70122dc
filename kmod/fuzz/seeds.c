// SPDX-License-Identifier: GPL-2.0
/*
 * Usage: seeds DIRECTORY
 * Writes the corpus to start from, out of real handshakes: DIRECTORY/tls_message_fuzz has the
 * content of every record, DIRECTORY/tls_input_fuzz the first flight to each side. The others have
 * certificates, chains, SPIFFE IDs and the steps to a policy.
 */
#include "random.h"
#include "test/certificate_fixture.h"
#include "test/tls_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static const char *directory;
static unsigned int written;
static unsigned int seen[2];

static void write_seed(const char *fuzzer, const u8 *head, size_t head_len, const u8 *data,
		       size_t len)
{
	char path[512];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", directory, fuzzer);
	mkdir(path, 0755);
	snprintf(path, sizeof(path), "%s/%s/%02u", directory, fuzzer, written++);
	file = fopen(path, "w");
	if (!file || fwrite(head, 1, head_len, file) != head_len ||
	    fwrite(data, 1, len, file) != len || fclose(file)) {
		perror(path);
		exit(1);
	}
}

static void keep(struct wire *wire, struct wire_content *content)
{
	bool to_client = content->to == wire->client;
	u8 head[] = { seen[to_client]++ << 1 | to_client, content->type };
	u8 raw[] = { to_client, content->type, 3, 3, content->len >> 8, content->len };

	write_seed("tls_message_fuzz", head, sizeof(head), content->data, content->len);
	if (!content->to->rx.on)
		write_seed("tls_input_fuzz", raw, sizeof(raw), content->data, content->len);
}

/* A chain for each kind of root, its certificates, and the leaf's SPIFFE ID. */
static void keep_certificates(void)
{
	static const char *const keys[] = { "P-256", "P-384", "RSA-2048" };
	struct certificate_order root = root_order, issuer = issuer_order;
	struct test_certificate *made[3];
	u8 chain[3 * 1536], *at;
	unsigned int i, j;

	fuzz_random_reset();
	issuer.name_constraints = "critical,permitted;URI:demo.test,permitted;DNS:demo.test";
	for (i = 0; i < ARRAY_SIZE(keys); i++) {
		root.key = keys[i];
		made[2] = certificate_make(&root, NULL);
		made[1] = certificate_make(&issuer, made[2]);
		made[0] = certificate_make(&leaf_order, made[1]);
		for (j = 0, at = chain; j < 3; j++) {
			struct signet_bytes der = certificate_der(made[j]);

			*at++ = der.len >> 8;
			*at++ = (u8)der.len;
			memcpy(at, der.data, der.len);
			write_seed("certificate_fuzz", at, 0, at, der.len);
			at += der.len;
			certificate_free(made[j]);
		}
		write_seed("chain_fuzz", chain, 0, chain, at - chain);
	}
	at = (u8 *)"spiffe://demo.test/demo/web";
	write_seed("spiffe_id_fuzz", at, 0, at, strlen((char *)at));
}

/*
 * A root, a network, a rule of two parts and a destination, as draft_fuzz.c reads them; then that
 * rule is removed, and another one added.
 */
static void keep_policy(void)
{
	static const u8 steps[] = { 0, 0, 1, 0,	 8,  4, 0, 5,  1, 6, 1, 0x86, 5, 3, 7, 8, 9, 0,
				    24, 10, 0, 11, 12, 0x85, 4, 0, 5, 1, 6, 1, 5, 3, 7, 3,
				    4, 1, 5, 0, 7 };

	write_seed("draft_fuzz", steps, 0, steps, sizeof(steps));
}

int main(int argc, char **argv)
{
	struct signet_tls_parameters retry = {
		.ciphers = { SIGNET_CHACHA20_POLY1305_SHA256 },
		.cipher_count = 1,
		.groups = { SIGNET_SECP256R1 },
		.group_count = 1,
		.share_count = 1,
		.alpn = true,
	};
	unsigned int i;

	if (argc != 2)
		return 2;
	directory = argv[1];
	mkdir(directory, 0755);
	for (i = 0; i < 2; i++) {
		struct fixture fixture;

		fuzz_random_reset();
		fixture_init(&fixture);
		fixture.wire.edit = keep;
		if (i)
			fixture.server.parameters = &retry;
		memset(seen, 0, sizeof(seen));
		if (!fixture_start(&fixture))
			return 1;
		wire_run(&fixture.wire);
		fixture_free(&fixture);
	}
	fixture_end();
	keep_certificates();
	keep_policy();
	return 0;
}
