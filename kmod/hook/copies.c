// SPDX-License-Identifier: GPL-2.0
/*
 * Sockmap's copies for IPv6, and kTLS's for both families, are made when they are first used. Those
 * of sockmap for IPv4, and of MPTCP, are as old as the kernel's boot and hold none of our patches.
 * Debian 12's kernel has no espintcp, which makes its copy for IPv6 late, too; chtls and ovpn make
 * theirs when they are loaded, and must be loaded before.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "hook/copies.h"

#include <linux/skmsg.h>
#include <linux/tcp.h>
#include <net/inet_connection_sock.h>
#include <net/tcp.h>

#ifdef CONFIG_BPF_SYSCALL
int signet_sockmap_copies(struct sock *sk, struct proto *copies[SIGNET_SOCKMAP_COPIES])
{
	/* Which copy it is depends on which programs there are. None is ever run. */
	struct bpf_prog *some = ZERO_SIZE_PTR;
	struct sk_psock *psock;
	int i, err = 0;

	psock = sk_psock_init(sk, NUMA_NO_NODE);
	if (IS_ERR(psock))
		return PTR_ERR(psock);
	lock_sock(sk);
	psock->psock_update_sk_prot = sk->sk_prot->psock_update_sk_prot;
	for (i = 0; i < SIGNET_SOCKMAP_COPIES && !err; i++) {
		psock->progs.msg_parser = i & 1 ? some : NULL;
		psock->progs.stream_verdict = i & 2 ? some : NULL;
		err = psock->psock_update_sk_prot(sk, psock, false);
		copies[i] = sk->sk_prot;
	}
	psock->progs.msg_parser = NULL;
	psock->progs.stream_verdict = NULL;
	sk_psock_put(sk, psock);
	release_sock(sk);
	return err ?: SIGNET_SOCKMAP_COPIES;
}
#else
int signet_sockmap_copies(struct sock *sk, struct proto *copies[SIGNET_SOCKMAP_COPIES])
{
	return 0;
}
#endif

int signet_ktls_prime(struct socket *sock, struct module **ktls)
{
	struct proto *stock = sock->sk->sk_prot;
	struct sock *sk = sock->sk;
	char name[] = "tls";
	int err;

	/* kTLS takes only what is connected. A real connection would need the loopback to be up. */
	WRITE_ONCE(sk->sk_state, TCP_ESTABLISHED);
	err = stock->setsockopt(sk, SOL_TCP, TCP_ULP, KERNEL_SOCKPTR(name), sizeof(name) - 1);
	WRITE_ONCE(sk->sk_state, TCP_CLOSE);
	if (err) {
		pr_err("this kernel's TLS (CONFIG_TLS) can't be used: error %d\n", err);
		return err;
	}
	if (sk->sk_prot->disconnect == stock->disconnect) {
		pr_err("this kernel's TLS lets programs send plaintext from a protected connection (CVE-2025-37756): Linux 6.1.135, 6.12.24 or 6.15, or later, is needed\n");
		return -EOPNOTSUPP;
	}
	*ktls = inet_csk(sk)->icsk_ulp_ops->owner;
	__module_get(*ktls);
	return 0;
}
