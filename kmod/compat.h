/* SPDX-License-Identifier: GPL-2.0 */
/* What differs between the kernels that the module supports: 6.1 and 6.12. */
#ifndef SIGNET_COMPAT_H
#define SIGNET_COMPAT_H

#include <linux/net.h>
#include <linux/socket.h>
#include <linux/version.h>
#include <net/sock.h>
#include <net/tls.h>

/* sendfile: ->sendpage until 6.4, MSG_SPLICE_PAGES from 6.5 on. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 5, 0)
#define SIGNET_HAS_SENDPAGE 1
#endif

#ifndef MSG_SPLICE_PAGES
#define MSG_SPLICE_PAGES 0
#endif

/* The last arguments of proto.accept and proto_ops.accept became one structure in 6.10. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 10, 0)
#define SIGNET_ACCEPT_ARGS struct proto_accept_arg *arg
#define SIGNET_ACCEPT_FLAGS (arg->flags)
#define SIGNET_ACCEPT_KERN (arg->kern)
#define SIGNET_PROTO_ACCEPT_STRUCT 1
#define SIGNET_PROTO_ACCEPT_ARGS struct proto_accept_arg *arg
#define SIGNET_PROTO_ACCEPT_PASS arg
#define SIGNET_PROTO_ACCEPT_ERROR (arg->err)
#else
#define SIGNET_ACCEPT_ARGS int flags, bool kern
#define SIGNET_ACCEPT_FLAGS flags
#define SIGNET_ACCEPT_KERN kern
#define SIGNET_PROTO_ACCEPT_ARGS int flags, int *err, bool kern
#define SIGNET_PROTO_ACCEPT_PASS flags, err, kern
#define SIGNET_PROTO_ACCEPT_ERROR (*err)
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0)
#define timer_shutdown_sync del_timer_sync
#endif

#endif
