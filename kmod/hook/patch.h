/* SPDX-License-Identifier: GPL-2.0 */
/* The places where the module takes part in the kernel's sockets. */
#ifndef SIGNET_HOOK_PATCH_H
#define SIGNET_HOOK_PATCH_H

#include <linux/module.h>
#include <linux/net.h>
#include <net/sock.h>

/**
 * signet_hook_init - take part in every TCP socket from now on
 *
 * Has kTLS and sockmap copy TCP first, then patches TCP, MPTCP and SMC, then hooks the sockets that
 * are there. Last step of loading: connections may be protected before it returns.
 *
 * Return: 0 or a negative errno; then nothing is hooked.
 */
int signet_hook_init(void);

/**
 * signet_hook_exit - take the patches back
 *
 * Only when the module has no references left, so that no socket carries its operations. Waits
 * until no task is inside a patched function.
 */
void signet_hook_exit(void);

/**
 * signet_drain - take the patches back and unhook every unprotected socket
 *
 * For the netlink command. Nothing new is protected, or refused, from then on. Protected sockets
 * keep the module loaded until they are closed. Sleeps; waits a second for programs at most.
 *
 * Return: how many sockets are left whose lock a program holds, to be drained again; -EINTR when
 * the caller was killed meanwhile.
 */
int signet_drain(void);

/* Loading has failed: takes everything back. Waits for programs as long as they like. */
void signet_hook_undo(void);

/*
 * Back to the kernel's own operations, with the reference. No-op unless it is hooked and
 * unprotected; the first one's also if it is connected. What is unhooked is never hooked again.
 * Takes the socket's lock.
 */
void signet_unhook_closed(struct socket *sock);
void signet_unhook_socket(struct socket *sock);

/* Are the patches taken back, so that nothing new is protected? */
bool signet_is_draining(void);

/*
 * Around everything on an unprotected socket that may sleep: another thread may unhook the socket,
 * and the reference with it, while this one is still in the module's text. False when the module is
 * being removed.
 */
static inline bool __must_check signet_enter(void)
{
	return try_module_get(THIS_MODULE);
}

static inline void signet_leave(void)
{
	module_put(THIS_MODULE);
}

/* TCP's accept without the patch, for the module's own accept. */
struct sock *signet_stock_accept(struct sock *sk, int flags, int *error, bool kern);

#endif
