// SPDX-License-Identifier: GPL-2.0
/*
 * Options that would give away keys, take the module's operations from a socket, or read past kTLS
 * are refused; everything else is TCP's.
 */
#include "hook/sockopt.h"

#include <asm/ioctls.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <net/ipv6.h>
#include <net/tcp.h>

#include "hook/patch.h"
#include "session/control.h"
#include "session/sending.h"
#include "session/socket.h"
#include "session/stock.h"

static int setsockopt_protected(struct signet_socket *ss, int level, int name)
{
	if (level == SOL_TLS)
		return -ENOPROTOOPT; /* getsockopt(TLS_TX) is the traffic key */
	if (level == SOL_IPV6 && name == IPV6_ADDRFORM)
		return -EOPNOTSUPP;
	if (level != SOL_TCP)
		return 0;
	switch (name) {
	case TCP_ULP:
		return -EEXIST;
	case TCP_REPAIR:
	case TCP_REPAIR_QUEUE:
	case TCP_QUEUE_SEQ:
	case TCP_REPAIR_OPTIONS:
	case TCP_REPAIR_WINDOW:
		return -EPERM;
	case TCP_FASTOPEN_CONNECT:
		return -EINVAL;
	default:
		return 0;
	}
}

/* TCP sends what it has kept back when it is told not to; so does kTLS. */
static void setsockopt_done(struct signet_socket *ss, int name)
{
	u8 nonagle = tcp_sk(ss->sk)->nonagle;

	if (READ_ONCE(ss->plain) || signet_socket_state(ss) != SIGNET_CONNECTION_STATE_OPEN)
		return;
	if ((name == TCP_NODELAY && nonagle & TCP_NAGLE_OFF) ||
	    (name == TCP_CORK && !(nonagle & TCP_NAGLE_CORK)))
		signet_sending_push(ss);
}

/* What these do on a socket that isn't connected, and a hooked one that isn't protected isn't. */
static int setsockopt_unprotected(int level, int name)
{
	if (level == SOL_TLS)
		return -ENOPROTOOPT;
	if ((level == SOL_TCP && name == TCP_ULP) || (level == SOL_IPV6 && name == IPV6_ADDRFORM))
		return -ENOTCONN;
	return 0;
}

int signet_setsockopt(struct socket *sock, int level, int name, sockptr_t value, unsigned int len)
{
	struct signet_socket *ss;
	int err;

	if (!signet_enter())
		return -EINTR;
	ss = signet_socket_find(sock->sk);
	if (!ss)
		err = setsockopt_unprotected(level, name);
	else
		err = setsockopt_protected(ss, level, name);
	if (!err)
		err = signet_stock_ops(sock->sk)->setsockopt(sock, level, name, value, len);
	if (!err && ss && level == SOL_TCP)
		setsockopt_done(ss, name);
	signet_socket_put(ss);
	signet_leave();
	return err;
}

int signet_getsockopt(struct socket *sock, int level, int name, char __user *value,
		      int __user *len)
{
	struct signet_socket *ss;
	int err = 0;

	if (!signet_enter())
		return -EINTR;
	ss = signet_socket_find(sock->sk);
	if (level == SOL_TLS)
		err = -ENOPROTOOPT;
	else if (ss && level == SOL_TCP && name == TCP_ZEROCOPY_RECEIVE)
		err = -EOPNOTSUPP;
	signet_socket_put(ss);
	if (!err)
		err = signet_stock_ops(sock->sk)->getsockopt(sock, level, name, value, len);
	signet_leave();
	return err;
}

/* TCP makes room for as much. With the socket's lock held. */
int signet_set_rcvlowat(struct sock *sk, int value)
{
	struct signet_socket *ss = signet_socket_find(sk);
	int err = signet_stock_ops(sk)->set_rcvlowat(sk, value);

	if (ss && !READ_ONCE(ss->plain)) {
		WRITE_ONCE(ss->setup.rcvlowat, sk->sk_rcvlowat);
		WRITE_ONCE(sk->sk_rcvlowat, 1);
	}
	signet_socket_put(ss);
	return err;
}

/* 1: @cmd is dealt with. */
static int ioctl_protected(struct signet_socket *ss, unsigned int cmd, int __user *arg,
			   int *err)
{
	int available = 0;

	if (cmd != SIOCINQ || READ_ONCE(ss->plain))
		return 0;
	if (signet_socket_state(ss) == SIGNET_CONNECTION_STATE_OPEN)
		available = signet_control_available(ss);
	*err = put_user(available, arg);
	return 1;
}

int signet_ioctl(struct socket *sock, unsigned int cmd, unsigned long arg)
{
	struct signet_socket *ss;
	int err = 0;

	if (!signet_enter())
		return -EINTR;
	ss = signet_socket_find(sock->sk);
	if (!ss || !ioctl_protected(ss, cmd, (int __user *)arg, &err))
		err = signet_stock_ops(sock->sk)->ioctl(sock, cmd, arg);
	signet_socket_put(ss);
	signet_leave();
	return err;
}

#ifdef CONFIG_COMPAT
int signet_compat_ioctl(struct socket *sock, unsigned int cmd, unsigned long arg)
{
	const struct proto_ops *stock = signet_stock_ops(sock->sk);
	struct signet_socket *ss;
	int err = 0;

	if (!signet_enter())
		return -EINTR;
	ss = signet_socket_find(sock->sk);
	if (!ss || !ioctl_protected(ss, cmd, (int __user *)arg, &err))
		err = stock->compat_ioctl ? stock->compat_ioctl(sock, cmd, arg) : -ENOIOCTLCMD;
	signet_socket_put(ss);
	signet_leave();
	return err;
}
#endif

/* What is mapped is what arrives on the wire. */
int signet_mmap(struct file *file, struct socket *sock, struct vm_area_struct *area)
{
	struct signet_socket *ss = signet_socket_find(sock->sk);

	if (ss) {
		signet_socket_put(ss);
		return -ENODEV;
	}
	return signet_stock_ops(sock->sk)->mmap(file, sock, area);
}
