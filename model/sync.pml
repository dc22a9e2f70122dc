/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sync: a signer with its database (signer/src/sync, signer/src/store), an agent with its snapshot on
 * disk (agent/src/sync, agent/src/policy) and a kernel (kmod/netlink/policy.c). Two counters: of state
 * and of revocations. State goes in two chunks, revocations between them. Streams break, their frames
 * are lost or come late; agent, host and signer die; the database is replaced by its backup.
 *
 * Each BREAK_* breaks one rule, and must be found.
 */
#ifndef CHANGES
#define CHANGES 2 /* of revocations before a restore, and as many after */
#endif
#ifndef STATES
#define STATES 1
#endif
#ifndef BREAKS
#define BREAKS 1
#endif
#ifndef DEATHS
#define DEATHS 1
#endif
#ifndef RESTORES
#define RESTORES 0
#endif
#define ROOM 8 /* revisions */

mtype = { ban, all_bans, chunk, names, in_force, refused };

/* stream, epoch, revision, tag, mask of bans or part of a state, ban or lift */
chan down = [2] of { mtype, byte, byte, byte, byte, byte, bit };
/* stream, epoch, revision, tag, bans held; state */
chan up = [2] of { mtype, byte, byte, byte, byte, byte, byte };

/* The database. */
byte db_epoch = 1;
byte db_state;
byte db_revision; /* of revocations */
byte db_bans;
byte log_ban[ROOM]; /* by which ban each revision differs from the one before */
bit log_on[ROOM];
byte log_tag[ROOM]; /* drawn at random for each change: no two are alike */
bool confirmed = true; /* by an administrator, after a restore */
bool open; /* a stream, as the signer sees it */
byte life; /* of the signer: its streams end with it */
byte reported; /* bans that agents hold and this database doesn't know */

/* What the signer says of the node: its kernel enforces. */
byte said_epoch, said_revision, said_bans, said_state;

/* The agent's disk. */
byte disk_epoch = 1, disk_state, disk_revision, disk_tag, disk_bans;

/* The kernel. */
byte kernel_state, kernel_bans;

/* For the claims alone. */
byte lifted; /* by an administrator */
byte bans_made; /* how many different ones */
byte changes, states, breaks, deaths, restores, streams;
bool chunk_of_other;

#define bit_of(n) (1 << (n))
#define settled (changes == CHANGES && states == STATES && breaks == BREAKS && restores == RESTORES)

inline change(which, on) {
	db_revision++;
	log_ban[db_revision] = which;
	log_on[db_revision] = on;
	tags++;
	log_tag[db_revision] = tags;
	if
	:: on -> db_bans = db_bans | bit_of(which)
	:: else -> db_bans = db_bans & ~bit_of(which); lifted = lifted | bit_of(which)
	fi
}

byte tags;

active proctype Administrator() {
	byte backup_state, backup_revision, backup_bans, n;
	bool backed_up;

	do
	:: atomic { changes < CHANGES && db_revision < ROOM - 1 ->
		changes++;
		if
		:: change(bans_made, 1); bans_made++
		:: confirmed && db_bans ->
			n = 0;
			do
			:: n < bans_made && !(db_bans & bit_of(n)) -> n++
			:: else -> break
			od;
			change(n, 0)
		fi
	}
	:: atomic { states < STATES -> states++; db_state++ }
	:: atomic { RESTORES && !backed_up && restores < RESTORES ->
		backed_up = true;
		backup_state = db_state;
		backup_revision = db_revision;
		backup_bans = db_bans
	}
	:: atomic { backed_up && restores < RESTORES && (db_revision != backup_revision || db_state != backup_state) ->
		restores++;
		db_state = backup_state;
		db_revision = backup_revision;
		db_bans = backup_bans;
		said_revision = 0; said_bans = 0; said_state = 0;
		open = false;
		life++;
		/* There is another change to make after it. */
		changes = 0; states = 0
	}
	/* What agents hold is adopted or lifted. */
	:: atomic { !confirmed ->
		n = 0;
		do
		:: n < bans_made && (reported & bit_of(n)) && !(db_bans & bit_of(n)) && db_revision < ROOM - 1 ->
			if
			:: change(n, 1)
			:: change(n, 0)
			fi;
			n++
		:: n < bans_made && !((reported & bit_of(n)) && !(db_bans & bit_of(n))) -> n++
		:: n == bans_made -> break
		od;
		reported = 0;
		confirmed = true
	}
	:: settled -> break
	od
}

active proctype Signer() {
	byte stream, epoch, revision, tag, bans, state;
	byte current; /* stream */
	byte sent_revision, sent_state, part, of_state;
	bool whole;

end:
	do
	:: atomic { up?names, stream, epoch, revision, tag, bans, state ->
		current = stream; open = true; part = 0; whole = false;
		sent_revision = revision; sent_state = state;
		if
		:: epoch == db_epoch && (revision > db_revision ||
#ifndef BREAK_NO_TAG
		     (revision && log_tag[revision] != tag) ||
#endif
		     state > db_state) ->
#ifndef BREAK_RESTORE_UNSEEN
			/* Only a restore can have lost it. */
			db_epoch++;
			confirmed = false;
			reported = reported | bans;
#endif
			whole = true
		:: else ->
			if
			:: epoch != db_epoch ->
				reported = reported | (bans & ~db_bans);
				whole = true;
				if
				:: bans & ~db_bans & ~lifted -> confirmed = false
				:: else -> skip
				fi
			:: else -> skip
			fi
		fi
	}
	:: atomic { up?in_force, stream, epoch, revision, tag, bans, state ->
		if
		:: stream == current && epoch == db_epoch ->
			said_epoch = epoch; said_revision = revision; said_bans = bans; said_state = state
		:: else -> skip
		fi
	}
	/* Revocations go first, also between the chunks of a state. */
	:: atomic { open && whole && nfull(down) ->
		down!all_bans, current, db_epoch, db_revision, log_tag[db_revision], db_bans, 0;
		sent_revision = db_revision; whole = false;
#ifndef BREAK_OLD_STATE_IN_NEW_EPOCH
		sent_state = 255; /* whatever it has */
#endif
		part = 0
	}
	:: atomic { open && !whole && sent_revision < db_revision && nfull(down) ->
		sent_revision++;
		down!ban, current, db_epoch, sent_revision, log_tag[sent_revision], log_ban[sent_revision], log_on[sent_revision]
	}
	:: atomic { open && !whole && part == 0 && sent_state != db_state && nfull(down) ->
		of_state = db_state; part = 1;
		down!chunk, current, db_epoch, of_state, 0, 1, 0
	}
	:: atomic { open && !whole && part == 1 && nfull(down) ->
		part = 0; sent_state = of_state;
		down!chunk, current, db_epoch, of_state, 0, 2, 0
	}
	od
}

inline enforce(new_bans) {
	/* No ban is lost: what is not banned any more was lifted. */
	assert((kernel_bans & ~(new_bans) & ~lifted) == 0);
	kernel_bans = new_bans
}

inline say() {
	if
	:: nfull(up) -> up!in_force, current, disk_epoch, disk_revision, disk_tag, disk_bans, disk_state
	:: full(up) -> skip /* with the next */
	fi
}

active proctype Agent() {
	byte current, stream, epoch, number, tag, what, staged;
	byte next, of_life;
	bit on;

opened:
	atomic {
		streams++;
		current = streams;
		of_life = life;
		staged = 0;
		nfull(up) -> up!names, current, disk_epoch, disk_revision, disk_tag, disk_bans, disk_state
	}
end:
	do
	:: down?ban, stream, epoch, number, tag, what, on ->
		if
#ifdef BREAK_LATE_FRAMES
		:: true ->
#else
		:: stream != current -> skip
		:: stream == current ->
#endif
			if
			:: on -> next = disk_bans | bit_of(what)
			:: else -> next = disk_bans & ~bit_of(what)
			fi;
			assert(epoch > disk_epoch || number > disk_revision);
#ifdef BREAK_ACKNOWLEDGED_BEFORE_DISK
			enforce(next);
			atomic {
				if
				:: nfull(up) -> up!in_force, current, epoch, number, tag, next, disk_state
				:: else -> skip
				fi
			}
			if
			:: deaths < DEATHS -> goto reboot
			:: skip
			fi;
#else
			enforce(next);
			if
			:: deaths < DEATHS -> goto reboot
			:: skip
			fi;
#endif
			atomic { disk_epoch = epoch; disk_revision = number; disk_tag = tag; disk_bans = next; say() }
		fi
	:: down?all_bans, stream, epoch, number, tag, what, on ->
		if
		:: stream != current -> skip
		:: stream == current ->
			assert(epoch > disk_epoch || epoch == disk_epoch && number >= disk_revision);
#ifdef BREAK_EPOCH_DROPS_BANS
			next = what;
#else
			/* A new epoch takes none away. */
			next = what | disk_bans;
#endif
			enforce(next);
			atomic { disk_epoch = epoch; disk_revision = number; disk_tag = tag; disk_bans = next; say() }
		fi
	:: down?chunk, stream, epoch, number, tag, what, on ->
		if
		:: stream != current -> skip
		:: stream == current && what == 1 -> staged = number + 1
		:: stream == current && what == 2 ->
			chunk_of_other = chunk_of_other || staged != number + 1;
			assert(!chunk_of_other);
			staged = 0;
			assert(epoch > disk_epoch || number >= disk_state || disk_epoch == epoch);
			kernel_state = number;
			atomic { disk_state = number; say() }
		fi
	:: of_life != life -> goto opened
	:: breaks < BREAKS -> breaks++; goto opened
	:: deaths < DEATHS -> goto reboot
	od;
reboot:
	/* Nothing passes before the kernel has what the disk has. */
	atomic { deaths++; kernel_bans = disk_bans; kernel_state = disk_state; goto opened }
}

/* What is said to be enforced is enforced. */
ltl truth { [] ((said_bans & ~kernel_bans & ~lifted) == 0) }
/* When nothing happens any more, the kernel has all of it. */
ltl arrives { <> [] (settled && confirmed -> (db_bans & ~kernel_bans) == 0 && kernel_state == db_state) }
