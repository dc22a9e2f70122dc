/* SPDX-License-Identifier: GPL-2.0 */
/* Reading, writing and polling. */
#ifndef SIGNET_DATA_H
#define SIGNET_DATA_H

#include <linux/net.h>

#include "compat.h"

struct pipe_inode_info;
struct signet_socket;

int signet_sendmsg(struct socket *sock, struct msghdr *msg, size_t size);
int signet_recvmsg(struct socket *sock, struct msghdr *msg, size_t size, int flags);
ssize_t signet_splice_read(struct socket *sock, loff_t *position, struct pipe_inode_info *pipe,
			   size_t len, unsigned int flags);
void signet_splice_eof(struct socket *sock);
#ifdef SIGNET_HAS_SENDPAGE
ssize_t signet_sendpage(struct socket *sock, struct page *page, int offset, size_t size, int flags);
#endif
__poll_t signet_poll(struct file *file, struct socket *sock, struct poll_table_struct *wait);

/* Bytes of plaintext that can be read without waiting; more than 64 KiB count as 64 KiB. */
int signet_data_available(struct signet_socket *ss);

#endif
