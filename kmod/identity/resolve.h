/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Resolution: from the process that connects or accepts to the credential that it acts with. It
 * may need the agent twice, to identify the process and to have a certificate signed, so it is
 * asynchronous.
 */
#ifndef SIGNET_RESOLVE_H
#define SIGNET_RESOLVE_H

#include <linux/list.h>
#include <linux/workqueue.h>

#include "uapi/generated/signet.h"

struct net;
struct signet_credential;
struct signet_node;
struct signet_process;

/* Resolutions that wait, in all and for one uid of the initial user namespace. */
#define SIGNET_RESOLUTIONS_MAX 8192
#define SIGNET_RESOLUTIONS_PER_UID_MAX 1024
/* How long the agent may take to identify a process. */
#define SIGNET_IDENTIFY_TIMEOUT (5 * HZ)

enum signet_resolution_state {
	SIGNET_RESOLUTION_IDLE,
	SIGNET_RESOLUTION_IDENTIFY, /* waits for the agent to identify the process */
	SIGNET_RESOLUTION_CERTIFY, /* waits for a certificate */
	SIGNET_RESOLUTION_READY, /* has its result; @done is due */
	SIGNET_RESOLUTION_DONE, /* @done is running or ran */
	SIGNET_RESOLUTION_CANCELLED,
};

/**
 * struct signet_resolution - one question: what does the calling process act as?
 * @done: called exactly once when signet_resolve() returned -EINPROGRESS, unless the resolution
 *        was cancelled before. From a workqueue, no lock held; may free the resolution; must not
 *        call signet_resolve_cancel() on it. Should hand long work to a work item of its own
 * @error: result: 0, or a negative errno (signet_reason_errno() of @reason)
 * @reason: result: why there is no credential
 * @credential: result: a reference, which is now the caller's; NULL when refused or in plaintext
 * @plaintext: result, with @error 0 and without credential: the process has no identity, and the
 *             policy says to let that through and report it
 *
 * The rest is private to resolve.c and guarded by the node's lock. Embed it, zeroed, in what waits
 * for it, and keep that alive until done, error or cancel.
 */
struct signet_resolution {
	void (*done)(struct signet_resolution *resolution);
	int error;
	enum signet_reason reason;
	struct signet_credential *credential;
	bool plaintext;

	enum signet_resolution_state state;
	struct signet_node *node;
	struct signet_process *process;
	struct list_head link;
	struct delayed_work work;
	unsigned long started;
	unsigned long deadline;
};

/**
 * signet_resolution_init - make a resolution ready for signet_resolve()
 * @resolution: zeroed memory, or one that is over
 * @node: the node of the socket; the caller's reference lasts until the resolution is over
 * @done: see struct signet_resolution
 */
void signet_resolution_init(struct signet_resolution *resolution, struct signet_node *node,
			    void (*done)(struct signet_resolution *resolution));

/**
 * signet_resolve - find out what the calling process acts as
 * @resolution: initialised; refused when it was cancelled already
 *
 * In the context of the process that connects or accepts. Sleeps only for memory; never waits for
 * the agent.
 *
 * Return:
 * * 0: the result is there at once (@credential or @plaintext), @done will not be called
 * * -EINPROGRESS: @done will be called
 * * other negative errno: refused, @reason is set, @done will not be called
 */
int signet_resolve(struct signet_resolution *resolution);

/**
 * signet_resolve_as - find out what a process acts as that was met before
 * @resolution: as for signet_resolve()
 * @net: where it is counted
 * @process: as it was met; what it is now is asked if the answer isn't known any more
 *
 * In any process context. Sleeps only for memory.
 *
 * Return: as signet_resolve().
 */
int signet_resolve_as(struct signet_resolution *resolution, struct net *net,
		      const struct signet_process *process);

/**
 * signet_resolve_cancel - give up waiting
 * @resolution: initialised
 *
 * Sleeps until a @done that is running has returned. The one who cancels and the one who completes
 * race for the node's lock; who gets it first wins.
 *
 * Return: true: @done was not called and never will be, nothing is held; false: it ran.
 */
bool signet_resolve_cancel(struct signet_resolution *resolution);

/* For process.c and identity.c: go on with those that waited. The node's lock is held. */
struct signet_identity;

/* The agent answered, or its answer can't be used: then @reason isn't SIGNET_REASON_NONE. */
void signet_resolve_identified(struct signet_process *process, enum signet_reason reason);
/* There is a certificate, or none will come: then @reason says why. */
void signet_resolve_certified(struct signet_identity *identity, enum signet_reason reason);

#endif
