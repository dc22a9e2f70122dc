// SPDX-License-Identifier: GPL-2.0
/*
 * A source's window is how many of its handshakes are begun at a time. It grows by one with each
 * that was over soon, and halves when one took long: a peer that can do forty in a second has
 * hundreds under way when it is far away, and few when it is slow, so that none gets so old that it
 * is given up when most of its work is done.
 */
#include "session/turn.h"

#include <linux/cpumask.h>
#include <linux/hashtable.h>
#include <linux/jhash.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/timer.h>

#include "session/socket.h"
#include "session/source.h"

/* A handshake that is over so soon lets the window grow; one that takes so long halves it. */
#define SOON (2 * HZ)
#define LONG (4 * HZ)
/* A step that runs for so long is held up by a lock, and isn't counted among those that run. */
#define STUCK HZ
/* Half of the workers; each user may have one more, and there are some for who has none. */
#define STUCK_MAX (SIGNET_TURN_WORKERS / 2)
static_assert(STUCK_MAX + SIGNET_TURN_USERS < SIGNET_TURN_WORKERS);
/* When it is tried again whether the program still holds its socket's lock; and then twice that. */
#define LATER_MS 4
#define LATER_DOUBLINGS 8
#define LANE_BITS 8

/**
 * struct signet_lane - the handshakes of a source
 * @hash: in lanes
 * @source: where they come from
 * @refs: of turns
 * @waiting: those that have begun nothing, oldest first
 * @wait_count: how many
 * @ready: in ready_lanes while some wait and the window has room
 * @begun: how many
 * @window: how many may be
 * @halved: jiffies when the window was halved last
 */
struct signet_lane {
	struct hlist_node hash;
	struct in6_addr source;
	unsigned int refs;
	struct list_head waiting;
	unsigned int wait_count;
	struct list_head ready;
	unsigned int begun;
	unsigned int window;
	unsigned long halved;
};

/*
 * Guards everything here and all turns. Taken in softirq and inside wait queues, so with interrupts
 * off. Only the locks of workqueues and timers are taken inside.
 */
static DEFINE_SPINLOCK(turn_lock);
static DEFINE_HASHTABLE(lanes, LANE_BITS);
static LIST_HEAD(hurried);
static LIST_HEAD(cheap);
static LIST_HEAD(begun);
static bool cheap_next;
static LIST_HEAD(ready_lanes);
static LIST_HEAD(later_turns);
static LIST_HEAD(running);
static unsigned int stuck_count;
static unsigned int stuck_of[SIGNET_TURN_USERS];
static struct workqueue_struct *turn_wq;
static u32 lane_seed __read_mostly;

static void look_again(struct timer_list *unused);
static DEFINE_TIMER(look_timer, look_again);

static struct signet_socket *socket_of(struct signet_turn *turn)
{
	return container_of(turn, struct signet_socket, setup.turn);
}

/* A lane is in the circle of those that may begin something exactly while that is so. */
static void lane_update(struct signet_lane *lane)
{
	bool ready = !list_empty(&lane->waiting) && lane->begun < lane->window;

	lockdep_assert_held(&turn_lock);
	if (ready && list_empty(&lane->ready))
		list_add_tail(&lane->ready, &ready_lanes);
	else if (!ready)
		list_del_init(&lane->ready);
}

static void enqueue(struct signet_turn *turn)
{
	lockdep_assert_held(&turn_lock);
	turn->state = SIGNET_TURN_QUEUED;
	turn->again = false;
	if (turn->waits) {
		list_add_tail(&turn->link, &turn->lane->waiting);
		turn->lane->wait_count++;
		lane_update(turn->lane);
	} else if (turn->hurries) {
		turn->hurries--;
		list_add_tail(&turn->link, &hurried);
	} else {
		list_add_tail(&turn->link, turn->begun ? &begun : &cheap);
	}
}

static void dequeue(struct signet_turn *turn)
{
	lockdep_assert_held(&turn_lock);
	list_del_init(&turn->link);
	if (turn->waits) {
		turn->lane->wait_count--;
		lane_update(turn->lane);
	}
}

/* What waits in its lane waits for nobody any more: its next step is a cheap one. */
static void wait_no_more(struct signet_turn *turn)
{
	lockdep_assert_held(&turn_lock);
	if (turn->state == SIGNET_TURN_QUEUED && turn->waits) {
		dequeue(turn);
		list_add_tail(&turn->link, &cheap);
	}
	turn->waits = false;
}

static void lane_learn(struct signet_lane *lane, unsigned long took)
{
	if (took < SOON && lane->window < SIGNET_LANE_MAX) {
		lane->window++;
	} else if (took > LONG && time_after(jiffies, lane->halved + SOON)) {
		lane->window = max_t(unsigned int, lane->window / 2, SIGNET_LANE_MIN);
		lane->halved = jiffies;
	}
}

/* It has no place in its lane any more. @over: from how long it took, the window follows. */
static void lane_leave(struct signet_turn *turn, bool over)
{
	struct signet_lane *lane = turn->lane;

	lockdep_assert_held(&turn_lock);
	if (!lane)
		return;
	wait_no_more(turn);
	turn->lane = NULL;
	if (turn->begun) {
		lane->begun--;
		if (over)
			lane_learn(lane, jiffies - turn->begun_at);
	}
	lane_update(lane);
	if (!--lane->refs) {
		hash_del(&lane->hash);
		kfree(lane);
	}
}

/* Cheap steps and those of what was begun take turns: many of the ones mustn't keep the others. */
static struct list_head *next_queue(void)
{
	lockdep_assert_held(&turn_lock);
	/* Before these few steps who dials has made a ClientHello, which takes far longer. */
	if (!list_empty(&hurried))
		return &hurried;
	cheap_next = !cheap_next;
	if (list_empty(&begun))
		return &cheap;
	if (list_empty(&cheap))
		return &begun;
	return cheap_next ? &cheap : &begun;
}

static struct signet_turn *next_turn(void)
{
	struct signet_turn *turn;
	struct signet_lane *lane;

	turn = list_first_entry_or_null(next_queue(), struct signet_turn, link);
	if (turn) {
		dequeue(turn);
		return turn;
	}
	lane = list_first_entry_or_null(&ready_lanes, struct signet_lane, ready);
	if (!lane)
		return NULL;
	turn = list_first_entry(&lane->waiting, struct signet_turn, link);
	dequeue(turn);
	list_del_init(&lane->ready);
	lane->begun++;
	turn->waits = false;
	turn->begun = true;
	turn->begun_at = jiffies;
	lane_update(lane); /* now behind all others */
	return turn;
}

/* May one more run? Those that are stuck don't count: the timer looks when one may be. */
static bool has_worker(void)
{
	struct signet_turn *turn;
	unsigned long oldest = 0;
	unsigned int count = 0;

	list_for_each_entry_reverse(turn, &running, link) {
		/* And so are all that run longer. */
		if (turn->stuck)
			break;
		if (time_after(jiffies, turn->since + STUCK)) {
			turn->stuck = true;
			stuck_count++;
			stuck_of[turn->user]++;
		} else {
			oldest = turn->since;
			count++;
		}
	}
	if (count + stuck_count >= SIGNET_TURN_WORKERS)
		return false; /* signet_turn_over() looks again */
	if (count < num_online_cpus())
		return true;
	timer_reduce(&look_timer, oldest + STUCK + 1);
	return false;
}

/*
 * A program that holds many locks, and for long, must not keep the CPUs busy with looking; nor the
 * others of its peer's address waiting, who don't know it.
 */
static void run_later(struct signet_turn *turn)
{
	turn->state = SIGNET_TURN_LATER;
	turn->due = jiffies + msecs_to_jiffies(LATER_MS << turn->delays);
	if (turn->delays < LATER_DOUBLINGS)
		turn->delays++;
	else
		lane_leave(turn, false);
	list_add_tail(&turn->link, &later_turns);
	timer_reduce(&look_timer, turn->due);
}

static void dispatch(void)
{
	struct signet_turn *turn;

	lockdep_assert_held(&turn_lock);
	while (has_worker() && (turn = next_turn())) {
		if (stuck_count >= STUCK_MAX && stuck_of[turn->user]) {
			run_later(turn);
			continue;
		}
		turn->state = SIGNET_TURN_RUNNING;
		turn->since = jiffies;
		list_add_tail(&turn->link, &running);
		queue_work(turn_wq, &socket_of(turn)->setup.work);
	}
}

/* In softirq. */
static void look_again(struct timer_list *unused)
{
	struct signet_turn *turn, *next;
	unsigned long flags;

	spin_lock_irqsave(&turn_lock, flags);
	list_for_each_entry_safe(turn, next, &later_turns, link) {
		if (time_before(jiffies, turn->due)) {
			timer_reduce(&look_timer, turn->due);
			continue;
		}
		list_del_init(&turn->link);
		enqueue(turn);
	}
	dispatch();
	spin_unlock_irqrestore(&turn_lock, flags);
}

void signet_turn_init_socket(struct signet_socket *ss)
{
	u32 uid = __kuid_val(sock_net_uid(sock_net(ss->sk), ss->sk));

	INIT_LIST_HEAD(&ss->setup.turn.link);
	ss->setup.turn.user = jhash_1word(uid, lane_seed) % SIGNET_TURN_USERS;
}

void signet_turn_ask(struct signet_socket *ss)
{
	struct signet_turn *turn = &ss->setup.turn;
	unsigned long flags;

	spin_lock_irqsave(&turn_lock, flags);
	if (turn->state == SIGNET_TURN_RUNNING) {
		turn->again = true;
	} else if (turn->state == SIGNET_TURN_IDLE && !turn->stopped) {
		refcount_inc(&ss->refs);
		enqueue(turn);
		dispatch();
	}
	spin_unlock_irqrestore(&turn_lock, flags);
}

void signet_turn_over(struct signet_socket *ss, bool later)
{
	struct signet_turn *turn = &ss->setup.turn;
	bool idle = false;
	unsigned long flags;

	spin_lock_irqsave(&turn_lock, flags);
	list_del_init(&turn->link);
	stuck_count -= turn->stuck;
	stuck_of[turn->user] -= turn->stuck;
	turn->stuck = false;
	if (!later)
		turn->delays = 0;
	if (turn->stopped) {
		turn->state = SIGNET_TURN_IDLE;
		idle = true;
	} else if (later) {
		run_later(turn);
	} else if (turn->again) {
		enqueue(turn);
	} else {
		turn->state = SIGNET_TURN_IDLE;
		idle = true;
	}
	dispatch();
	spin_unlock_irqrestore(&turn_lock, flags);
	if (idle)
		signet_socket_put(ss);
}

void signet_turn_stop(struct signet_socket *ss)
{
	struct signet_turn *turn = &ss->setup.turn;
	enum signet_turn_state state;
	unsigned long flags;

	spin_lock_irqsave(&turn_lock, flags);
	/* A work that somebody cancels can't be queued: none must be, as it would never run. */
	turn->stopped = true;
	state = turn->state;
	if (state == SIGNET_TURN_QUEUED || state == SIGNET_TURN_LATER) {
		dequeue(turn);
		turn->state = SIGNET_TURN_IDLE;
	}
	spin_unlock_irqrestore(&turn_lock, flags);
	if (state == SIGNET_TURN_QUEUED || state == SIGNET_TURN_LATER)
		signet_socket_put(ss);
	else if (cancel_work_sync(&ss->setup.work))
		signet_turn_over(ss, false);
}

void signet_turn_resume(struct signet_socket *ss)
{
	unsigned long flags;

	spin_lock_irqsave(&turn_lock, flags);
	ss->setup.turn.stopped = false;
	spin_unlock_irqrestore(&turn_lock, flags);
	signet_turn_ask(ss);
}

static struct signet_lane *lane_find(const struct in6_addr *source, u32 hash)
{
	struct signet_lane *lane;

	hash_for_each_possible(lanes, lane, hash, hash)
		if (ipv6_addr_equal(&lane->source, source))
			return lane;
	return NULL;
}

static int lane_join(struct signet_turn *turn, const union signet_address *peer)
{
	struct signet_lane *lane, *fresh;
	struct in6_addr source;
	unsigned long flags;
	u32 hash;

	signet_source_of(peer, &source);
	hash = jhash2((const u32 *)source.s6_addr32, ARRAY_SIZE(source.s6_addr32), lane_seed);
	fresh = kzalloc(sizeof(*fresh), GFP_KERNEL);
	if (!fresh)
		return -ENOMEM;
	fresh->source = source;
	fresh->window = SIGNET_LANE_START;
	fresh->halved = jiffies;
	INIT_LIST_HEAD(&fresh->waiting);
	INIT_LIST_HEAD(&fresh->ready);

	spin_lock_irqsave(&turn_lock, flags);
	lane = lane_find(&source, hash);
	if (!lane) {
		lane = fresh;
		fresh = NULL;
		hash_add(lanes, &lane->hash, hash);
	}
	lane->refs++;
	turn->lane = lane;
	spin_unlock_irqrestore(&turn_lock, flags);
	kfree(fresh);
	return 0;
}

int signet_turn_begin(struct signet_socket *ss, const union signet_address *peer)
{
	struct signet_turn *turn = &ss->setup.turn;
	unsigned long flags;
	int err;

	/* Only the one step that runs changes these from here on. */
	if (turn->begun)
		return 0;
	err = turn->lane || !peer ? 0 : lane_join(turn, peer);
	if (err)
		return err;
	spin_lock_irqsave(&turn_lock, flags);
	turn->waits = peer;
	turn->begun = !peer;
	turn->hurries = 0;
	turn->again = true;
	spin_unlock_irqrestore(&turn_lock, flags);
	return -EAGAIN;
}

void signet_turn_hasten(struct signet_socket *ss)
{
	unsigned long flags;

	spin_lock_irqsave(&turn_lock, flags);
	ss->setup.turn.hurries = SIGNET_TURN_HURRIES;
	spin_unlock_irqrestore(&turn_lock, flags);
}

void signet_turn_leave(struct signet_socket *ss)
{
	struct signet_turn *turn = &ss->setup.turn;
	unsigned long flags;

	spin_lock_irqsave(&turn_lock, flags);
	if (turn->lane) {
		lane_leave(turn, true);
		dispatch();
	}
	spin_unlock_irqrestore(&turn_lock, flags);
}

bool signet_turn_has_lost_place(const struct signet_socket *ss)
{
	/* Its own step is the only one that may change it now. */
	return ss->setup.turn.delays == LATER_DOUBLINGS;
}

bool signet_turn_shed(void)
{
	struct signet_lane *lane, *greediest = NULL;
	struct signet_turn *newest = NULL;
	unsigned long flags;
	int bucket;

	spin_lock_irqsave(&turn_lock, flags);
	hash_for_each(lanes, bucket, lane, hash)
		if (lane->wait_count > (greediest ? greediest->wait_count : 0))
			greediest = lane;
	if (greediest) {
		newest = list_last_entry(&greediest->waiting, struct signet_turn, link);
		cmpxchg(&socket_of(newest)->setup.expired, SIGNET_REASON_NONE,
			SIGNET_REASON_LIMIT);
		wait_no_more(newest);
		dispatch();
	}
	spin_unlock_irqrestore(&turn_lock, flags);
	return newest;
}

int signet_turn_init(void)
{
	lane_seed = get_random_u32();
	turn_wq = alloc_workqueue("signet_handshake", WQ_UNBOUND | WQ_CPU_INTENSIVE,
				  SIGNET_TURN_WORKERS);
	return turn_wq ? 0 : -ENOMEM;
}

void signet_turn_exit(void)
{
	struct signet_turn *turn;
	unsigned long flags;

	/* A socket that was given back may still be put off, with nothing to do: now. */
	spin_lock_irqsave(&turn_lock, flags);
	list_for_each_entry(turn, &later_turns, link)
		turn->due = jiffies;
	spin_unlock_irqrestore(&turn_lock, flags);
	look_again(NULL);
	flush_workqueue(turn_wq);
	/* The last works may still set the timer. */
	destroy_workqueue(turn_wq);
	del_timer_sync(&look_timer);
}
