/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who copies TCP's struct proto, which the module patches. A copy that is made meanwhile leads into
 * the module for good, so it is made before; and it lacks the patches, so it gets its own.
 */
#ifndef SIGNET_HOOK_COPIES_H
#define SIGNET_HOOK_COPIES_H

#include <linux/module.h>
#include <linux/net.h>
#include <net/sock.h>

/* Sockmap's copies for a family: a map may have programs for sending, and for receiving. */
#define SIGNET_SOCKMAP_COPIES 4

/**
 * signet_sockmap_copies - what TCP sockets have in place of TCP's struct proto while in a sockmap
 * @sk: one of the kernel's own, that nobody else has and that isn't connected
 * @copies: filled
 *
 * They are made for good at the first use: this is it, if no other was. Takes the socket's lock.
 *
 * Return: how many there are, none where the kernel has no BPF; or a negative errno.
 */
int signet_sockmap_copies(struct sock *sk, struct proto *copies[SIGNET_SOCKMAP_COPIES]);

/**
 * signet_ktls_prime - have kTLS copy TCP's struct proto, and the socket's operations
 * @sock: one of the kernel's own, that nobody else has and that isn't connected; can only be
 *        released afterwards
 * @ktls: set to kTLS's module, with a reference: if it were loaded again it would copy again
 *
 * A kTLS that lets programs disconnect is refused, with a line in the kernel's log. Sleeps.
 *
 * Return: 0 or a negative errno; then @ktls isn't set.
 */
int signet_ktls_prime(struct socket *sock, struct module **ktls);

#endif
