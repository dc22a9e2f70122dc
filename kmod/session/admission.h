/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How many handshakes may be open: in all, and of those whose peer has said nothing for one source.
 * A peer that connects and says nothing must not keep out those who speak, so the oldest of these
 * makes room.
 */
#ifndef SIGNET_ADMISSION_H
#define SIGNET_ADMISSION_H

#include <linux/list.h>
#include <linux/types.h>

#define SIGNET_HANDSHAKES_MAX 8192
#define SIGNET_SILENT_PER_SOURCE_MAX 512

struct signet_source;
union signet_address;

/**
 * struct signet_admission - a handshake's place
 * @counted: has a place
 * @source: where the peer is, as long as it has sent no ClientHello
 * @silent: in the list of those that have sent no ClientHello, oldest first; empty afterwards
 * @silent_of_source: likewise, of its source only
 */
struct signet_admission {
	bool counted;
	struct signet_source *source;
	struct list_head silent;
	struct list_head silent_of_source;
};

void signet_admission_init(void);

/**
 * signet_admission_enter - take a place
 * @admission: zeroed; inside a struct signet_socket that the caller holds
 * @peer: the other side's address
 *
 * Where the source has too many silent ones, or there is no place, the oldest silent handshake
 * whose peer has sent nothing expires to make room; where none is silent, the one that came last of
 * the source that has most waiting for their turn. Sleeps for memory.
 *
 * Return: 0; -ENOBUFS when all places are taken by handshakes that were begun; -ENOMEM.
 */
int signet_admission_enter(struct signet_admission *admission, const union signet_address *peer);

/* The peer has sent a ClientHello, or what it takes for one: it will not be put out for another. */
void signet_admission_spoke(struct signet_admission *admission);

/* Give the place back. No-op without one. */
void signet_admission_leave(struct signet_admission *admission);

#endif
