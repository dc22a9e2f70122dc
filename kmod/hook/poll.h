/* SPDX-License-Identifier: GPL-2.0 */
/* The operation poll. */
#ifndef SIGNET_HOOK_POLL_H
#define SIGNET_HOOK_POLL_H

#include <linux/net.h>

__poll_t signet_poll(struct file *file, struct socket *sock, struct poll_table_struct *wait);

#endif
