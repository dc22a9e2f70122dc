/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SIGNET_NETLINK_DELIVER_H
#define SIGNET_NETLINK_DELIVER_H

#include <linux/workqueue.h>

/**
 * signet_deliver - send a node's agent what waits for it
 * @work: the node's @deliver
 *
 * Questions first, then certificate requests. What the agent has no room for goes again.
 */
void signet_deliver(struct work_struct *work);

#endif
