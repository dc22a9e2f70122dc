/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sync: a signer with its database, an agent with its disk, and a kernel. Two counters: of state and
 * of revocations. State goes in two chunks, revocations between them. Streams break; their frames are
 * lost, or come late; signer, agent and host die; the kernel refuses a state; the database is replaced
 * by its backup, and lives on from there.
 *
 * It stands for
 *   signer/src/sync/sync-hub.ts: SyncHub
 *   signer/src/sync/node-stream.ts: NodeStream
 *   signer/src/store/revision.ts: raiseRevision
 *   signer/src/state/current-state.ts: CurrentState
 *   agent/src/signer/signer-session.ts: #takeUpdates
 *   agent/src/sync/state-store.ts: restore, apply
 *   agent/src/sync/kernel-policy.ts: KernelPolicy
 *   agent/src/sync/snapshot-file.ts: SnapshotFile
 *   kmod/netlink/policy.c: signet_policy_change_doit
 *   kmod/policy/load.c: goes_back
 *   kmod/policy/revocation.c: signet_revoke
 *
 * This is the protocol as it was designed. Of it, that code does this today: revocations go first, to
 * the kernel and then to disk; a state that the kernel refuses holds up no revocation; neither agent
 * nor kernel goes back within an epoch; a boot begins with what the disk has. It has not: a second
 * counter (one revision counts both), chunks in the stream, changes since what the agent has (a stream
 * begins with a snapshot of all), acknowledgements, tags, a new epoch after a restore, nor what agents
 * hold told to the signer. So it goes wrong where BREAK_RESTORE_UNSEEN, BREAK_NO_TAG and
 * BREAK_EPOCH_DROPS_BANS do.
 *
 * Left out: a second node. What a node makes of an epoch that another brought on is here: its stream
 * breaks before it hears of it.
 *
 * Each BREAK_* breaks one rule, and must be found.
 */
#ifndef CHANGES
#define CHANGES 2 /* of revocations before a restore, and as many after */
#endif
#ifndef STATES
#define STATES 1 /* likewise */
#endif
#ifndef BREAKS
#define BREAKS 1 /* of streams, by the agent or by the signer's death */
#endif
#ifndef DEATHS
#define DEATHS 1 /* of agent or host, between the kernel and the disk */
#endif
#ifndef RESTORES
#define RESTORES 0
#endif
#ifndef FAULTS
#define FAULTS 0 /* states that the kernel refuses */
#endif
#define ROOM 8 /* revisions */
#define NONE 255

mtype = { ban, all_bans, chunk, names, in_force, refused };

/* what, stream, epoch, number, tag, ban or mask of bans or part of a state, on or mask of those lifted */
chan down = [2] of { mtype, byte, byte, byte, byte, byte, byte };
/* what, stream; epoch, revision, tag and mask of bans; epoch, number and tag of state */
chan up = [2] of { mtype, byte, byte, byte, byte, byte, byte, byte, byte };

/* The database. A tag is drawn at random for each change: no two are alike. */
byte db_epoch = 1;
byte db_revision; /* of revocations */
byte db_bans;
byte db_lifted;
byte db_state;
byte log_ban[ROOM]; /* by which ban each revision differs from the one before */
bit log_on[ROOM];
byte log_tag[ROOM];
byte log_state[ROOM]; /* tags of states */
bool confirmed = true; /* by an administrator, after a restore */
byte reported; /* bans that the agent holds and this database doesn't know */

/* What the signer says of the node: its kernel enforces. */
byte said_epoch, said_revision, said_bans, said_state_epoch, said_state, said_state_tag, said_refused;

bool open; /* a stream, as the signer sees it */
byte life; /* of the signer: its streams end with it */

/* The kernel. */
byte kernel_epoch = 1, kernel_revision, kernel_tag, kernel_bans;
byte kernel_state_epoch = 1, kernel_state, kernel_state_tag;

/* The agent's disk. */
byte disk_epoch = 1, disk_revision, disk_tag, disk_bans;
byte disk_state_epoch = 1, disk_state, disk_state_tag;

/* For the claims alone. */
byte lifted; /* by an administrator */
byte faulty = NONE; /* tag of a state that the kernel refuses */
byte bans_made; /* how many different ones */
byte tags, changes, states, faults, breaks, deaths, restores, streams;
bool ban_lost, went_back, mixed;

#define bit_of(n) (1 << (n))
#define unknown(bans) ((bans) & ~db_bans & ~db_lifted)

inline change(which, on) {
	db_revision++;
	tags++;
	log_ban[db_revision] = which;
	log_on[db_revision] = on;
	log_tag[db_revision] = tags;
	db_bans = (on -> db_bans | bit_of(which) : db_bans & ~bit_of(which));
	db_lifted = (on -> db_lifted : db_lifted | bit_of(which));
	lifted = (on -> lifted : lifted | bit_of(which))
}

active proctype Administrator() {
	byte backup_revision, backup_bans, backup_lifted, backup_state, n;
	byte backup_said_epoch, backup_said_revision, backup_said_bans;
	byte backup_said_state_epoch, backup_said_state, backup_said_state_tag;
	bool backed_up;

end:
	do
	:: atomic { changes < CHANGES -> changes++; change(bans_made, 1); bans_made++ }
	:: atomic { changes < CHANGES && confirmed && db_bans ->
		changes++;
		n = 0;
		do
		:: !(db_bans & bit_of(n)) -> n++
		:: (db_bans & bit_of(n)) && db_bans >= bit_of(n + 1) -> n++
		:: db_bans & bit_of(n) -> break
		od;
		change(n, 0)
	}
	:: atomic { states < STATES ->
		states++;
		db_state++;
		tags++;
		log_state[db_state] = tags;
		if
		:: faults < FAULTS -> faults++; faulty = tags
		:: true
		fi
	}
	:: atomic { !backed_up && restores < RESTORES ->
		backed_up = true;
		backup_revision = db_revision; backup_bans = db_bans; backup_lifted = db_lifted;
		backup_state = db_state;
		backup_said_epoch = said_epoch; backup_said_revision = said_revision;
		backup_said_bans = said_bans; backup_said_state_epoch = said_state_epoch;
		backup_said_state = said_state; backup_said_state_tag = said_state_tag
	}
	:: atomic { backed_up && restores < RESTORES && (db_revision > backup_revision || db_state > backup_state) ->
		restores++;
		db_revision = backup_revision; db_bans = backup_bans; db_lifted = backup_lifted;
		db_state = backup_state;
		said_epoch = backup_said_epoch; said_revision = backup_said_revision;
		said_bans = backup_said_bans; said_state_epoch = backup_said_state_epoch;
		said_state = backup_said_state; said_state_tag = backup_said_state_tag;
		open = false; life++;
		changes = 0; states = 0
	}
	/* What agents hold is adopted or lifted. */
	:: atomic { !confirmed ->
		n = 0;
		do
		:: n < bans_made && (unknown(reported) & bit_of(n)) ->
			if
			:: change(n, 1)
			:: change(n, 0)
			fi;
			n++
		:: n < bans_made && !(unknown(reported) & bit_of(n)) -> n++
		:: n == bans_made -> break
		od;
		reported = 0;
		confirmed = true
	}
	od
}

inline note() {
	went_back = went_back || (epoch == said_epoch && revision < said_revision) ||
		(state_epoch == said_state_epoch && state < said_state);
	said_epoch = epoch; said_revision = revision; said_bans = bans;
	said_state_epoch = state_epoch; said_state = state; said_state_tag = state_tag
}

active proctype Signer() {
	byte stream, epoch, revision, tag, bans, state_epoch, state, state_tag;
	byte current; /* stream */
	byte sent_revision, sent_state, of_state, part;
	byte held; /* bans, by the agent */
	bool whole;

end:
	do
	:: atomic { up?names, stream, epoch, revision, tag, bans, state_epoch, state, state_tag ->
		current = stream; open = true; part = 0;
		sent_revision = revision;
		held = bans;
		note();
		if
		/* Only a restore can have lost it. */
#ifndef BREAK_RESTORE_UNSEEN
		:: epoch == db_epoch && revision > db_revision -> db_epoch++; confirmed = false
		:: state_epoch == db_epoch && state > db_state -> db_epoch++; confirmed = false
#ifndef BREAK_NO_TAG
		:: epoch == db_epoch && revision <= db_revision && log_tag[revision] != tag ->
			db_epoch++; confirmed = false
#endif
#ifndef BREAK_NO_STATE_TAG
		:: state_epoch == db_epoch && state <= db_state && log_state[state] != state_tag ->
			db_epoch++; confirmed = false
#endif
#endif
		:: else -> skip
		fi;
		whole = epoch != db_epoch;
#ifndef BREAK_BANS_UNREPORTED
		if
		:: whole && unknown(bans) -> reported = reported | unknown(bans); confirmed = false
		:: else -> skip
		fi;
#endif
#ifndef BREAK_OLD_STATE_IN_NEW_EPOCH
		if
		:: state_epoch != db_epoch -> sent_state = NONE
		:: else -> sent_state = state
		fi
#else
		sent_state = state
#endif
	}
	:: atomic { up?in_force, stream, epoch, revision, tag, bans, state_epoch, state, state_tag ->
		if
		:: open && stream == current -> note()
		:: else -> skip
		fi
	}
	:: atomic { up?refused, stream, epoch, revision, tag, bans, state_epoch, state, state_tag ->
		if
		:: open && stream == current -> said_refused = state_tag
		:: else -> skip
		fi
	}
	/* It dies, and is started again. */
	:: atomic { open && breaks < BREAKS -> breaks++; open = false; life++ }
	:: atomic { open && whole && nfull(down) ->
		whole = false;
		sent_revision = db_revision;
		down!all_bans, current, db_epoch, db_revision, log_tag[db_revision], db_bans, held & db_lifted
	}
	/* Also between the chunks of a state. */
	:: atomic { open && !whole && sent_revision < db_revision && nfull(down) ->
		sent_revision++;
		down!ban, current, db_epoch, sent_revision, log_tag[sent_revision], log_ban[sent_revision], log_on[sent_revision]
	}
	:: atomic { open && !whole && part == 0 && sent_state != db_state && nfull(down) ->
		of_state = db_state; part = 1;
		down!chunk, current, db_epoch, of_state, log_state[of_state], 1, 0
	}
	:: atomic { open && !whole && part == 1 && nfull(down) ->
#ifdef BREAK_CHUNK_OF_NEWEST
		of_state = db_state;
#endif
		part = 0; sent_state = of_state;
		down!chunk, current, db_epoch, of_state, log_state[of_state], 2, 0
	}
	od
}

inline enforce(bans) {
	/* What is not banned any more was lifted. */
	ban_lost = ban_lost || (kernel_bans & ~(bans) & ~lifted);
	went_back = went_back || (epoch == kernel_epoch && number < kernel_revision);
	kernel_epoch = epoch; kernel_revision = number; kernel_tag = tag; kernel_bans = bans
}

inline save() {
	disk_epoch = kernel_epoch; disk_revision = kernel_revision; disk_tag = kernel_tag;
	disk_bans = kernel_bans; disk_state_epoch = kernel_state_epoch; disk_state = kernel_state;
	disk_state_tag = kernel_state_tag
}

#define HELD kernel_epoch, kernel_revision, kernel_tag, kernel_bans, kernel_state_epoch, kernel_state, kernel_state_tag

active proctype Agent() {
	byte current, stream, epoch, number, tag, what, lift, staged, of_life;

opened:
	/* What it holds is what the kernel has, which may be newer than the disk. */
	atomic { nfull(up) ->
#ifndef BREAK_NAMES_WHAT_DISK_HAS
		save();
#endif
		streams++; current = streams; of_life = life; staged = 0;
#ifndef BREAK_NAMES_WHAT_DISK_HAS
		up!names, current, HELD
#else
		up!names, current, disk_epoch, disk_revision, disk_tag, disk_bans, disk_state_epoch, disk_state, disk_state_tag
#endif
	}
end:
	do
	:: atomic { down?ban, stream, epoch, number, tag, what, lift ->
		if
#ifdef BREAK_LATE_FRAMES
		:: true ->
#else
		:: stream != current -> skip
		:: stream == current ->
#endif
			if
			:: lift -> enforce(kernel_bans | bit_of(what))
			:: else -> enforce(kernel_bans & ~bit_of(what))
			fi;
			goto taken
		fi
	}
	:: atomic { down?all_bans, stream, epoch, number, tag, what, lift ->
		if
		:: stream != current -> skip
		:: stream == current ->
#ifdef BREAK_EPOCH_DROPS_BANS
			enforce(what);
#else
			/* A new epoch takes away only what the signer says was lifted. */
			enforce(what | (kernel_bans & ~lift));
#endif
			goto taken
		fi
	}
	:: atomic { down?chunk, stream, epoch, number, tag, what, lift ->
		if
		:: stream != current -> skip
		:: stream == current && what == 1 -> staged = tag
		:: stream == current && what == 2 && tag == faulty ->
			mixed = mixed || staged != tag;
			goto refuses
		:: stream == current && what == 2 && tag != faulty ->
			mixed = mixed || staged != tag;
			went_back = went_back || (epoch == kernel_state_epoch && number < kernel_state);
			kernel_state_epoch = epoch; kernel_state = number; kernel_state_tag = tag;
			goto taken
		fi
	}
	:: atomic { of_life != life -> goto opened }
	:: atomic { breaks < BREAKS -> breaks++; goto opened }
	od;
refuses:
#ifdef BREAK_REFUSAL_ENDS_STREAM
	goto opened;
#endif
	atomic { nfull(up) -> up!refused, current, 0, 0, 0, 0, 0, 0, tag; goto end };
taken:
#ifdef BREAK_ACKNOWLEDGED_BEFORE_DISK
	atomic { nfull(up) -> up!in_force, current, HELD };
#endif
	if
	:: atomic { nfull(up) -> save(); up!in_force, current, HELD; goto end }
	/* The agent dies: the kernel goes on. */
	:: atomic { deaths < DEATHS -> deaths++; goto opened }
	/* The host dies: nothing passes before its kernel has what the disk has. */
	:: atomic { deaths < DEATHS ->
		deaths++;
		kernel_epoch = disk_epoch; kernel_revision = disk_revision; kernel_tag = disk_tag;
		kernel_bans = disk_bans; kernel_state_epoch = disk_state_epoch; kernel_state = disk_state;
		kernel_state_tag = disk_state_tag;
		goto opened
	}
	fi
}

/*
 * No ban is lost: what the kernel enforces, it enforces until an administrator lifts it. (With the
 * host dies what was not acknowledged; the signer sends it again, unless its database lost it, too.)
 */
ltl no_ban_is_lost { [] !ban_lost }
/* Neither the kernel's counters, nor those that the signer heard of, go back within an epoch. */
ltl never_back { [] !went_back }
/* A state is put together of chunks of its own. */
ltl one_state { [] !mixed }
/* What is said to be enforced is enforced. */
ltl said_is_done { [] ((said_bans & ~kernel_bans & ~lifted) == 0 && (kernel_state_epoch > said_state_epoch || kernel_state_epoch == said_state_epoch && kernel_state >= said_state)) }
/* In the end the kernel has all bans, no others, and the state, unless it refuses that; and the signer says so. */
#define bans_arrived (kernel_bans == db_bans && said_bans == db_bans)
#define state_arrived (kernel_state_tag == log_state[db_state] && said_state_tag == log_state[db_state])
#define state_refused (said_refused == log_state[db_state] && faulty == log_state[db_state])
ltl arrives { <> [] (confirmed && bans_arrived && (state_arrived || state_refused)) }
