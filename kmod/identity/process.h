/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Processes: the facts that only the kernel can vouch for, and what the agent said of them.
 *
 * What is known is found by the facts themselves. A change of any of them (exec, credentials,
 * cgroup, namespaces) is a process that is not known yet, so nothing has to notice the change. The
 * facts hold a reference on the process's struct pid: a pid that is used again is another struct. A
 * child has other facts than its parent, so a fork asks again; the agent's answer is the same.
 */
#ifndef SIGNET_PROCESS_H
#define SIGNET_PROCESS_H

#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/pid.h>
#include <linux/refcount.h>
#include <linux/uidgid.h>

#include "uapi/generated/signet.h"

struct signet_identity;
struct signet_node;
struct work_struct;

/* Processes that a node remembers, in all and of one uid. */
#define SIGNET_PROCESSES_MAX 16384
#define SIGNET_PROCESSES_PER_UID_MAX 4096
/* Questions that the agent has and didn't answer; more wait here. */
#define SIGNET_QUESTIONS_IN_FLIGHT_MAX 64
/* How long "no identity" is believed while there is an agent to ask again. */
#define SIGNET_NO_IDENTITY_AGE_MS 5000

/**
 * struct signet_process_facts - who connects or accepts
 * @pid: of the thread group
 * @start_ns: of the thread group's leader, CLOCK_BOOTTIME
 * @exec_id: grows with each exec
 * @exe_inode: of the file that runs
 * @cgroup: id in the default hierarchy
 * @capabilities: effective set
 * @exe_device: of the file's superblock
 * @uid: effective
 * @gid: effective
 * @user_ns: inode number
 * @mount_ns: inode number
 * @network_ns: inode number
 * @pid_ns: inode number
 * @no_new_privs: 0 or 1
 *
 * Compared and hashed as bytes: zeroed before it is filled.
 */
struct signet_process_facts {
	struct pid *pid;
	u64 start_ns;
	u64 exec_id;
	u64 exe_inode;
	u64 cgroup;
	u64 capabilities;
	u32 exe_device;
	kuid_t uid;
	kgid_t gid;
	u32 user_ns;
	u32 mount_ns;
	u32 network_ns;
	u32 pid_ns;
	u32 no_new_privs;
};

/**
 * struct signet_quota - what one uid has of a node; guarded by the node's lock
 * @hash: in the node's quotas
 * @uid: in the initial user namespace
 * @processes: remembered
 * @resolutions: that wait
 * @lru: its answered processes, least recently used first
 */
struct signet_quota {
	struct hlist_node hash;
	kuid_t uid;
	unsigned int processes;
	unsigned int resolutions;
	struct list_head lru;
};

enum signet_process_state {
	SIGNET_PROCESS_NEW, /* not in the table yet; has a quota of its own to give to it */
	SIGNET_PROCESS_ASKING, /* in the table; the agent didn't answer yet */
	SIGNET_PROCESS_KNOWN, /* in the table; the agent answered */
	SIGNET_PROCESS_FORGOTTEN, /* no longer in the table */
};

/**
 * struct signet_process - a process and what the agent says of it
 * @refs: references: the table's, and those of resolutions
 * @facts: constant; holds a reference on @facts.pid
 * @generation: grows with each process that is met
 * @request: names the question to the agent
 * @tid: of the thread that was met first, in the initial pid namespace
 *
 * The rest is guarded by the node's lock:
 *
 * @state: see enum signet_process_state
 * @hash: in the node's processes
 * @lru: in the node's LRU list while known
 * @quota_lru: in the quota's LRU list while known
 * @quota: of the process's uid
 * @question: in the node's unsent or asked questions while asking
 * @sent: it is in the asked ones
 * @waiting: resolutions that wait for the answer
 * @verdict: the answer
 * @identity: with SIGNET_VERDICT_IDENTITY; a reference
 * @answered: CLOCK_BOOTTIME
 * @entry_id: that the agent found
 * @exe_path: for the question
 * @cgroup_path: for the question
 */
struct signet_process {
	refcount_t refs;
	struct signet_process_facts facts;
	u64 generation;
	u64 request;
	pid_t tid;

	enum signet_process_state state;
	struct hlist_node hash;
	struct list_head lru;
	struct list_head quota_lru;
	struct signet_quota *quota;
	struct list_head question;
	bool sent;
	struct list_head waiting;
	enum signet_verdict verdict;
	struct signet_identity *identity;
	ktime_t answered;
	char *entry_id;
	char *exe_path;
	char *cgroup_path;
};

/**
 * signet_process_facts_get - the facts of the calling process
 * @facts: filled; holds a reference on its struct pid until signet_process_facts_put()
 *
 * Return: 0, or -ESRCH for what is no process (kernel threads, tasks that exit).
 */
int signet_process_facts_get(struct signet_process_facts *facts);
void signet_process_facts_put(struct signet_process_facts *facts);

/**
 * signet_process_new - a process to be asked about: the calling one
 * @facts: its facts
 *
 * Sleeps.
 *
 * Return: a reference; ERR_PTR(-ENOMEM), or ERR_PTR(-ENAMETOOLONG) when a path doesn't fit.
 */
struct signet_process *signet_process_new(const struct signet_process_facts *facts);

/**
 * signet_process_again - a process to be asked about: one that was met before, and was forgotten
 * @process: as it was met
 *
 * In any process's context. Sleeps.
 *
 * Return: a reference, or ERR_PTR(-ENOMEM).
 */
struct signet_process *signet_process_again(const struct signet_process *process);

/* One more reference; the caller has one, or holds the node's lock. */
struct signet_process *signet_process_get(struct signet_process *process);
/* Process context, the node's lock not held. NULL is fine. */
void signet_process_put(struct signet_process *process);

/**
 * signet_process_find - what is remembered of a process
 * @node: the node, whose lock is held
 * @facts: of the process
 *
 * Marks it as used.
 *
 * Return: without a reference; NULL when nothing is.
 */
struct signet_process *signet_process_find(struct signet_node *node,
					   const struct signet_process_facts *facts);

/**
 * signet_process_ask - remember a new process and have the agent asked about it
 * @node: the node, whose lock is held
 * @process: new; the table takes a reference of its own
 * @dead: for signet_processes_put()
 *
 * May forget the process that was not used for longest.
 *
 * Return: 0, or -ENOBUFS when the uid or the node has too many.
 */
int signet_process_ask(struct signet_node *node, struct signet_process *process,
		       struct list_head *dead);

/**
 * signet_process_forget - remember a process no longer
 * @node: the node, whose lock is held
 * @process: in the table
 * @dead: gets the table's reference by its lru link; signet_processes_put() drops it
 */
void signet_process_forget(struct signet_node *node, struct signet_process *process,
			   struct list_head *dead);
/* The node's lock is not held. */
void signet_processes_put(struct list_head *dead);

/**
 * signet_process_answer - what the agent says of a process
 * @node: the node, whose change mutex is held
 * @request: the question
 * @verdict: the answer
 * @spiffe_id: with SIGNET_VERDICT_IDENTITY; was checked
 * @entry_id: with SIGNET_VERDICT_IDENTITY
 *
 * Return: 0, -ENOENT when nobody waits for that answer, -ENOMEM, -ENOBUFS for too many identities.
 */
int signet_process_answer(struct signet_node *node, u64 request, enum signet_verdict verdict,
			  const char *spiffe_id, const char *entry_id);

/**
 * signet_process_flush - forget the answers of all processes
 * @node: the node
 */
void signet_process_flush(struct signet_node *node);

/**
 * signet_process_wait - one more, or one less, resolution that waits for a process of that uid
 * @node: the node, whose lock is held
 * @process: was in the table at some time
 *
 * Return: 0, or -ENOBUFS when the uid or the node has too many.
 */
int signet_process_wait(struct signet_node *node, struct signet_process *process);
void signet_process_wait_end(struct signet_node *node, struct signet_process *process);

/**
 * signet_process_next_question - the next process to ask the agent about
 * @node: the node, whose lock is held
 *
 * Return: a reference on a process that now counts as asked about; NULL when there is none, or the
 * agent has enough of them.
 */
struct signet_process *signet_process_next_question(struct signet_node *node);
/* It could not be sent: it is the next again. The node's lock is held. */
void signet_process_unsend(struct signet_node *node, struct signet_process *process);
/* All questions have to be sent again, to another agent. The node's lock is held. */
void signet_process_unsend_all(struct signet_node *node);

/* The node's @sweep: forget processes that ended. */
void signet_process_sweep(struct work_struct *work);
/* The end of a node: nobody waits for any process any more. */
void signet_process_forget_all(struct signet_node *node);

/* Once, when the module is loaded. 0, or -EPROTO when the kernel isn't the one it was built for. */
int signet_process_check_layout(void);

#endif
