/* SPDX-License-Identifier: GPL-2.0 */
/* What a reason means to a program (errno), to a peer (TLS alert) and to people (a sentence). */
#ifndef SIGNET_REASON_H
#define SIGNET_REASON_H

#include "core/tls/tls.h"
#include "uapi/generated/signet.h"

/**
 * signet_reason_name - the reason as counters and docs/errors.md spell it, "peer-revoked"
 * @reason: the reason
 */
const char *signet_reason_name(enum signet_reason reason);

/**
 * signet_reason_text - one sentence for people, without a full stop
 * @reason: the reason
 */
const char *signet_reason_text(enum signet_reason reason);

/**
 * signet_reason_errno - what the program sees
 * @reason: the reason
 *
 * Return: a negative errno; 0 for SIGNET_REASON_NONE.
 */
int signet_reason_errno(enum signet_reason reason);

/**
 * signet_reason_alert - what the peer is told
 * @reason: the reason
 *
 * Return: an alert; SIGNET_ALERT_NONE where nothing is sent, or what fits the single case.
 */
enum signet_tls_alert signet_reason_alert(enum signet_reason reason);

/**
 * signet_reason_of_fault - the reason for a handshake that failed
 * @fault: the handshake's
 * @x509: the chain's, for SIGNET_TLS_PEER_CERTIFICATE
 *
 * SIGNET_TLS_REFUSED is SIGNET_REASON_POLICY_DENIED here; who judged knows better.
 */
enum signet_reason signet_reason_of_fault(enum signet_tls_fault fault,
					  enum signet_x509_fault x509);

#endif
