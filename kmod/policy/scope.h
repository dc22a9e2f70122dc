/* SPDX-License-Identifier: GPL-2.0 */
/* The scope: where Signet acts at all. */
#ifndef SIGNET_POLICY_SCOPE_H
#define SIGNET_POLICY_SCOPE_H

#include <linux/socket.h>
#include <linux/types.h>

struct pid;
struct signet_policy_slot;

enum signet_scope {
	SIGNET_SCOPE_OUTSIDE, /* a plain socket */
	SIGNET_SCOPE_INSIDE, /* mutual TLS, or refused */
};

/**
 * signet_scope_connect - is an outbound connection Signet's business?
 * @slot: of the socket's node
 * @remote: where it goes; AF_INET or AF_INET6. A mapped IPv4 address counts as IPv4, and the
 *          unspecified address as loopback, as the kernel treats them
 *
 * In the context of the process. The agent's own connections are outside. RCU; doesn't sleep.
 */
enum signet_scope signet_scope_connect(struct signet_policy_slot *slot,
				       const struct sockaddr *remote);

/**
 * signet_scope_accept - is an inbound connection Signet's business?
 * @slot: of the socket's node
 * @local: the address and port that the peer connected to
 * @process: thread group of who accepts
 *
 * As signet_scope_connect(), but in any context.
 */
enum signet_scope signet_scope_accept(struct signet_policy_slot *slot,
				      const struct sockaddr *local, const struct pid *process);

/**
 * signet_scope_loaded - does any scope hold for the calling process?
 * @slot: of the socket's node
 *
 * Then sockets of protocols that would be a way round (MPTCP, SMC) are refused to it. RCU; doesn't
 * sleep.
 */
bool signet_scope_loaded(struct signet_policy_slot *slot);

#endif
