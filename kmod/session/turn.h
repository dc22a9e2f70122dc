/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Whose turn it is. The steps of handshakes run on as many workers as there are CPUs, in an order
 * in which more work than can be done costs the surplus and not the whole. What only has to be sent
 * comes first; then cheap steps and those of what was begun in turn, of each in the order in which
 * they ask; and something new is begun only when nothing of that waits, for each peer's address in
 * turn.
 */
#ifndef SIGNET_SESSION_TURN_H
#define SIGNET_SESSION_TURN_H

#include <linux/list.h>
#include <linux/types.h>

struct signet_lane;
struct signet_socket;
union signet_address;

/* Handshakes that one source may have begun: at first, at least, at most. See turn.c. */
#define SIGNET_LANE_START 16
#define SIGNET_LANE_MIN 4
#define SIGNET_LANE_MAX 1024

/* Steps that may be under way: as many as CPUs, and those that are stuck. */
#define SIGNET_TURN_WORKERS 256
/* Steps until a ClientHello is sent: when it is dialed, when it is connected, and put off twice. */
#define SIGNET_TURN_HURRIES 4
/* As many users are told apart when it is counted whose steps are stuck; who is whom is random. */
#define SIGNET_TURN_USERS 64

enum signet_turn_state {
	SIGNET_TURN_IDLE, /* has nothing to do */
	SIGNET_TURN_QUEUED, /* has asked */
	SIGNET_TURN_LATER, /* its program held the socket's lock when its turn came */
	SIGNET_TURN_RUNNING, /* its work is queued or runs */
};

/**
 * struct signet_turn - a socket's place among those that want a step; guarded by turn.c's lock
 * @state: see enum signet_turn_state
 * @again: was asked for another step while it ran
 * @stopped: no step is begun any more
 * @waits: its next step begins what is costly
 * @hurries: of its next steps so many come first; none once it begins what is costly
 * @begun: has begun it: counts in @lane, if it is in one
 * @link: in one of the queues, or with those that run
 * @user: whose socket it is: one of SIGNET_TURN_USERS
 * @delays: how often its step was put off in a row
 * @due: jiffies when it is tried again
 * @stuck: its step has run for so long that it must be waiting for the socket's lock
 * @since: jiffies when its step began to run
 * @begun_at: jiffies
 * @lane: of its peer's address; a reference
 */
struct signet_turn {
	enum signet_turn_state state;
	bool again;
	bool stopped;
	bool waits;
	bool begun;
	struct list_head link;
	u8 user;
	u8 delays;
	u8 hurries;
	bool stuck;
	unsigned long due;
	unsigned long since;
	unsigned long begun_at;
	struct signet_lane *lane;
};

/**
 * signet_turn_init_socket - before the first step
 * @ss: new; its struct sock is there
 */
void signet_turn_init_socket(struct signet_socket *ss);

/**
 * signet_turn_ask - have a step run, once more if one runs now
 * @ss: the socket, which isn't free
 *
 * Any context. It has a reference of its own until the step is over.
 */
void signet_turn_ask(struct signet_socket *ss);

/**
 * signet_turn_over - a step has run
 * @ss: the socket whose work this is
 * @later: it wasn't possible now: again after a moment
 *
 * Gives the step's reference back. The last thing that the work does.
 */
void signet_turn_over(struct signet_socket *ss, bool later);

/**
 * signet_turn_begin - begin what is costly
 * @ss: whose step runs
 * @peer: the other side's address; NULL: no turn of its source's is needed, it was begun there
 *
 * Sleeps for memory only.
 *
 * Return: 0 when it may go on; -EAGAIN when the step has to return, as another runs in its turn;
 * -ENOMEM.
 */
int signet_turn_begin(struct signet_socket *ss, const union signet_address *peer);

/**
 * signet_turn_hasten - its next few steps come first
 * @ss: a client's, before it dials: they send what was made, and the peer waits for it
 */
void signet_turn_hasten(struct signet_socket *ss);

/**
 * signet_turn_leave - the handshake is over
 * @ss: the socket; no-op when it had begun nothing
 *
 * From how long it took, its source's window follows.
 */
void signet_turn_leave(struct signet_socket *ss);

/**
 * signet_turn_has_lost_place - was the step put off again and again, for a second or longer?
 * @ss: whose step runs
 *
 * Then it counts among those of its source no more.
 */
bool signet_turn_has_lost_place(const struct signet_socket *ss);

/**
 * signet_turn_shed - there are too many: end the one that came last of the source with most
 *
 * Of those that wait for their turn. Its cost follows the number of sources, and it is asked for
 * only when there is no place. Any context.
 *
 * Return: false when none waits.
 */
bool signet_turn_shed(void);

/* No step runs or is due when it returns, and none will be until it is resumed. Sleeps. */
void signet_turn_stop(struct signet_socket *ss);
/* Steps may run again, and one does. */
void signet_turn_resume(struct signet_socket *ss);

int signet_turn_init(void);
/* When no socket is protected any more. Sleeps. */
void signet_turn_exit(void);

#endif
