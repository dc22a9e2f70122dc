/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A protected socket: what the module keeps of a TCP socket inside the scope, from connect() or
 * accept() until it is closed. docs/kernel-states.md draws the states.
 */
#ifndef SIGNET_SOCKET_H
#define SIGNET_SOCKET_H

#include <linux/ktime.h>
#include <linux/net.h>
#include <linux/refcount.h>
#include <linux/rhashtable-types.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <net/sock.h>

#include "session/address.h"
#include "session/closing.h"
#include "session/connection.h"
#include "session/control.h"
#include "session/ending.h"
#include "session/handshake.h"
#include "session/sending.h"

struct signet_credential;
struct signet_node;

/**
 * struct signet_socket - a protected socket
 * @hash: in the table of all, by @sk
 * @sk: the socket; valid until the last operation on it, which is release
 * @sock: what the program's file refers to; NULL once closed, with data still on its way
 * @refs: references: the table's, those who found it
 * @rcu: for the table
 * @id: names it in dumps and events
 * @node: whose policy it is under; a reference
 * @stock: the kernel's operations for its family
 * @ktls: kTLS's operations for it, once @state is open
 * @role: client for connect, server for accept
 * @netns: inode number of its network namespace
 * @pid: tgid of who connected or accepted
 * @started: when that was
 * @local: this side's address, once connected
 * @remote: where a client goes, as the program gave it; the peer's address, once connected
 * @identified: @credential is set
 * @credential: this side's identity; a reference
 * @tx_bytes: of the program's data
 * @rx_bytes: of the program's data
 *
 * @lock: guards what follows up to @wait, and @ending's beginning; process context, innermost but
 *        for the struct sock's spinlock
 * @state: written with @lock held, read without
 * @plain: no identity, and the policy lets that through: everything goes to @stock
 * @released: the program has closed it; no step is begun any more
 * @gone: about to be freed: nobody ends it any more
 * @error: negative errno that the program gets once @state is failed or the session has ended
 * @reason: why
 * @alert: the TLS alert that was sent or received
 * @wait: woken when @state leaves those before open, and when the turn to write is free
 *
 * @setup: from connect() or accept() to open (handshake.h)
 * @peer: who the other side is (connection.h)
 * @control: records that aren't the program's (control.h)
 * @sending: what the program writes (sending.h)
 * @closing: the end by the program (closing.h)
 * @ending: the end by the module (ending.h)
 */
struct signet_socket {
	struct rhash_head hash;
	struct sock *sk;
	struct socket *sock;
	refcount_t refs;
	struct rcu_head rcu;
	u64 id;
	struct signet_node *node;
	const struct proto_ops *stock;
	const struct proto_ops *ktls;
	enum signet_role role;
	u32 netns;
	u32 pid;
	ktime_t started;
	union signet_address local;
	union signet_address remote;
	bool identified;
	struct signet_credential *credential;
	atomic64_t tx_bytes;
	atomic64_t rx_bytes;

	/* Guards what follows up to @wait. */
	spinlock_t lock;
	enum signet_connection_state state;
	bool plain;
	bool released;
	bool gone;
	int error;
	enum signet_reason reason;
	u8 alert;
	wait_queue_head_t wait;

	struct signet_setup setup;
	struct signet_peer peer;
	struct signet_control control;
	struct signet_sending sending;
	struct signet_closing closing;
	struct signet_ending ending;
};

/* One for each connection. */
#if !defined(CONFIG_LOCKDEP) && !defined(CONFIG_DEBUG_OBJECTS)
static_assert(sizeof(struct signet_socket) <= 1280);
#endif

int signet_socket_init(void);
void signet_socket_exit(void);

/**
 * signet_socket_find - the protection of a socket
 * @sk: the socket
 *
 * Any context.
 *
 * Return: a reference, or NULL when the socket isn't protected.
 */
struct signet_socket *signet_socket_find(const struct sock *sk);

/**
 * signet_socket_protect - make a socket a protected one
 * @sock: hooked, and in nobody's hands but the caller's or under the socket's lock
 * @role: client or server
 * @node: its node
 *
 * From then on nothing but the handshake reads or writes it.
 *
 * Return: a reference, or an error pointer: -ENOMEM; -EALREADY when it is protected; -EBUSY when
 * another part of the kernel has it, as BPF's sockmap does.
 */
struct signet_socket *signet_socket_protect(struct socket *sock, enum signet_role role,
					    struct signet_node *node);

/**
 * signet_socket_unprotect - the socket is an ordinary one again
 * @ss: never was connected, or is being released
 */
void signet_socket_unprotect(struct signet_socket *ss);

void signet_socket_put(struct signet_socket *ss);

/* The state, which may be another in the next moment. */
static inline enum signet_connection_state signet_socket_state(const struct signet_socket *ss)
{
	/* What led to a state is seen with it: pairs with all who set it. */
	return smp_load_acquire(&ss->state);
}

/**
 * signet_socket_advance - go to a later state
 * @ss: the socket
 * @state: the new one
 *
 * Return: false when the socket was released or has failed meanwhile; nothing changes then.
 */
bool signet_socket_advance(struct signet_socket *ss, enum signet_connection_state state);

/**
 * signet_socket_open - the connection is the program's from now on
 * @ss: accepting; no-op in other states
 *
 * The handshake is over, and the program known. If it was ended already, what the program gets is
 * why. Where no step runs, or from @work.
 */
void signet_socket_open(struct signet_socket *ss);

/**
 * signet_socket_fail - the connection will not come about
 * @ss: not open yet; no-op in other states
 * @reason: why
 * @alert: that was sent or received, or SIGNET_ALERT_NONE
 * @reset: reset the peer; false: what was sent stays on its way, and FIN follows
 *
 * From @work, or where it can't run. Sleeps. The program gets the reason's errno.
 */
void signet_socket_fail(struct signet_socket *ss, enum signet_reason reason, u8 alert, bool reset);

/**
 * signet_socket_dismiss - a client that never was connected is an ordinary socket again
 * @ss: resolving or connecting; no step runs but perhaps the caller; no-op when it has failed
 * @reason: why
 * @error: negative errno
 */
void signet_socket_dismiss(struct signet_socket *ss, enum signet_reason reason, int error);

/**
 * signet_socket_dismiss_locked - as signet_socket_dismiss(), for who has the socket's lock
 * @ss: as there, and not in plaintext, so that there is no session to end; the caller's reference
 *      isn't the last
 * @reason: why
 * @error: negative errno
 */
void signet_socket_dismiss_locked(struct signet_socket *ss, enum signet_reason reason, int error);

/* lock_sock() that doesn't wait: a program can hold it for as long as it likes. False when held. */
bool signet_trylock_sock(struct sock *sk);

/**
 * signet_socket_wait - wait until the handshake is over, one way or the other
 * @ss: the socket
 * @timeout: jiffies; 0 doesn't wait
 *
 * Return: 0 when open or in plaintext; -EAGAIN when the time is over; -ERESTARTSYS or -EINTR for a
 * signal; else why there is no connection.
 */
int signet_socket_wait(struct signet_socket *ss, long timeout);

/* Gives the program's own settings back to a socket that kTLS will not have. Takes its lock. */
void signet_socket_restore(struct signet_socket *ss);

/*
 * Begin and end to hear of what happens to the socket: meanwhile the kernel's wakeups are the
 * module's, and the program's own queue is silent. None begins after signet_socket_halt().
 */
void signet_socket_watch(struct signet_socket *ss);
void signet_socket_unwatch(struct signet_socket *ss);

/**
 * signet_socket_move - another struct socket is the connection's
 * @ss: of a server, not open; no step runs, and nobody but the caller and the control side has it
 * @to: hooked, without a struct sock
 *
 * The old one has no struct sock any more, and nobody uses it. Sleeps.
 */
void signet_socket_move(struct signet_socket *ss, struct socket *to);

/*
 * Ends resolving, connecting and handshake wherever they are, and waits until no step runs. None
 * begins afterwards. Sleeps.
 */
void signet_socket_halt(struct signet_socket *ss);

/* Resets the peer; the program gets @error (negative). Sleeps. */
void signet_socket_abort(struct signet_socket *ss, int error);

/* Repeats the wakeups that the handshake has used up. */
void signet_socket_notify(struct signet_socket *ss);

#endif
