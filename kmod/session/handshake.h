/* SPDX-License-Identifier: GPL-2.0 */
/* From who the process is to traffic keys: everything before a protected socket is open. */
#ifndef SIGNET_HANDSHAKE_H
#define SIGNET_HANDSHAKE_H

#include <linux/workqueue.h>

struct signet_resolution;
struct signet_socket;

/* The steps; struct signet_socket's @work. Never waits for the network. */
void signet_handshake_work(struct work_struct *work);

/* The resolution's callback. */
void signet_handshake_resolved(struct signet_resolution *resolution);

/**
 * signet_handshake_dial - begin the TCP connection of a client
 * @ss: resolving, with its credential; or in plaintext
 *
 * In the context of the process, or of the work item.
 *
 * Return: -EINPROGRESS, or 0 when it is there already; else why it can't be begun, and @ss isn't
 * watched.
 */
int signet_handshake_dial(struct signet_socket *ss);

/* Takes over what a resolution without error gave: a credential, or leave to go in plaintext. */
void signet_handshake_take_credential(struct signet_socket *ss);

/* Wipes and frees what only the handshake needs. No-op when there is nothing. */
void signet_handshake_free(struct signet_socket *ss);

#endif
