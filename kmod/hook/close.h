/* SPDX-License-Identifier: GPL-2.0 */
/* The end of a connection that the program closes: nothing lost, close_notify before FIN. */
#ifndef SIGNET_CLOSE_H
#define SIGNET_CLOSE_H

#include <linux/net.h>
#include <linux/workqueue.h>

struct signet_socket;

/* How long data that the program has written may take after it has closed. */
#define SIGNET_CLOSING_TIMEOUT (60 * HZ)

int signet_release(struct socket *sock);
int signet_shutdown(struct socket *sock, int how);

/* struct signet_socket's @closing. */
void signet_closing_work(struct work_struct *work);

/* The socket is open: does what shutdown() asked for during the handshake. */
void signet_closing_resume(struct signet_socket *ss);

#endif
