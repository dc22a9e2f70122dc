/* SPDX-License-Identifier: GPL-2.0 */
/* Options, ioctls and mappings of hooked sockets. SOL_SOCKET never comes here. */
#ifndef SIGNET_SOCKOPT_H
#define SIGNET_SOCKOPT_H

#include <linux/net.h>
#include <linux/sockptr.h>

#include "compat.h"

int signet_setsockopt(struct socket *sock, int level, int name, sockptr_t value, unsigned int len);
int signet_getsockopt(struct socket *sock, int level, int name, char __user *value,
		      int __user *len);
int signet_set_rcvlowat(struct sock *sk, int value);
int signet_ioctl(struct socket *sock, unsigned int cmd, unsigned long arg);
#ifdef CONFIG_COMPAT
int signet_compat_ioctl(struct socket *sock, unsigned int cmd, unsigned long arg);
#endif
int signet_mmap(struct file *file, struct socket *sock, struct vm_area_struct *area);

#endif
