/* SPDX-License-Identifier: GPL-2.0 */
/* A client and a server of ours that trust each other, for the handshake's tests. */
#ifndef SIGNET_TEST_TLS_FIXTURE_H
#define SIGNET_TEST_TLS_FIXTURE_H

#include "pki.h"
#include "wire.h"

/* One side's owner: what it answers, and what it was asked. */
struct judge {
	enum signet_tls_alert answer;
	unsigned int asked;
	char id[128];
};

struct fixture {
	struct wire wire;
	struct signet_tls_config client;
	struct signet_tls_config server;
	struct judge client_judge;
	struct judge server_judge;
};

/* The credentials that all tests share; made by the first call. */
struct pki *fixture_pki(void);
const struct signet_tls_credential *fixture_client(void);
const struct signet_tls_credential *fixture_server(void);
void fixture_end(void);

/* Both configurations, sound; to be changed before fixture_start(). */
void fixture_init(struct fixture *fixture);
/* Makes both handshakes; false without memory. */
bool fixture_start(struct fixture *fixture);
/* Start and run. */
void fixture_run(struct fixture *fixture);
void fixture_free(struct fixture *fixture);

/* Both are DONE, each knows the other, and the keys are the same. Takes them. */
void fixture_check_done(struct fixture *fixture, const char *name,
			struct signet_tls_result *client, struct signet_tls_result *server);
/* @tls failed so, and said so to the other. */
void fixture_check_failed(struct fixture *fixture, struct signet_tls *tls, const char *name,
			  enum signet_tls_fault fault, enum signet_tls_alert alert);

#endif
