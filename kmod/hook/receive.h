/* SPDX-License-Identifier: GPL-2.0 */
/* The operations recvmsg and splice_read. */
#ifndef SIGNET_HOOK_RECEIVE_H
#define SIGNET_HOOK_RECEIVE_H

#include <linux/net.h>

struct pipe_inode_info;

int signet_recvmsg(struct socket *sock, struct msghdr *msg, size_t size, int flags);
ssize_t signet_splice_read(struct socket *sock, loff_t *position, struct pipe_inode_info *pipe,
			   size_t len, unsigned int flags);

#endif
