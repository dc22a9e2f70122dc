// SPDX-License-Identifier: GPL-2.0
#include "test.h"
#include "tls_fixture.h"

#include <stdio.h>

static struct pki *pki;
static struct signet_tls_credential *client_credential;
static struct signet_tls_credential *server_credential;

struct pki *fixture_pki(void)
{
	if (!pki) {
		pki = pki_new("P-256");
		client_credential = pki_issue(pki, "/demo/client", PKI_SOUND);
		server_credential = pki_issue(pki, "/demo/web", PKI_SOUND);
	}
	return pki;
}

const struct signet_tls_credential *fixture_client(void)
{
	fixture_pki();
	return client_credential;
}

const struct signet_tls_credential *fixture_server(void)
{
	fixture_pki();
	return server_credential;
}

void fixture_end(void)
{
	pki_credential_free(client_credential);
	pki_credential_free(server_credential);
	pki_free(pki);
	pki = NULL;
}

static enum signet_tls_alert judge(void *ctx, const struct signet_certificate *leaf)
{
	struct judge *self = ctx;

	self->asked++;
	snprintf(self->id, sizeof(self->id), "%.*s", (int)leaf->uri.len,
		 (const char *)leaf->uri.data);
	return self->answer;
}

void fixture_init(struct fixture *fixture)
{
	*fixture = (struct fixture){
		.client = { SIGNET_TLS_CLIENT, .credential = fixture_client() },
		.server = { SIGNET_TLS_SERVER, .credential = fixture_server() },
		.client_judge.answer = SIGNET_ALERT_NONE,
		.server_judge.answer = SIGNET_ALERT_NONE,
	};
	fixture->client.anchors = pki_anchors(pki);
	fixture->server.anchors = pki_anchors(pki);
	fixture->client.now = PKI_NOW;
	fixture->server.now = PKI_NOW;
	fixture->client.verify = judge;
	fixture->server.verify = judge;
	fixture->client.ctx = &fixture->client_judge;
	fixture->server.ctx = &fixture->server_judge;
}

bool fixture_start(struct fixture *fixture)
{
	fixture->wire.client = signet_tls_new(&fixture->client);
	fixture->wire.server = signet_tls_new(&fixture->server);
	return fixture->wire.client && fixture->wire.server;
}

void fixture_run(struct fixture *fixture)
{
	if (CHECK(fixture_start(fixture), "both start"))
		wire_run(&fixture->wire);
}

void fixture_free(struct fixture *fixture)
{
	signet_tls_free(fixture->wire.client);
	signet_tls_free(fixture->wire.server);
	fixture->wire.client = NULL;
	fixture->wire.server = NULL;
}

static const char *state_of(struct signet_tls *tls)
{
	static char text[4][128];
	static unsigned int turn;
	enum signet_tls_alert alert;
	enum signet_x509_fault x509;
	enum signet_tls_fault fault = signet_tls_fault(tls, &alert, &x509);
	char *out = text[turn++ % 4];

	snprintf(out, sizeof(text[0]), "state %d, %s, alert %d, x509 %d", signet_tls_state(tls),
		 signet_tls_fault_text(fault), alert, x509);
	return out;
}

static bool same_keys(const struct signet_tls_keys *a, const struct signet_tls_keys *b)
{
	return !memcmp(a->key, b->key, sizeof(a->key)) && !memcmp(a->iv, b->iv, sizeof(a->iv));
}

void fixture_check_done(struct fixture *fixture, const char *name,
			struct signet_tls_result *client, struct signet_tls_result *server)
{
	struct signet_tls *c = fixture->wire.client;
	struct signet_tls *s = fixture->wire.server;

	if (!CHECK(signet_tls_state(c) == SIGNET_TLS_DONE &&
			   signet_tls_state(s) == SIGNET_TLS_DONE,
		   "%s: client %s; server %s", name, state_of(c), state_of(s)))
		return;
	CHECK(signet_tls_peer(c) && signet_tls_peer(s), "%s: both know their peer", name);
	CHECK(!strcmp(fixture->client_judge.id, "spiffe://demo.test/demo/web") &&
		      !strcmp(fixture->server_judge.id, "spiffe://demo.test/demo/client") &&
		      fixture->client_judge.asked == 1 && fixture->server_judge.asked == 1,
	      "%s: each was asked once about the other, not %s, %s", name,
	      fixture->client_judge.id, fixture->server_judge.id);
	CHECK(!signet_tls_take(c, client) && !signet_tls_take(s, server), "%s: take", name);
	CHECK(same_keys(&client->tx, &server->rx) && same_keys(&client->rx, &server->tx),
	      "%s: the same keys", name);
	CHECK(memcmp(client->tx.key, client->rx.key, 16), "%s: a key per direction", name);
	CHECK(client->cipher == server->cipher && client->group == server->group &&
		      client->signet_alpn == server->signet_alpn,
	      "%s: the same parameters", name);
	CHECK(signet_tls_take(c, client) == -EINVAL, "%s: keys are taken once", name);
}

void fixture_check_failed(struct fixture *fixture, struct signet_tls *tls, const char *name,
			  enum signet_tls_fault fault, enum signet_tls_alert alert)
{
	struct signet_tls *other =
		tls == fixture->wire.client ? fixture->wire.server : fixture->wire.client;
	struct signet_tls_result result;
	enum signet_tls_alert found;

	CHECK(signet_tls_state(tls) == SIGNET_TLS_FAILED &&
		      signet_tls_fault(tls, &found, NULL) == fault && found == alert,
	      "%s: expected %s, alert %d; found %s", name, signet_tls_fault_text(fault), alert,
	      state_of(tls));
	CHECK(signet_tls_take(tls, &result) == -EINVAL, "%s: gives no keys", name);
	if (signet_tls_state(other) == SIGNET_TLS_DONE)
		return;
	CHECK(signet_tls_state(other) == SIGNET_TLS_FAILED &&
		      signet_tls_fault(other, &found, NULL) == SIGNET_TLS_PEER_ALERT &&
		      found == alert,
	      "%s: the other was told; found %s", name, state_of(other));
}
