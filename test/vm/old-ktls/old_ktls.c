// SPDX-License-Identifier: GPL-2.0
/*
 * Makes kTLS of an address family what it was before Linux 6.1.135: its sockets have TCP's own
 * disconnect. As long as it is loaded: insmod old_ktls.ko family=2|10
 */
#include <linux/module.h>
#include <linux/tcp.h>
#include <net/tcp.h>

static int family;
module_param(family, int, 0400);

static struct socket *sock;
static int (*fixed)(struct sock *sk, int flags);

static int __init old_ktls_init(void)
{
	char name[] = "tls";
	int err;

	err = sock_create_kern(&init_net, family, SOCK_STREAM, IPPROTO_TCP, &sock);
	if (err)
		return err;
	/* kTLS wants a connection; nobody else sees that this is none. */
	sock->sk->sk_state = TCP_ESTABLISHED;
	err = tcp_setsockopt(sock->sk, SOL_TCP, TCP_ULP, KERNEL_SOCKPTR(name), sizeof(name) - 1);
	sock->sk->sk_state = TCP_CLOSE;
	if (err) {
		sock_release(sock);
		return err;
	}
	fixed = sock->sk->sk_prot->disconnect;
	sock->sk->sk_prot->disconnect = tcp_prot.disconnect;
	return 0;
}

static void __exit old_ktls_exit(void)
{
	sock->sk->sk_prot->disconnect = fixed;
	sock_release(sock);
}

module_init(old_ktls_init);
module_exit(old_ktls_exit);
MODULE_DESCRIPTION("kTLS as it was when its sockets could be disconnected");
MODULE_LICENSE("GPL");
