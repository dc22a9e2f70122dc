// SPDX-License-Identifier: GPL-2.0
/* Places for handshakes: a count in all, and of the silent ones a count for each source address. */
#include "session/admission.h"

#include <linux/hashtable.h>
#include <linux/jhash.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <net/tcp.h>

#include "session/socket.h"
#include "session/source.h"

#define SIGNET_SOURCE_BITS 10

/**
 * struct signet_source - an address with silent handshakes
 * @hash: in signet_sources
 * @address: see signet_source_of()
 * @count: of its handshakes that have sent no ClientHello
 * @silent: those, oldest first
 */
struct signet_source {
	struct hlist_node hash;
	struct in6_addr address;
	unsigned int count;
	struct list_head silent;
};

/* Guards everything here and the admissions' lists. Process context; only turns' is inside. */
static DEFINE_SPINLOCK(signet_admission_lock);
static DEFINE_HASHTABLE(signet_sources, SIGNET_SOURCE_BITS);
static LIST_HEAD(signet_silent);
static unsigned int signet_handshake_count;
static u32 signet_source_seed __read_mostly;

static u32 source_hash(const struct in6_addr *address)
{
	return jhash2((const u32 *)address->s6_addr32, 4, signet_source_seed);
}

static struct signet_source *source_find(const struct in6_addr *address)
{
	struct signet_source *source;

	hash_for_each_possible(signet_sources, source, hash, source_hash(address))
		if (ipv6_addr_equal(&source->address, address))
			return source;
	return NULL;
}

/* It is silent no longer, or over. */
static void forget_silence(struct signet_admission *admission)
{
	struct signet_source *source = admission->source;

	lockdep_assert_held(&signet_admission_lock);
	if (!source)
		return;
	list_del_init(&admission->silent);
	list_del_init(&admission->silent_of_source);
	admission->source = NULL;
	if (!--source->count) {
		hash_del(&source->hash);
		kfree(source);
	}
}

static void release(struct signet_admission *admission)
{
	forget_silence(admission);
	if (admission->counted)
		signet_handshake_count--;
	/* After the state in which it needs none: pairs with has_place(). */
	smp_store_release(&admission->counted, false);
}

/* Has its peer sent something that only waits to be read? */
static bool has_unread(const struct signet_admission *admission)
{
	const struct signet_socket *ss = container_of(admission, struct signet_socket,
						      setup.admission);
	const struct tcp_sock *tp = tcp_sk(ss->sk);

	return READ_ONCE(tp->rcv_nxt) != READ_ONCE(tp->copied_seq);
}

/* Takes the place of one that is silent; its handshake is told to end. */
static void expire(struct signet_admission *admission)
{
	struct signet_socket *ss = container_of(admission, struct signet_socket, setup.admission);

	release(admission);
	cmpxchg(&ss->setup.expired, SIGNET_REASON_NONE, SIGNET_REASON_LIMIT);
	signet_turn_ask(ss);
}

/* False when none is silent. */
static bool expire_oldest(struct list_head *silent, bool of_source)
{
	struct signet_admission *oldest;

	while (!list_empty(silent)) {
		oldest = of_source ?
			list_first_entry(silent, struct signet_admission, silent_of_source) :
			list_first_entry(silent, struct signet_admission, silent);
		if (!has_unread(oldest)) {
			expire(oldest);
			return true;
		}
		forget_silence(oldest);
	}
	return false;
}

/* For one that is counted, and isn't in the lists of the silent yet. */
static bool make_room(struct signet_source *source)
{
	if (source->count > SIGNET_SILENT_PER_SOURCE_MAX)
		expire_oldest(&source->silent, true);
	if (signet_handshake_count <= SIGNET_HANDSHAKES_MAX)
		return true;
	return expire_oldest(&signet_silent, false) || signet_turn_shed();
}

int signet_admission_enter(struct signet_admission *admission, const union signet_address *peer)
{
	struct signet_source *source, *fresh;
	struct in6_addr address;
	int err = 0;

	signet_source_of(peer, &address);
	fresh = kzalloc(sizeof(*fresh), GFP_KERNEL);
	if (!fresh)
		return -ENOMEM;

	spin_lock(&signet_admission_lock);
	source = source_find(&address);
	if (!source) {
		source = fresh;
		fresh = NULL;
		source->address = address;
		INIT_LIST_HEAD(&source->silent);
		hash_add(signet_sources, &source->hash, source_hash(&address));
	}
	source->count++;
	signet_handshake_count++;
	admission->source = source;
	admission->counted = true;
	/* Not yet in the lists, so that it isn't the one that makes room. */
	if (make_room(source)) {
		list_add_tail(&admission->silent, &signet_silent);
		list_add_tail(&admission->silent_of_source, &source->silent);
	} else {
		release(admission);
		err = -ENOBUFS;
	}
	spin_unlock(&signet_admission_lock);
	kfree(fresh);
	return err;
}

void signet_admission_spoke(struct signet_admission *admission)
{
	spin_lock(&signet_admission_lock);
	forget_silence(admission);
	spin_unlock(&signet_admission_lock);
}

void signet_admission_leave(struct signet_admission *admission)
{
	spin_lock(&signet_admission_lock);
	release(admission);
	spin_unlock(&signet_admission_lock);
}

void signet_admission_init(void)
{
	signet_source_seed = get_random_u32();
}
