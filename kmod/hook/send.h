/* SPDX-License-Identifier: GPL-2.0 */
/* The operations sendmsg, sendpage and splice_eof. */
#ifndef SIGNET_HOOK_SEND_H
#define SIGNET_HOOK_SEND_H

#include <linux/net.h>

#include "compat.h"

int signet_sendmsg(struct socket *sock, struct msghdr *msg, size_t size);
void signet_splice_eof(struct socket *sock);
#ifdef SIGNET_HAS_SENDPAGE
ssize_t signet_sendpage(struct socket *sock, struct page *page, int offset, size_t size, int flags);
#endif

#endif
