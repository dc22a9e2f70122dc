// SPDX-License-Identifier: GPL-2.0
/* Places for handshakes: a count in all, a count for each source address. */
#include "session/admission.h"

#include <linux/hashtable.h>
#include <linux/jhash.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <net/ipv6.h>

#include "session/socket.h"

#define SIGNET_SOURCE_BITS 10

/**
 * struct signet_source - an address with handshakes
 * @hash: in signet_sources
 * @address: IPv4 as mapped; of IPv6 the /64
 * @count: of its handshakes
 * @silent: those that have sent no ClientHello, oldest first
 */
struct signet_source {
	struct hlist_node hash;
	struct in6_addr address;
	unsigned int count;
	struct list_head silent;
};

/* Guards everything here and the admissions' lists. Process context; innermost. */
static DEFINE_SPINLOCK(signet_admission_lock);
static DEFINE_HASHTABLE(signet_sources, SIGNET_SOURCE_BITS);
static LIST_HEAD(signet_silent);
static unsigned int signet_handshake_count;
static u32 signet_source_seed __read_mostly;

static void source_address(const union signet_address *peer, struct in6_addr *address)
{
	/* Of IPv6 the network: whoever has one address of a /64 has all of them. */
	if (peer->any.sa_family == AF_INET6)
		ipv6_addr_prefix(address, &peer->v6.sin6_addr, 64);
	else
		ipv6_addr_set_v4mapped(peer->v4.sin_addr.s_addr, address);
}

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

static void admission_release(struct signet_admission *admission)
{
	struct signet_source *source = admission->source;

	lockdep_assert_held(&signet_admission_lock);
	list_del_init(&admission->silent);
	list_del_init(&admission->silent_of_source);
	admission->source = NULL;
	signet_handshake_count--;
	if (!--source->count) {
		hash_del(&source->hash);
		kfree(source);
	}
}

/* Takes the place of one that is silent; its handshake is told to end. */
static void admission_expire(struct signet_admission *admission)
{
	struct signet_socket *ss = container_of(admission, struct signet_socket,
						setup.admission);

	admission_release(admission);
	cmpxchg(&ss->setup.expired, SIGNET_REASON_NONE, SIGNET_REASON_LIMIT);
	signet_socket_step(ss);
}

static bool admission_make_room(struct signet_source *source)
{
	struct signet_admission *oldest = NULL;

	if (source->count > SIGNET_HANDSHAKES_PER_SOURCE_MAX)
		oldest = list_first_entry_or_null(&source->silent, struct signet_admission,
						  silent_of_source);
	else if (signet_handshake_count > SIGNET_HANDSHAKES_MAX)
		oldest = list_first_entry_or_null(&signet_silent, struct signet_admission, silent);
	else
		return true;
	if (oldest)
		admission_expire(oldest);
	return oldest;
}

int signet_admission_enter(struct signet_admission *admission, const union signet_address *peer)
{
	struct signet_source *source, *fresh;
	struct in6_addr address;
	int err = 0;

	source_address(peer, &address);
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
	/* Not yet in the lists, so that it isn't the one that makes room. */
	if (admission_make_room(source)) {
		list_add_tail(&admission->silent, &signet_silent);
		list_add_tail(&admission->silent_of_source, &source->silent);
	} else {
		admission_release(admission);
		err = -ENOBUFS;
	}
	spin_unlock(&signet_admission_lock);
	kfree(fresh);
	return err;
}

void signet_admission_spoke(struct signet_admission *admission)
{
	spin_lock(&signet_admission_lock);
	list_del_init(&admission->silent);
	list_del_init(&admission->silent_of_source);
	spin_unlock(&signet_admission_lock);
}

void signet_admission_leave(struct signet_admission *admission)
{
	spin_lock(&signet_admission_lock);
	if (admission->source)
		admission_release(admission);
	spin_unlock(&signet_admission_lock);
}

void signet_admission_init(void)
{
	signet_source_seed = get_random_u32();
}
