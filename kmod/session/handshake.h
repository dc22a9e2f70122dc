/* SPDX-License-Identifier: GPL-2.0 */
/* From who the process is to traffic keys: everything before a protected socket is open. */
#ifndef SIGNET_HANDSHAKE_H
#define SIGNET_HANDSHAKE_H

#include <linux/net.h>
#include <linux/timer.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "identity/resolve.h"
#include "session/admission.h"
#include "session/turn.h"

struct signet_credential;
struct signet_handshake;
struct signet_policy;
struct signet_socket;

/**
 * struct signet_setup - a protected socket from connect() or accept() until it is open
 * @resolution: who the process is
 * @resolved: @resolution has its result, which wasn't looked at yet
 * @early: begun before a program has accepted it, and that isn't known yet (serving.h)
 * @accepted: ... but has accepted it, and @resolution is about it
 * @place: has one of those that no cgroup pays for (listener.h); @place_uid: and whose
 * @left: its program has closed it; changed where no step runs, or by one
 * @close: closes it then, when the handshake is over
 * @held: by its listener, oldest first, until a program accepts it (listener.h)
 * @dialer: the task whose call of TCP's connect is the module's own
 * @dialed: TCP's connect was called and is under way
 * @held_up: a step couldn't go on, as the socket's lock was held; belongs to @work
 * @attached: the socket has a TLS context, which can't be taken back
 * @remote_len: of a client's address, as the program gave it
 * @rcvlowat: the program's SO_RCVLOWAT; for TCP, which counts ciphertext, it is 1
 * @shadow: what sk->sk_socket points at while kTLS takes the socket (takeover.c)
 * @wq: in the place of the program's own while the module needs to know of what happens
 * @wake: on it
 * @turn: when a step is due
 * @work: one step of resolving, connecting or the handshake; the only one that does these
 * @deadline: of the handshake
 * @expired: why the handshake must end now: its deadline has passed, or its place is needed
 * @policy: whose anchors the handshake uses; a reference, until it is over
 * @handshake: only while it runs, and a client's from before it dials; belongs to @work, and
 *             before that to who dials
 * @admission: counts the handshake until it is over
 */
struct signet_setup {
	struct signet_resolution resolution;
	bool resolved;
	bool early;
	bool accepted;
	bool place;
	u8 place_uid;
	bool left;
	bool dialed;
	bool held_up;
	bool attached;
	struct task_struct *dialer;
	int remote_len;
	int rcvlowat;
	struct work_struct close;
	struct list_head held;
	struct socket *shadow;
	struct socket_wq wq;
	struct wait_queue_entry wake;
	struct signet_turn turn;
	struct work_struct work;
	struct timer_list deadline;
	enum signet_reason expired;
	struct signet_policy *policy;
	struct signet_handshake *handshake;
	struct signet_admission admission;
};

/* The steps; struct signet_setup's @work. Never waits for the network. */
void signet_handshake_work(struct work_struct *work);

/* The resolution's callback. */
void signet_handshake_resolved(struct signet_resolution *resolution);

/**
 * signet_handshake_prepare - make a client's first message
 * @ss: a client's that hasn't dialed
 * @credential: with which; it is @ss's, or about to be
 *
 * From its SYN on the server waits for a ClientHello, and not for long. So it is made before that,
 * by the program that connects, and connections begin as fast as they can speak. Once; in the
 * context of the process, or of the work item.
 *
 * Return: SIGNET_REASON_NONE, or why nothing is to be begun.
 */
enum signet_reason signet_handshake_prepare(struct signet_socket *ss,
					    const struct signet_credential *credential);

/**
 * signet_handshake_dial - begin the TCP connection of a client
 * @ss: connecting, and prepared; or in plaintext
 * @background: nobody hears what it returns. When it can't be begun, the socket's error tells why,
 *              and if it isn't in plaintext, it is dismissed
 *
 * In the context of the process, or of the work item.
 *
 * Return: -EINPROGRESS, or 0 when it is there already; else why it can't be begun, and @ss isn't
 * watched.
 */
int signet_handshake_dial(struct signet_socket *ss, bool background);

/* Takes over what a resolution without error gave: a credential, or leave to go in plaintext. */
void signet_handshake_take_credential(struct signet_socket *ss);

/* Wipes and frees what only the handshake needs. No-op when there is nothing. */
void signet_handshake_free(struct signet_socket *ss);

#endif
