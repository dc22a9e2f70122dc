/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A protected socket: what the module keeps of a TCP socket inside the scope, from connect() or
 * accept() until it is closed. docs/kernel-states.md draws the states.
 */
#ifndef SIGNET_SOCKET_H
#define SIGNET_SOCKET_H

#include <linux/in6.h>
#include <linux/ktime.h>
#include <linux/mutex.h>
#include <linux/net.h>
#include <linux/refcount.h>
#include <linux/rhashtable-types.h>
#include <linux/spinlock.h>
#include <linux/timer.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <net/sock.h>

#include "core/tls/tls.h"
#include "identity/resolve.h"
#include "session/admission.h"
#include "uapi/generated/signet.h"

struct signet_credential;
struct signet_handshake;
struct signet_node;
struct signet_policy;

/* An IPv4 or IPv6 address and port. */
union signet_address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

/* Post-handshake messages, as far as they have arrived (RFC 8446, 4). */
struct signet_message {
	u8 header[4];
	u8 have; /* of the header */
	u32 left; /* of the body */
};

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
 *
 * @lock: guards what follows up to @wait; process context, innermost
 * @state: written with @lock held, read without
 * @plain: no identity, and the policy lets that through: everything goes to @stock
 * @resolved: @resolution has its result
 * @expired: why the handshake must end now: its deadline has passed, or its place is needed
 * @released: the program has closed it; no step is begun any more
 * @adopted: it was open, and lives on without its program until its data is sent (close.c)
 * @error: negative errno that the program gets once @state is failed or @ended is set
 * @reason: why
 * @alert: the TLS alert that was sent or received
 * @gone: about to be freed: nobody ends it any more
 * @ended: the module has ended the session; nothing is read or written any more
 * @end_alert: the alert for the peer of an ended session, or SIGNET_ALERT_NONE
 * @wait: woken when @state leaves those before open
 *
 * @wake: on the socket's own wait queue while the handshake needs to know of arriving data
 * @work: one step of resolving, connecting or the handshake; the only one that does these
 * @deadline: of the handshake
 * @age: ends the session at maxSessionAge
 * @retire: what @age begins, in process context
 * @end: sends the last alert of a session that is ended
 * @ending: in the list of a sweep (connection.c)
 * @resolution: who the process is
 * @dialer: the task whose call of TCP's connect is the module's own
 * @dialed: TCP's connect was called and is under way
 * @local: this side's address, once connected
 * @remote: where a client goes, as the program gave it; the peer's address, once connected
 * @remote_len: as the program gave it
 * @rcvlowat: the program's SO_RCVLOWAT, which is 1 during the handshake
 * @identified: @credential is set
 * @credential: this side's identity; a reference
 * @policy: whose anchors the handshake uses; a reference, until it is over
 * @handshake: only while it runs; belongs to @work
 * @admission: counts the handshake until it is over
 *
 * @peer_known: @peer_id and @peer_serial are set
 * @peer_id: SPIFFE ID of the peer, NUL-terminated; set before open, then constant
 * @peer_serial: lower-case hex
 * @cipher: negotiated
 * @group: negotiated
 * @alpn: both sides speak "signet/1"
 * @tx_bytes: of the program's data
 * @rx_bytes: of the program's data
 *
 * @senders: those inside kTLS's sendmsg, who may wait there for memory and hold its lock
 * @control: serialises who takes control records; taken before the socket's own lock
 * @message: post-handshake message in arrival; guarded by @control
 * @controls: records that weren't data since the last that was
 * @peer_closed: the peer's close_notify has come
 * @shut_read: the program shut down reading
 * @shut_write: the program shut down writing; close_notify is sent or due
 * @close_notify_sent: no record may follow
 * @closing: sends what is left, then close_notify, then FIN (close.c)
 * @closing_deadline: jiffies; when @closing gives up
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

	/* Guards what follows up to @wait. */
	spinlock_t lock;
	enum signet_connection_state state;
	bool plain;
	bool resolved;
	enum signet_reason expired;
	bool released;
	bool adopted;
	int error;
	enum signet_reason reason;
	u8 alert;
	bool gone;
	bool ended;
	u8 end_alert;
	wait_queue_head_t wait;

	struct wait_queue_entry wake;
	struct work_struct work;
	struct timer_list deadline;
	struct timer_list age;
	struct work_struct retire;
	struct work_struct end;
	struct list_head ending;
	struct signet_resolution resolution;
	struct task_struct *dialer;
	bool dialed;
	union signet_address local;
	union signet_address remote;
	int remote_len;
	int rcvlowat;
	bool identified;
	struct signet_credential *credential;
	struct signet_policy *policy;
	struct signet_handshake *handshake;
	struct signet_admission admission;

	bool peer_known;
	char *peer_id;
	char peer_serial[2 * SIGNET_SERIAL_MAX + 1];
	enum signet_cipher cipher;
	enum signet_group group;
	bool alpn;
	atomic64_t tx_bytes;
	atomic64_t rx_bytes;

	atomic_t senders;
	/* Serialises who takes control records. */
	struct mutex control;
	struct signet_message message;
	unsigned int controls;
	bool peer_closed;
	bool shut_read;
	bool shut_write;
	bool close_notify_sent;
	struct delayed_work closing;
	unsigned long closing_deadline;
};

/* Where handshakes and closings run. */
extern struct workqueue_struct *signet_socket_wq;

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
 * Return: a reference, or an error pointer: -ENOMEM; -EALREADY when it is protected.
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
 * signet_socket_fail - the connection will not come about
 * @ss: resolving, connecting or handshaking; no-op in other states
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
 * signet_socket_wait - wait until the handshake is over, one way or the other
 * @ss: the socket
 * @timeout: jiffies; 0 doesn't wait
 *
 * Return: 0 when open or in plaintext; -EAGAIN when the time is over; -ERESTARTSYS or -EINTR for a
 * signal; else why there is no connection.
 */
int signet_socket_wait(struct signet_socket *ss, long timeout);

/* Gives the program's own settings back to the socket when the handshake is over. Sleeps. */
void signet_socket_restore(struct signet_socket *ss);

/*
 * Runs @work once more. It has a reference of its own, because a step that gives the socket back
 * may be queued again already. Any context; the caller knows that @ss isn't free.
 */
void signet_socket_step(struct signet_socket *ss);

/* Begin and end to hear of what happens to the socket. None begins after signet_socket_halt(). */
void signet_socket_watch(struct signet_socket *ss);
void signet_socket_unwatch(struct signet_socket *ss);

/*
 * Ends resolving, connecting and handshake wherever they are, and waits until no step runs. None
 * begins afterwards. Sleeps.
 */
void signet_socket_halt(struct signet_socket *ss);

/* Resets the peer; the program gets @error (negative). Sleeps. */
void signet_socket_abort(struct signet_socket *ss, int error);

/* Repeats the wakeups that the handshake has used up. */
void signet_socket_notify(struct signet_socket *ss);

/* Addresses of a connected socket; mapped IPv4 is IPv4. */
void signet_socket_local(const struct sock *sk, union signet_address *address);
void signet_socket_remote(const struct sock *sk, union signet_address *address);

#endif
