// SPDX-License-Identifier: GPL-2.0
#include "watch/stats.h"

#include <linux/kernel.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/seq_file_net.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

#include "watch/reason.h"

static unsigned int stats_net_id;
static u64 (*policy_revision)(struct net *net);
static unsigned int (*sessions_ending)(struct net *net);

static const char *const counter_names[] = {
	[SIGNET_COUNT_RESOLVE] = "resolve",
	[SIGNET_COUNT_RESOLVE_AT_ONCE] = "resolve-at-once",
	[SIGNET_COUNT_HANDSHAKE_STARTED] = "handshake-started",
	[SIGNET_COUNT_HANDSHAKE_FINISHED] = "handshake-finished",
	[SIGNET_COUNT_BEGUN_EARLY] = "begun-early",
	[SIGNET_COUNT_OPENED_CLIENT] = "opened-client",
	[SIGNET_COUNT_OPENED_SERVER] = "opened-server",
	[SIGNET_COUNT_REFUSED] = "refused",
	[SIGNET_COUNT_CLOSED] = "closed",
	[SIGNET_COUNT_ENDED] = "ended",
	[SIGNET_COUNT_JUDGED] = "judged",
	[SIGNET_COUNT_PLAINTEXT] = "plaintext",
	[SIGNET_COUNT_OUTSIDE] = "outside",
	[SIGNET_COUNT_UNHOOKED_REFUSED] = "unhooked-refused",
	[SIGNET_COUNT_OCCUPIED_REFUSED] = "occupied-refused",
	[SIGNET_COUNT_MPTCP_REFUSED] = "mptcp-refused",
	[SIGNET_COUNT_SMC_REFUSED] = "smc-refused",
	[SIGNET_COUNT_EVENT_BUILT] = "event-built",
	[SIGNET_COUNT_EVENT_LOST] = "event-lost",
};

struct signet_stats *signet_stats(struct net *net)
{
	return net_generic(net, stats_net_id);
}

void signet_count(struct net *net, enum signet_counter counter)
{
	atomic64_inc(&signet_stats(net)->counters[counter]);
}

static void show_reasons(struct seq_file *seq, const char *what, const atomic64_t *counters)
{
	int reason;

	for (reason = SIGNET_REASON_NONE + 1; reason <= SIGNET_REASON_MAX; reason++)
		seq_printf(seq, "%s-%s %lld\n", what, signet_reason_name(reason),
			   atomic64_read(&counters[reason]));
}

static int stats_show(struct seq_file *seq, void *unused)
{
	struct net *net = seq_file_single_net(seq);
	const struct signet_stats *stats = signet_stats(net);
	int i;

	seq_printf(seq, "policy-revision %llu\n", policy_revision(net));
	seq_printf(seq, "ending %u\n", sessions_ending(net));

	BUILD_BUG_ON(ARRAY_SIZE(counter_names) != SIGNET_COUNT_MAX);
	for (i = 0; i < SIGNET_COUNT_MAX; i++)
		seq_printf(seq, "%s %lld\n", counter_names[i], atomic64_read(&stats->counters[i]));
	show_reasons(seq, "refused", stats->refused);
	show_reasons(seq, "ended", stats->ended);
	return 0;
}

static int __net_init stats_net_start(struct net *net)
{
	if (!IS_ENABLED(CONFIG_PROC_FS))
		return 0;
	return proc_create_net_single("signet_stat", 0444, net->proc_net, stats_show,
				      NULL) ? 0 : -ENOMEM;
}

static void __net_exit stats_net_stop(struct net *net)
{
	remove_proc_entry("signet_stat", net->proc_net);
}

static struct pernet_operations stats_net_ops = {
	.init = stats_net_start,
	.exit = stats_net_stop,
	.id = &stats_net_id,
	.size = sizeof(struct signet_stats),
};

int signet_stats_init(u64 (*revision)(struct net *net), unsigned int (*ending)(struct net *net))
{
	policy_revision = revision;
	sessions_ending = ending;
	return register_pernet_subsys(&stats_net_ops);
}

void signet_stats_exit(void)
{
	unregister_pernet_subsys(&stats_net_ops);
}
