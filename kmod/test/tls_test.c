// SPDX-License-Identifier: GPL-2.0
/* Client against server: what succeeds, who is refused, and what memory and records may do. */
#include "platform_user.h"
#include "test.h"
#include "tls_fixture.h"

#include <stdio.h>

static const struct signet_tls_parameters plain_parameters = {
	.ciphers = { SIGNET_AES_128_GCM_SHA256, SIGNET_CHACHA20_POLY1305_SHA256 },
	.cipher_count = 2,
	.groups = { SIGNET_X25519, SIGNET_SECP256R1 },
	.group_count = 2,
	.share_count = 1,
};

static const u16 ciphers[] = { SIGNET_AES_128_GCM_SHA256, SIGNET_CHACHA20_POLY1305_SHA256 };
static const u16 groups[] = { SIGNET_X25519, SIGNET_SECP256R1 };

/* Every cipher, every pair of wishes about groups (so with and without retry), ALPN or not. */
static void every_combination(void)
{
	unsigned int n;

	for (n = 0; n < 32; n++) {
		struct signet_tls_parameters client = plain_parameters;
		struct signet_tls_parameters server = plain_parameters;
		struct signet_tls_result c, s;
		struct fixture fixture;
		char name[128];
		bool retry;

		server.ciphers[0] = ciphers[n & 1];
		server.cipher_count = 1;
		client.groups[0] = groups[!!(n & 2)];
		client.groups[1] = groups[!(n & 2)];
		client.share_count = n & 16 ? 2 : 1;
		server.groups[0] = groups[!!(n & 4)];
		server.group_count = 1;
		client.alpn = true;
		server.alpn = n & 8;
		snprintf(name, sizeof(name), "cipher %04x group %04x first share %04x alpn %d",
			 server.ciphers[0], server.groups[0], client.groups[0], server.alpn);
		retry = client.groups[0] != server.groups[0] && client.share_count == 1;

		fixture_init(&fixture);
		fixture.client.parameters = &client;
		fixture.server.parameters = &server;
		fixture_run(&fixture);
		CHECK(fixture.wire.client->retried == retry, "%s: retried when needed", name);
		fixture_check_done(&fixture, name, &c, &s);
		CHECK(c.cipher == server.ciphers[0] && c.group == server.groups[0],
		      "%s: what the server wants", name);
		CHECK(c.signet_alpn == server.alpn, "%s: ALPN", name);
		CHECK(c.tx.sequence == 0 && s.rx.sequence == 0 && c.rx.sequence == server.alpn &&
			      s.tx.sequence == server.alpn,
		      "%s: the ticket is counted", name);
		fixture_free(&fixture);
	}
}

static void defaults(void)
{
	struct signet_tls_result c, s;
	struct fixture fixture;

	fixture_init(&fixture);
	fixture_run(&fixture);
	fixture_check_done(&fixture, "defaults", &c, &s);
	CHECK(c.cipher == SIGNET_AES_128_GCM_SHA256 && c.group == SIGNET_X25519 && c.signet_alpn,
	      "AES, X25519 and signet/1 by default");
	fixture_free(&fixture);

	fixture_init(&fixture);
	fixture.client.parameters = &plain_parameters;
	fixture_run(&fixture);
	fixture_check_done(&fixture, "client without ALPN", &c, &s);
	CHECK(!s.signet_alpn && !s.tx.sequence, "no ticket for a client without signet/1");
	fixture_free(&fixture);
}

static void every_issuer(void)
{
	static const char *const algorithms[] = { "P-384", "RSA" };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(algorithms); i++) {
		struct pki *pki = pki_new(algorithms[i]);
		struct signet_tls_credential *client = pki_issue(pki, "/demo/client", PKI_SOUND);
		struct signet_tls_credential *server = pki_issue(pki, "/demo/web", PKI_SOUND);
		struct signet_tls_result c, s;
		struct fixture fixture;

		fixture_init(&fixture);
		fixture.client.credential = client;
		fixture.server.credential = server;
		fixture.client.anchors = pki_anchors(pki);
		fixture.server.anchors = pki_anchors(pki);
		fixture_run(&fixture);
		fixture_check_done(&fixture, algorithms[i], &c, &s);
		fixture_free(&fixture);
		pki_credential_free(client);
		pki_credential_free(server);
		pki_free(pki);
	}
}

static void nothing_in_common(void)
{
	static const struct {
		const char *name;
		u16 server_cipher;
		u16 server_group;
	} cases[] = {
		{ "no common cipher", SIGNET_CHACHA20_POLY1305_SHA256, SIGNET_X25519 },
		{ "no common group", SIGNET_AES_128_GCM_SHA256, SIGNET_SECP256R1 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct signet_tls_parameters client = plain_parameters;
		struct signet_tls_parameters server = plain_parameters;
		struct fixture fixture;

		client.cipher_count = 1;
		client.group_count = 1;
		server.cipher_count = 1;
		server.group_count = 1;
		server.ciphers[0] = cases[i].server_cipher;
		server.groups[0] = cases[i].server_group;
		fixture_init(&fixture);
		fixture.client.parameters = &client;
		fixture.server.parameters = &server;
		fixture_run(&fixture);
		fixture_check_failed(&fixture, fixture.wire.server, cases[i].name,
				     SIGNET_TLS_NO_SHARED_PARAMETERS,
				     SIGNET_ALERT_HANDSHAKE_FAILURE);
		fixture_free(&fixture);
	}
}

/* A certificate that is wrong, on either side: the other refuses it with the fitting alert. */
static void bad_certificates(void)
{
	static const struct {
		enum pki_flaw flaw;
		enum signet_x509_fault x509;
		enum signet_tls_alert alert;
	} cases[] = {
		{ PKI_EXPIRED, SIGNET_X509_EXPIRED, SIGNET_ALERT_CERTIFICATE_EXPIRED },
		{ PKI_NOT_YET, SIGNET_X509_NOT_YET, SIGNET_ALERT_CERTIFICATE_EXPIRED },
		{ PKI_NO_URI, SIGNET_X509_NOT_SVID, SIGNET_ALERT_BAD_CERTIFICATE },
		{ PKI_OTHER_DOMAIN, SIGNET_X509_WRONG_DOMAIN, SIGNET_ALERT_BAD_CERTIFICATE },
		{ PKI_NO_CLIENT_AUTH, SIGNET_X509_NOT_SVID, SIGNET_ALERT_BAD_CERTIFICATE },
		{ PKI_WITHOUT_ISSUER, SIGNET_X509_UNKNOWN_ISSUER, SIGNET_ALERT_UNKNOWN_CA },
	};
	unsigned int i, role;

	for (i = 0; i < 2 * ARRAY_SIZE(cases); i++) {
		struct signet_tls_credential *bad =
			pki_issue(fixture_pki(), "/demo/bad", cases[i / 2].flaw);
		enum signet_x509_fault x509;
		struct fixture fixture;
		struct signet_tls *judge;
		char name[64];

		role = i % 2;
		snprintf(name, sizeof(name), "bad %s certificate %d",
			 role ? "server" : "client", cases[i / 2].flaw);
		fixture_init(&fixture);
		(role ? &fixture.server : &fixture.client)->credential = bad;
		fixture_run(&fixture);
		judge = role ? fixture.wire.client : fixture.wire.server;
		fixture_check_failed(&fixture, judge, name, SIGNET_TLS_PEER_CERTIFICATE,
				     cases[i / 2].alert);
		signet_tls_fault(judge, NULL, &x509);
		CHECK(x509 == cases[i / 2].x509, "%s: x509 fault %d", name, x509);
		CHECK(!signet_tls_peer(judge), "%s: nobody is named", name);
		CHECK(!(role ? fixture.client_judge : fixture.server_judge).asked,
		      "%s: the owner isn't asked", name);
		fixture_free(&fixture);
		pki_credential_free(bad);
	}
}

static void other_authority(void)
{
	struct pki *other = pki_new("P-256");
	struct signet_tls_credential *client = pki_issue(other, "/demo/client", PKI_SOUND);
	struct fixture fixture;

	fixture_init(&fixture);
	fixture.client.credential = client;
	fixture_run(&fixture);
	fixture_check_failed(&fixture, fixture.wire.server, "client of another authority",
			     SIGNET_TLS_PEER_CERTIFICATE, SIGNET_ALERT_UNKNOWN_CA);
	fixture_free(&fixture);
	fixture_init(&fixture);
	fixture.server.credential = client;
	fixture_run(&fixture);
	fixture_check_failed(&fixture, fixture.wire.client, "server of another authority",
			     SIGNET_TLS_PEER_CERTIFICATE, SIGNET_ALERT_UNKNOWN_CA);
	fixture_free(&fixture);
	pki_credential_free(client);
	pki_free(other);
}

/* A chain that is stolen without its key proves nothing. */
static void key_of_another(void)
{
	struct signet_tls_credential thief = *fixture_client();
	struct fixture fixture;

	memcpy(thief.secret, fixture_server()->secret, sizeof(thief.secret));
	fixture_init(&fixture);
	fixture.client.credential = &thief;
	fixture_run(&fixture);
	fixture_check_failed(&fixture, fixture.wire.server, "stolen chain", SIGNET_TLS_PROTOCOL,
			     SIGNET_ALERT_DECRYPT_ERROR);
	CHECK(!signet_tls_peer(fixture.wire.server) && !fixture.server_judge.asked,
	      "a thief is not named after the victim");
	fixture_free(&fixture);
}

static void refused_by_the_owner(void)
{
	static const enum signet_tls_alert alerts[] = {
		SIGNET_ALERT_ACCESS_DENIED,
		SIGNET_ALERT_CERTIFICATE_REVOKED,
		SIGNET_ALERT_CERTIFICATE_EXPIRED,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(alerts); i++) {
		struct fixture fixture;

		fixture_init(&fixture);
		fixture.server_judge.answer = alerts[i];
		fixture_run(&fixture);
		fixture_check_failed(&fixture, fixture.wire.server, "refused by the server",
				     SIGNET_TLS_REFUSED, alerts[i]);
		CHECK(signet_tls_peer(fixture.wire.server), "the refused one is named");
		fixture_free(&fixture);

		fixture_init(&fixture);
		fixture.client_judge.answer = alerts[i];
		fixture_run(&fixture);
		fixture_check_failed(&fixture, fixture.wire.client, "refused by the client",
				     SIGNET_TLS_REFUSED, alerts[i]);
		CHECK(!fixture.server_judge.asked && !signet_tls_peer(fixture.wire.server),
		      "a client that refuses doesn't show who it is");
		fixture_free(&fixture);
	}
}

static void aborted(void)
{
	struct signet_tls_result c, s;
	struct fixture fixture;

	fixture_init(&fixture);
	CHECK(fixture_start(&fixture), "start");
	CHECK(!signet_tls_peer(fixture.wire.client), "nobody is known yet");
	CHECK(signet_tls_take(fixture.wire.client, &c) == -EINVAL, "no keys yet");
	signet_tls_abort(fixture.wire.client, SIGNET_ALERT_USER_CANCELED);
	wire_run(&fixture.wire);
	fixture_check_failed(&fixture, fixture.wire.client, "aborted at once", SIGNET_TLS_REFUSED,
			     SIGNET_ALERT_USER_CANCELED);
	signet_tls_abort(fixture.wire.client, SIGNET_ALERT_INTERNAL_ERROR);
	fixture_check_failed(&fixture, fixture.wire.client, "aborted twice", SIGNET_TLS_REFUSED,
			     SIGNET_ALERT_USER_CANCELED);
	fixture_free(&fixture);

	fixture_init(&fixture);
	fixture_run(&fixture);
	signet_tls_abort(fixture.wire.client, SIGNET_ALERT_INTERNAL_ERROR);
	fixture_check_done(&fixture, "aborted when it was over", &c, &s);
	fixture_free(&fixture);
}

/* The nth allocation fails, for every n: a fault that says so on one side, and nothing leaks. */
static void every_allocation_fails(void)
{
	struct signet_tls_parameters retry = plain_parameters;
	size_t before = signet_allocations_live();
	unsigned int variant;
	size_t most = 0;

	retry.groups[0] = SIGNET_SECP256R1;
	retry.group_count = 1;
	retry.alpn = true;
	for (variant = 0; variant < 2; variant++) {
		size_t nth = 1;
		bool done = false;

		while (!done && nth < 1000) {
			struct fixture fixture;
			enum signet_tls_alert alert;

			fixture_init(&fixture);
			/* One byte first, so that messages are put together too. */
			fixture.wire.fragment = 1;
			if (variant)
				fixture.server.parameters = &retry;
			signet_fail_allocation(nth);
			if (fixture_start(&fixture)) {
				struct signet_tls *c = fixture.wire.client;
				struct signet_tls *s = fixture.wire.server;

				wire_run(&fixture.wire);
				done = signet_allocations_made() < nth;
				if (!done)
					CHECK(signet_tls_fault(c, &alert, NULL) ==
							      SIGNET_TLS_NO_MEMORY ||
						      signet_tls_fault(s, &alert, NULL) ==
							      SIGNET_TLS_NO_MEMORY,
					      "allocation %zu: out of memory on one side", nth);
				else
					CHECK(signet_tls_state(c) == SIGNET_TLS_DONE &&
						      signet_tls_state(s) == SIGNET_TLS_DONE,
					      "done without a failure");
			}
			signet_fail_allocation(0);
			fixture_free(&fixture);
			CHECK(signet_allocations_live() == before, "allocation %zu: no leak", nth);
			nth++;
		}
		if (nth > most)
			most = nth;
	}
	CHECK(most > 10, "there were allocations to fail: %zu", most);
}

/* A handshake takes its time. */
static void certificates_expire_meanwhile(void)
{
	struct fixture fixture;

	fixture_init(&fixture);
	if (CHECK(fixture_start(&fixture), "both start")) {
		signet_tls_set_time(fixture.wire.client, PKI_NOW + 7200);
		wire_run(&fixture.wire);
		fixture_check_failed(&fixture, fixture.wire.client, "expired since the start",
				     SIGNET_TLS_PEER_CERTIFICATE,
				     SIGNET_ALERT_CERTIFICATE_EXPIRED);
	}
	fixture_free(&fixture);
}

/* Each content's first record ends after n bytes, for every n; then all records have one byte. */
static void records_split_everywhere(void)
{
	struct signet_tls_result c, s;
	struct fixture fixture;
	unsigned int whole = 0;
	size_t n;

	for (n = 1;; n += n < 64 ? 1 : 13) {
		fixture_init(&fixture);
		fixture.wire.fragment = n;
		fixture_run(&fixture);
		fixture_check_done(&fixture, "split", &c, &s);
		whole = fixture.wire.records;
		fixture_free(&fixture);
		if (whole <= 7)
			break;
	}
	CHECK(n > 500 && n < 8192, "all were split: %zu", n);

	for (n = 1; n < 6; n++) {
		fixture_init(&fixture);
		fixture.wire.fragment = n;
		fixture.wire.fragment_all = true;
		fixture_run(&fixture);
		fixture_check_done(&fixture, "records of a few bytes", &c, &s);
		CHECK(c.rx.sequence > 1, "%zu: every record is counted", n);
		fixture_free(&fixture);
	}
}

int main(void)
{
	fixture_pki();
	defaults();
	every_combination();
	every_issuer();
	nothing_in_common();
	bad_certificates();
	other_authority();
	key_of_another();
	refused_by_the_owner();
	aborted();
	certificates_expire_meanwhile();
	every_allocation_fails();
	records_split_everywhere();
	fixture_end();
	return test_end("tls");
}
