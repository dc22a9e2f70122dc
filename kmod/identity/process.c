// SPDX-License-Identifier: GPL-2.0
#include "identity/process.h"

#include <linux/cgroup.h>
#include <linux/cred.h>
#include <linux/dcache.h>
#include <linux/fs.h>
#include <linux/jhash.h>
#include <linux/nsproxy.h>
#include <linux/pid_namespace.h>
#include <linux/proc_ns.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/user_namespace.h>

#include "compat.h"
#include "identity/identity.h"
#include "identity/node.h"
#include "identity/resolve.h"
#include "watch/stats.h"
#include "watch/trace.h"

/* How often processes that ended are looked for. */
#define SIGNET_SWEEP_INTERVAL (30 * HZ)

static atomic64_t signet_generations = ATOMIC64_INIT(0);
static atomic64_t signet_requests = ATOMIC64_INIT(0);

/* A mount namespace's struct is private to fs/, but begins with its ns_common in every kernel. */
static const struct ns_common *mount_ns_common(const struct nsproxy *nsproxy)
{
	return (const struct ns_common *)nsproxy->mnt_ns;
}

int signet_process_check_layout(void)
{
	const struct ns_common *ns = mount_ns_common(current->nsproxy);

	return ns->ops && ns->ops->type == CLONE_NEWNS && !strcmp(ns->ops->name, "mnt") ?
		       0 : -EPROTO;
}

static u64 current_cgroup_id(void)
{
#ifdef CONFIG_CGROUPS
	u64 id;

	rcu_read_lock();
	id = cgroup_id(task_dfl_cgroup(current));
	rcu_read_unlock();
	return id;
#else
	return 0;
#endif
}

int signet_process_facts_get(struct signet_process_facts *facts)
{
	const struct cred *cred = current_cred();
	const struct nsproxy *nsproxy = current->nsproxy;
	struct file *exe;

	memset(facts, 0, sizeof(*facts));
	if ((current->flags & (PF_KTHREAD | PF_EXITING)) || !current->mm || !nsproxy)
		return -ESRCH;
	exe = signet_exe_file_get(current->mm);
	if (!exe)
		return -ESRCH;
	facts->exe_inode = file_inode(exe)->i_ino;
	facts->exe_device = file_inode(exe)->i_sb->s_dev;
	fput(exe);

	facts->start_ns = current->group_leader->start_boottime;
	facts->exec_id = READ_ONCE(current->self_exec_id);
	facts->cgroup = current_cgroup_id();
	facts->capabilities = signet_capability_bits(cred->cap_effective);
	facts->uid = cred->euid;
	facts->gid = cred->egid;
	facts->user_ns = cred->user_ns->ns.inum;
	facts->mount_ns = mount_ns_common(nsproxy)->inum;
	facts->network_ns = nsproxy->net_ns->ns.inum;
	facts->pid_ns = task_active_pid_ns(current)->ns.inum;
	facts->no_new_privs = task_no_new_privs(current);
	facts->pid = get_pid(task_tgid(current));
	return 0;
}

void signet_process_facts_put(struct signet_process_facts *facts)
{
	put_pid(facts->pid);
	facts->pid = NULL;
}

static u32 facts_hash(const struct signet_process_facts *facts)
{
	BUILD_BUG_ON(sizeof(*facts) % sizeof(u32));
	return jhash2((const u32 *)facts, sizeof(*facts) / sizeof(u32), 0);
}

/* The paths of the calling process, copied to their length. */
static int capture_paths(struct signet_process *process)
{
	char *page = (char *)__get_free_page(GFP_KERNEL);
	struct file *exe;
	char *path;
	int err = -ENOMEM;

	BUILD_BUG_ON(SIGNET_MAX_PATH > PAGE_SIZE);
	if (!page)
		return -ENOMEM;
	exe = signet_exe_file_get(current->mm);
	path = exe ? d_path(&exe->f_path, page, SIGNET_MAX_PATH) : ERR_PTR(-ESRCH);
	if (exe)
		fput(exe);
	if (IS_ERR(path)) {
		err = PTR_ERR(path);
		goto out;
	}
	process->exe_path = kstrdup(path, GFP_KERNEL_ACCOUNT);
	if (!process->exe_path)
		goto out;

#ifdef CONFIG_CGROUPS
	rcu_read_lock();
	err = cgroup_path(task_dfl_cgroup(current), page, SIGNET_MAX_PATH);
	rcu_read_unlock();
	if (err < 0 || err >= SIGNET_MAX_PATH) {
		err = -ENAMETOOLONG;
		goto out;
	}
#else
	strscpy(page, "/", SIGNET_MAX_PATH);
#endif
	process->cgroup_path = kstrdup(page, GFP_KERNEL_ACCOUNT);
	err = process->cgroup_path ? 0 : -ENOMEM;
out:
	free_page((unsigned long)page);
	return err;
}

static void process_free(struct signet_process *process)
{
	signet_identity_put(process->identity);
	if (process->state == SIGNET_PROCESS_NEW)
		kfree(process->quota);
	put_pid(process->facts.pid);
	kfree(process->entry_id);
	kfree(process->exe_path);
	kfree(process->cgroup_path);
	kfree(process);
}

/* A new process without its paths, or NULL. */
static struct signet_process *process_alloc(const struct signet_process_facts *facts, pid_t tid)
{
	struct signet_process *process = kzalloc(sizeof(*process), GFP_KERNEL_ACCOUNT);

	if (!process)
		return NULL;
	process->quota = kzalloc(sizeof(*process->quota), GFP_KERNEL_ACCOUNT);
	if (!process->quota) {
		kfree(process);
		return NULL;
	}
	process->quota->uid = facts->uid;
	INIT_LIST_HEAD(&process->quota->lru);
	refcount_set(&process->refs, 1);
	memcpy(&process->facts, facts, sizeof(*facts));
	get_pid(facts->pid);
	process->state = SIGNET_PROCESS_NEW;
	process->generation = atomic64_inc_return(&signet_generations);
	process->request = atomic64_inc_return(&signet_requests);
	process->tid = tid;
	INIT_LIST_HEAD(&process->lru);
	INIT_LIST_HEAD(&process->quota_lru);
	INIT_LIST_HEAD(&process->question);
	INIT_LIST_HEAD(&process->waiting);
	return process;
}

struct signet_process *signet_process_new(const struct signet_process_facts *facts)
{
	struct signet_process *process = process_alloc(facts, task_pid_nr(current));
	int err;

	if (!process)
		return ERR_PTR(-ENOMEM);
	err = capture_paths(process);
	if (err) {
		process_free(process);
		return ERR_PTR(err);
	}
	return process;
}

struct signet_process *signet_process_again(const struct signet_process *process)
{
	struct signet_process *again = process_alloc(&process->facts, process->tid);

	if (!again)
		return ERR_PTR(-ENOMEM);
	again->exe_path = kstrdup(process->exe_path, GFP_KERNEL_ACCOUNT);
	again->cgroup_path = kstrdup(process->cgroup_path, GFP_KERNEL_ACCOUNT);
	if (!again->exe_path || !again->cgroup_path) {
		process_free(again);
		return ERR_PTR(-ENOMEM);
	}
	return again;
}

struct signet_process *signet_process_get(struct signet_process *process)
{
	refcount_inc(&process->refs);
	return process;
}

void signet_process_put(struct signet_process *process)
{
	if (process && refcount_dec_and_test(&process->refs))
		process_free(process);
}

void signet_processes_put(struct list_head *dead)
{
	struct signet_process *process, *next;

	list_for_each_entry_safe(process, next, dead, lru) {
		list_del_init(&process->lru);
		signet_process_put(process);
	}
}

struct signet_process *signet_process_find(struct signet_node *node,
					   const struct signet_process_facts *facts)
{
	struct signet_process *process;

	lockdep_assert_held(&node->lock);
	hash_for_each_possible(node->processes, process, hash, facts_hash(facts)) {
		if (memcmp(&process->facts, facts, sizeof(*facts)))
			continue;
		if (process->state == SIGNET_PROCESS_KNOWN) {
			list_move_tail(&process->lru, &node->process_lru);
			list_move_tail(&process->quota_lru, &process->quota->lru);
		}
		return process;
	}
	return NULL;
}

/* Gives the process the quota of its uid; its own when that is the first. */
static void quota_join(struct signet_node *node, struct signet_process *process)
{
	u32 key = __kuid_val(process->facts.uid);
	struct signet_quota *quota;

	hash_for_each_possible(node->quotas, quota, hash, key) {
		if (!uid_eq(quota->uid, process->facts.uid))
			continue;
		kfree(process->quota);
		process->quota = quota;
		return;
	}
	hash_add(node->quotas, &process->quota->hash, key);
}

static void quota_release(struct signet_process *process)
{
	struct signet_quota *quota = process->quota;

	if (quota->processes || quota->resolutions)
		return;
	hash_del(&quota->hash);
	kfree(quota);
	process->quota = NULL;
}

static void question_end(struct signet_node *node, struct signet_process *process)
{
	list_del_init(&process->question);
	if (process->sent)
		node->in_flight--;
	process->sent = false;
}

void signet_process_forget(struct signet_node *node, struct signet_process *process,
			   struct list_head *dead)
{
	lockdep_assert_held(&node->lock);
	if (process->state == SIGNET_PROCESS_ASKING)
		question_end(node, process);
	hash_del(&process->hash);
	list_del_init(&process->quota_lru);
	list_move(&process->lru, dead);
	process->state = SIGNET_PROCESS_FORGOTTEN;
	process->quota->processes--;
	node->process_count--;
	quota_release(process);
}

int signet_process_ask(struct signet_node *node, struct signet_process *process,
		       struct list_head *dead)
{
	struct signet_process *oldest = NULL;

	lockdep_assert_held(&node->lock);
	quota_join(node, process);
	process->state = SIGNET_PROCESS_ASKING;
	process->quota->processes++;
	node->process_count++;
	signet_process_get(process);
	hash_add(node->processes, &process->hash, facts_hash(&process->facts));
	list_add_tail(&process->question, &node->unsent);

	if (process->quota->processes > SIGNET_PROCESSES_PER_UID_MAX)
		oldest = list_first_entry_or_null(&process->quota->lru, struct signet_process,
						  quota_lru);
	else if (node->process_count > SIGNET_PROCESSES_MAX)
		oldest = list_first_entry_or_null(&node->process_lru, struct signet_process, lru);
	else
		goto asked;
	if (!oldest) {
		signet_process_forget(node, process, dead);
		return -ENOBUFS;
	}
	signet_process_forget(node, oldest, dead);
asked:
	queue_delayed_work(signet_agent_wq, &node->sweep, SIGNET_SWEEP_INTERVAL);
	return 0;
}

int signet_process_wait(struct signet_node *node, struct signet_process *process)
{
	lockdep_assert_held(&node->lock);
	if (node->resolutions >= SIGNET_RESOLUTIONS_MAX ||
	    process->quota->resolutions >= SIGNET_RESOLUTIONS_PER_UID_MAX)
		return -ENOBUFS;
	node->resolutions++;
	process->quota->resolutions++;
	return 0;
}

void signet_process_wait_end(struct signet_node *node, struct signet_process *process)
{
	lockdep_assert_held(&node->lock);
	node->resolutions--;
	process->quota->resolutions--;
	quota_release(process);
}

struct signet_process *signet_process_next_question(struct signet_node *node)
{
	struct signet_process *process;

	lockdep_assert_held(&node->lock);
	if (node->in_flight >= SIGNET_QUESTIONS_IN_FLIGHT_MAX)
		return NULL;
	process = list_first_entry_or_null(&node->unsent, struct signet_process, question);
	if (!process)
		return NULL;
	list_move_tail(&process->question, &node->asked);
	process->sent = true;
	node->in_flight++;
	return signet_process_get(process);
}

void signet_process_unsend(struct signet_node *node, struct signet_process *process)
{
	lockdep_assert_held(&node->lock);
	if (!process->sent)
		return;
	process->sent = false;
	node->in_flight--;
	list_move(&process->question, &node->unsent);
}

void signet_process_unsend_all(struct signet_node *node)
{
	struct signet_process *process;

	lockdep_assert_held(&node->lock);
	list_for_each_entry(process, &node->asked, question)
		process->sent = false;
	list_splice_init(&node->asked, &node->unsent);
	node->in_flight = 0;
}

static struct signet_process *find_asked(struct signet_node *node, u64 request)
{
	struct signet_process *process;

	list_for_each_entry(process, &node->asked, question)
		if (process->request == request)
			return process;
	return NULL;
}

/* The answer can't be kept: who waits for it is told now, and the next connection asks again. */
static int answer_lost(struct signet_node *node, u64 request, int err)
{
	struct signet_process *process;
	LIST_HEAD(dead);

	spin_lock(&node->lock);
	process = find_asked(node, request);
	if (process) {
		signet_resolve_identified(process, err == -ENOMEM ? SIGNET_REASON_NO_MEMORY :
								    SIGNET_REASON_LIMIT);
		signet_process_forget(node, process, &dead);
	}
	spin_unlock(&node->lock);
	signet_processes_put(&dead);
	queue_delayed_work(signet_agent_wq, &node->deliver, 0);
	return err;
}

int signet_process_answer(struct signet_node *node, u64 request, enum signet_verdict verdict,
			  const char *spiffe_id, const char *entry_id)
{
	struct signet_identity *identity = NULL;
	struct signet_process *process;
	char *entry = NULL;
	LIST_HEAD(dead);

	lockdep_assert_held(&node->change);
	if (verdict == SIGNET_VERDICT_IDENTITY) {
		entry = kstrdup(entry_id, GFP_KERNEL);
		if (!entry)
			return answer_lost(node, request, -ENOMEM);
		identity = signet_identity_get(node, spiffe_id, entry_id);
		if (IS_ERR(identity)) {
			kfree(entry);
			return answer_lost(node, request, PTR_ERR(identity));
		}
	}

	spin_lock(&node->lock);
	process = find_asked(node, request);
	if (!process) {
		spin_unlock(&node->lock);
		signet_identity_put(identity);
		kfree(entry);
		return -ENOENT;
	}
	question_end(node, process);
	process->verdict = verdict;
	process->identity = identity;
	process->entry_id = entry;
	process->answered = ktime_get_boottime();
	process->state = SIGNET_PROCESS_KNOWN;
	list_add_tail(&process->lru, &node->process_lru);
	list_add_tail(&process->quota_lru, &process->quota->lru);
	kfree(process->exe_path);
	process->exe_path = NULL;
	kfree(process->cgroup_path);
	process->cgroup_path = NULL;
	signet_process_get(process);
	signet_resolve_identified(process, SIGNET_REASON_NONE);
	if (verdict == SIGNET_VERDICT_GONE)
		signet_process_forget(node, process, &dead);
	spin_unlock(&node->lock);

	trace_signet_process_answered(request, verdict, spiffe_id);
	signet_process_put(process);
	signet_processes_put(&dead);
	queue_delayed_work(signet_agent_wq, &node->deliver, 0);
	return 0;
}

void signet_process_flush(struct signet_node *node)
{
	struct signet_process *process, *next;
	LIST_HEAD(dead);

	spin_lock(&node->lock);
	list_for_each_entry_safe(process, next, &node->process_lru, lru)
		signet_process_forget(node, process, &dead);
	spin_unlock(&node->lock);
	signet_processes_put(&dead);
}

static bool process_ended(const struct signet_process *process)
{
	bool ended;

	rcu_read_lock();
	ended = !pid_task(process->facts.pid, PIDTYPE_TGID);
	rcu_read_unlock();
	return ended;
}

/* One bucket at a time, so that the lock is never held for long. */
void signet_process_sweep(struct work_struct *work)
{
	struct signet_node *node = container_of(work, struct signet_node, sweep.work);
	struct signet_process *process;
	struct hlist_node *next;
	LIST_HEAD(dead);
	unsigned int bucket;
	bool left;

	for (bucket = 0; bucket < HASH_SIZE(node->processes); bucket++) {
		spin_lock(&node->lock);
		hlist_for_each_entry_safe(process, next, &node->processes[bucket], hash)
			if (process->state == SIGNET_PROCESS_KNOWN && process_ended(process))
				signet_process_forget(node, process, &dead);
		spin_unlock(&node->lock);
		cond_resched();
	}
	signet_processes_put(&dead);

	spin_lock(&node->lock);
	left = node->process_count;
	spin_unlock(&node->lock);
	if (left)
		queue_delayed_work(signet_agent_wq, &node->sweep, SIGNET_SWEEP_INTERVAL);
}

void signet_process_forget_all(struct signet_node *node)
{
	struct signet_process *process;
	struct hlist_node *next;
	LIST_HEAD(dead);
	unsigned int bucket;

	spin_lock(&node->lock);
	hash_for_each_safe(node->processes, bucket, next, process, hash)
		signet_process_forget(node, process, &dead);
	spin_unlock(&node->lock);
	signet_processes_put(&dead);
}
