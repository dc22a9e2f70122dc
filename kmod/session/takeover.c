// SPDX-License-Identifier: GPL-2.0
/*
 * Keys go to kTLS while sk->sk_socket points at a shadow. From then on each arrival is shown, as by
 * TCP.
 */
#include "session/takeover.h"

#include <linux/tcp.h>
#include <linux/tls.h>

#include "compat.h"
#include "session/socket.h"

/* One of the two structures that kTLS takes; @info is the first member of both. */
union signet_crypto_info {
	struct tls_crypto_info info;
	struct tls12_crypto_info_aes_gcm_128 aes_gcm_128;
	struct tls12_crypto_info_chacha20_poly1305 chacha20_poly1305;
};

static void point_at_socket(struct sock *sk, struct socket *sock)
{
	lock_sock(sk);
	write_lock_bh(&sk->sk_callback_lock);
	sk_set_socket(sk, sock);
	write_unlock_bh(&sk->sk_callback_lock);
	release_sock(sk);
}

/*
 * The program's SOL_SOCKET calls find the shadow in sk->sk_socket, and may have it in their hands
 * long afterwards. So it is a whole socket with operations, and stays until the program's file is
 * released, which no call outlasts.
 */
int signet_takeover_prepare(struct signet_socket *ss)
{
	struct socket *shadow;
	int err;

	if (ss->setup.shadow)
		return 0;
	err = sock_create_lite(ss->sk->sk_family, SOCK_STREAM, IPPROTO_TCP, &shadow);
	if (err)
		return err;
	shadow->sk = ss->sk;
	shadow->state = SS_CONNECTED;
	ss->setup.shadow = shadow;
	return 0;
}

static void shadow_enter(struct signet_socket *ss)
{
	WRITE_ONCE(ss->setup.shadow->ops, ss->stock);
	point_at_socket(ss->sk, ss->setup.shadow);
}

/* Returns the operations that kTLS gave the shadow. */
static const struct proto_ops *shadow_leave(struct signet_socket *ss)
{
	struct socket *shadow = ss->setup.shadow;
	const struct proto_ops *ops;

	point_at_socket(ss->sk, ss->sock);
	ops = shadow->ops;
	WRITE_ONCE(shadow->ops, ss->sock->ops);
	return ops;
}

void signet_takeover_release(struct signet_socket *ss)
{
	struct socket *shadow = ss->setup.shadow;

	if (!shadow)
		return;
	ss->setup.shadow = NULL;
	shadow->sk = NULL;
	shadow->ops = NULL; /* no reference belongs to them */
	sock_release(shadow);
}

static int ktls_set(struct sock *sk, int level, int name, void *value, unsigned int len)
{
	/* kTLS has replaced it by now, so it is looked up each time. */
	return READ_ONCE(sk->sk_prot)->setsockopt(sk, level, name, KERNEL_SOCKPTR(value), len);
}

int signet_takeover_begin(struct signet_socket *ss)
{
	char name[] = "tls";
	int err;

	shadow_enter(ss);
	err = ktls_set(ss->sk, SOL_TCP, TCP_ULP, name, sizeof(name) - 1);
	shadow_leave(ss);
	return err;
}

static unsigned int crypto_info_fill(union signet_crypto_info *info,
				     enum signet_cipher cipher,
				     const struct signet_tls_keys *keys)
{
	__be64 sequence = cpu_to_be64(keys->sequence);

	memset(info, 0, sizeof(*info));
	info->info.version = TLS_1_3_VERSION;
	if (cipher == SIGNET_AES_128_GCM_SHA256) {
		info->info.cipher_type = TLS_CIPHER_AES_GCM_128;
		memcpy(info->aes_gcm_128.key, keys->key, TLS_CIPHER_AES_GCM_128_KEY_SIZE);
		memcpy(info->aes_gcm_128.salt, keys->iv, TLS_CIPHER_AES_GCM_128_SALT_SIZE);
		memcpy(info->aes_gcm_128.iv, keys->iv + TLS_CIPHER_AES_GCM_128_SALT_SIZE,
		       TLS_CIPHER_AES_GCM_128_IV_SIZE);
		memcpy(info->aes_gcm_128.rec_seq, &sequence, sizeof(sequence));
		return sizeof(info->aes_gcm_128);
	}
	info->info.cipher_type = TLS_CIPHER_CHACHA20_POLY1305;
	memcpy(info->chacha20_poly1305.key, keys->key, TLS_CIPHER_CHACHA20_POLY1305_KEY_SIZE);
	memcpy(info->chacha20_poly1305.iv, keys->iv, TLS_CIPHER_CHACHA20_POLY1305_IV_SIZE);
	memcpy(info->chacha20_poly1305.rec_seq, &sequence, sizeof(sequence));
	return sizeof(info->chacha20_poly1305);
}

static int ktls_key(struct sock *sk, int direction, enum signet_cipher cipher,
		    const struct signet_tls_keys *keys)
{
	union signet_crypto_info info;
	unsigned int len;
	int err;

	len = crypto_info_fill(&info, cipher, keys);
	err = ktls_set(sk, SOL_TLS, direction, &info, len);
	memzero_explicit(&info, sizeof(info));
	return err;
}

/* kTLS's own, the same for all sockets: it is set before the first one's callback. */
static void (*ktls_data_ready)(struct sock *sk);

/*
 * In softirq, or with the socket's lock held. kTLS wakes nobody for what comes behind a record that
 * nobody has read; TCP for each arrival, which edge-triggered epoll shows.
 */
static void data_ready(struct sock *sk)
{
	struct tls_sw_context_rx *rx = tls_sw_ctx_rx(tls_get_ctx(sk));
	bool unread = READ_ONCE(rx->strp.msg_ready);

	/* Pairs with show_arrivals(). */
	smp_rmb();
	ktls_data_ready(sk);
	if (unread)
		rx->saved_data_ready(sk);
}

/* kTLS puts TCP's callback back when it lets go of the socket. */
static void show_arrivals(struct sock *sk)
{
	write_lock_bh(&sk->sk_callback_lock);
	WRITE_ONCE(ktls_data_ready, sk->sk_data_ready);
	/* Who calls ours finds kTLS's. */
	smp_wmb();
	WRITE_ONCE(sk->sk_data_ready, data_ready);
	write_unlock_bh(&sk->sk_callback_lock);
}

int signet_takeover_finish(struct signet_socket *ss, const struct signet_tls_result *result)
{
	const struct proto_ops *ktls;
	int err;

	shadow_enter(ss);
	err = ktls_key(ss->sk, TLS_TX, result->cipher, &result->tx);
	if (!err)
		err = ktls_key(ss->sk, TLS_RX, result->cipher, &result->rx);
	ktls = shadow_leave(ss);
	if (err)
		return err;
	show_arrivals(ss->sk);
	ss->ktls = ktls;
	return 0;
}
