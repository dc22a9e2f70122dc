// SPDX-License-Identifier: GPL-2.0
/* Loading and unloading. What comes later needs what comes before. */
#include <linux/module.h>

#include "crypto/primitives.h"
#include "hook/patch.h"
#include "identity/node.h"
#include "netlink/deliver.h"
#include "netlink/family.h"
#include "policy/policy.h"
#include "session/admission.h"
#include "session/ending.h"
#include "session/listener.h"
#include "session/machine.h"
#include "session/serving.h"
#include "session/socket.h"
#include "session/turn.h"
#include "watch/stats.h"

static int __init load(void)
{
	int err;

	signet_admission_init();
	err = signet_crypto_init();
	if (err)
		return err;
	err = signet_turn_init();
	if (err)
		goto no_turn;
	err = signet_socket_init();
	if (err)
		goto no_socket;
	err = signet_listener_init();
	if (err)
		goto no_listener;
	err = signet_serving_init();
	if (err)
		goto no_serving;
	err = signet_ending_init();
	if (err)
		goto no_ending;
	err = signet_policy_init();
	if (err)
		goto no_policy;
	err = signet_node_init(signet_deliver);
	if (err)
		goto no_node;
	err = signet_machine_init();
	if (err)
		goto no_machine;
	err = signet_stats_init(signet_node_revision_in, signet_node_ending_in);
	if (err)
		goto no_stats;
	err = signet_hook_init();
	if (err)
		goto no_hook;
	err = signet_netlink_init();
	if (err)
		goto no_netlink;
	return 0;

no_netlink:
	signet_hook_undo();
no_hook:
	signet_stats_exit();
no_stats:
	signet_machine_exit();
no_machine:
	signet_node_exit();
no_node:
	signet_policy_exit();
no_policy:
	signet_ending_exit();
no_ending:
	signet_serving_exit();
no_serving:
	signet_listener_exit();
no_listener:
	signet_socket_exit();
no_socket:
	signet_turn_exit();
no_turn:
	signet_crypto_exit();
	return err;
}

/* Nobody holds a reference: no socket is hooked, none protected, no agent's message is handled. */
static void __exit unload(void)
{
	signet_netlink_exit();
	signet_hook_exit();
	signet_stats_exit();
	signet_machine_exit();
	signet_ending_exit();
	signet_serving_exit();
	signet_listener_exit();
	signet_socket_exit();
	signet_turn_exit();
	signet_node_exit();
	signet_policy_exit();
	signet_crypto_exit();
	rcu_barrier();
}

module_init(load);
module_exit(unload);

MODULE_DESCRIPTION("Workload identity and mutual TLS under unmodified programs");
MODULE_AUTHOR("The Signet authors");
MODULE_LICENSE("GPL");
MODULE_VERSION("0.1.0"); /* package.json's */
MODULE_SOFTDEP(SIGNET_CRYPTO_SOFTDEP);
