// SPDX-License-Identifier: GPL-2.0
/* The table of protected connections, by ID. */
#include "session/connection.h"

#include <linux/xarray.h>

#include "identity/identity.h"
#include "identity/node.h"
#include "session/control.h"
#include "session/ending.h"
#include "session/socket.h"

static DEFINE_XARRAY(signet_connections);
static atomic64_t signet_connection_ids = ATOMIC64_INIT(0);

int signet_connection_add(struct signet_socket *ss)
{
	ss->id = atomic64_inc_return(&signet_connection_ids);
	return xa_err(xa_store(&signet_connections, ss->id, ss, GFP_KERNEL));
}

void signet_connection_unlist(struct signet_socket *ss)
{
	spin_lock(&ss->lock);
	ss->gone = true;
	spin_unlock(&ss->lock);
	xa_erase(&signet_connections, ss->id);
}

void signet_connection_remove(struct signet_socket *ss)
{
	signet_connection_unlist(ss);
	signet_ending_finish(ss);
}

struct signet_socket *signet_connection_next(unsigned long *id)
{
	struct signet_socket *ss;

	rcu_read_lock();
	do {
		ss = xa_find_after(&signet_connections, id, ULONG_MAX, XA_PRESENT);
	} while (ss && !refcount_inc_not_zero(&ss->refs));
	rcu_read_unlock();
	return ss;
}

static const char *cipher_name(enum signet_cipher cipher)
{
	switch (cipher) {
	case SIGNET_AES_128_GCM_SHA256:
		return "TLS_AES_128_GCM_SHA256";
	case SIGNET_CHACHA20_POLY1305_SHA256:
		return "TLS_CHACHA20_POLY1305_SHA256";
	}
	return NULL;
}

static const char *group_name(enum signet_group group)
{
	switch (group) {
	case SIGNET_X25519:
		return "x25519";
	case SIGNET_SECP256R1:
		return "secp256r1";
	}
	return NULL;
}

/* What has ended is shown as such, whatever its program has closed of it. */
static enum signet_connection_state connection_state(const struct signet_socket *ss)
{
	if (!READ_ONCE(ss->ending.ended))
		return signet_socket_state(ss);
	return READ_ONCE(ss->ending.closed) ? SIGNET_CONNECTION_STATE_ENDED :
					      SIGNET_CONNECTION_STATE_ENDING;
}

static void connection_describe(struct signet_socket *ss,
				struct signet_connection_info *info)
{
	bool open;

	memset(info, 0, sizeof(*info));
	info->id = ss->id;
	info->role = ss->role;
	info->state = connection_state(ss);
	memcpy(&info->local, &ss->local, sizeof(ss->local));
	memcpy(&info->peer, &ss->remote, sizeof(ss->remote));
	/* Pairs with handshake.c, which sets the credential first. */
	open = smp_load_acquire(&ss->identified);
	if (open && ss->credential) {
		info->local_id = ss->credential->spiffe_id;
		info->local_serial = ss->credential->serial;
	}
	/* Pairs with handshake.c, which sets the peer's ID and serial first. */
	if (smp_load_acquire(&ss->peer.known)) {
		info->peer_id = ss->peer.id;
		info->peer_serial = ss->peer.serial;
	}
	info->cipher = cipher_name(ss->peer.cipher);
	info->group = group_name(ss->peer.group);
	info->alpn = ss->peer.alpn ? SIGNET_TLS_ALPN : NULL;
	info->age_ms = ktime_ms_delta(ktime_get_boottime(), ss->started);
	info->tx_bytes = atomic64_read(&ss->tx_bytes);
	info->rx_bytes = atomic64_read(&ss->rx_bytes);
	info->reason = READ_ONCE(ss->reason);
	info->alert = READ_ONCE(ss->alert);
	info->error = READ_ONCE(ss->error);
	info->pid = ss->pid;
	info->netns = ss->netns;
}

int signet_connection_walk(struct signet_node *node, u64 *after,
			   int (*show)(const struct signet_connection_info *info, void *context),
			   void *context)
{
	struct signet_connection_info info;
	struct signet_socket *ss;
	unsigned long id = *after;
	int ret = 0;

	while (!ret && (ss = signet_connection_next(&id))) {
		if (ss->node == node) {
			connection_describe(ss, &info);
			ret = show(&info, context);
		}
		if (!ret)
			*after = id;
		signet_socket_put(ss);
		cond_resched();
	}
	return ret;
}

void signet_connection_event(struct signet_socket *ss, enum signet_event_kind kind)
{
	struct signet_connection_info info;

	connection_describe(ss, &info);
	signet_event_connection(ss->node, sock_net(ss->sk), kind, &info);
}
