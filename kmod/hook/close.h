/* SPDX-License-Identifier: GPL-2.0 */
/* The operations release and shutdown. */
#ifndef SIGNET_HOOK_CLOSE_H
#define SIGNET_HOOK_CLOSE_H

#include <linux/net.h>

int signet_release(struct socket *sock);
int signet_shutdown(struct socket *sock, int how);

#endif
