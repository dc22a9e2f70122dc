/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From the handshake's keys to kTLS. kTLS replaces the operations of sk->sk_socket; so that those
 * which the program's calls go through never change, and so that kTLS never copies ours into its
 * own tables, sk->sk_socket points at a shadow meanwhile.
 */
#ifndef SIGNET_TAKEOVER_H
#define SIGNET_TAKEOVER_H

#include "core/tls/tls.h"

struct signet_socket;

/**
 * signet_takeover_prepare - get what the takeover needs
 * @ss: connected
 *
 * Takes no lock.
 *
 * Return: 0, also when it was prepared before; else a negative errno.
 */
int signet_takeover_prepare(struct signet_socket *ss);

/**
 * signet_takeover_begin - give the socket a TLS context without keys
 * @ss: prepared
 *
 * Before the peer has an answer, because kTLS wants an established connection, and the peer may
 * have sent its FIN when the keys are there.
 *
 * Return: 0; -ENOTCONN when the connection is no longer established; another negative errno.
 */
int signet_takeover_begin(struct signet_socket *ss);

/**
 * signet_takeover_finish - hand over the keys
 * @ss: after signet_takeover_begin(); everything of the handshake was written, and reading stopped
 *      at the end of a record
 * @result: the keys; the caller wipes them
 *
 * Return: 0, and @ss has kTLS's operations; else a negative errno, and the connection is of no use.
 */
int signet_takeover_finish(struct signet_socket *ss, const struct signet_tls_result *result);

/* The program's file is being released: no call of its has the shadow. No-op without one. */
void signet_takeover_release(struct signet_socket *ss);

#endif
