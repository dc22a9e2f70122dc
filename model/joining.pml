/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A node joins with a token of one use (signer/src/attestation, agent/src/signer/enrolment.ts).
 * Calls and replies are lost; agent and signer die and are started again at any moment; somebody
 * else may have read the token.
 *
 * Each BREAK_* breaks one rule, and must be found.
 */
#define LOSSES 2
#define DEATHS 2
#define NOBODY 0
#define OWN 1 /* the agent's key on disk */
#define OWN_NEXT 2 /* what an agent that keeps none on disk makes after its death */
#define THIEF 3

mtype = { certificate, refused };

chan calls = [2] of { byte }; /* the key that shows the token */
chan replies = [2] of { mtype, byte };

/* The database. */
byte claimed_by = NOBODY;

/* The agent's disk. */
byte key = OWN;
bool joined;

/* For the claims alone. */
bool given[4]; /* keys that were given a certificate */
bool tried_by_thief;
bool alarm;
byte losses;
byte deaths;

inline reply(what, to) {
	if
	:: to == THIEF /* who has it is told in the claims */
	:: to != THIEF && nfull(replies) -> replies!what, to
	:: to != THIEF && full(replies) -> skip
	fi
}

active proctype Agent() {
	byte to;

	do
	:: !joined && !given[THIEF] ->
		calls!key;
		if
		:: replies?certificate, to -> joined = to == key
		:: replies?refused, to -> skip /* says so, and tries again */
		/* No reply comes in time. */
		:: empty(calls) && empty(replies) -> skip
		:: deaths < DEATHS ->
			deaths++;
#ifdef BREAK_KEY_IN_MEMORY
			key = OWN_NEXT;
#endif
			skip
		fi
	:: joined || given[THIEF] -> break
	od
}

active proctype Thief() {
	if
	:: atomic { calls!THIEF; tried_by_thief = true }
	:: skip
	fi
}

active proctype Network() {
	byte who;
	mtype what;

	do
	:: atomic { losses < LOSSES && nempty(calls) -> calls?who; losses++ }
	:: atomic { losses < LOSSES && nempty(replies) -> replies?what, who; losses++ }
	:: break
	od
}

active proctype Signer() {
	byte who;

end:
	do
	:: calls?who ->
#ifdef BREAK_CLAIM_BY_TOKEN_ALONE
		if
		:: claimed_by == NOBODY -> claimed_by = who
		:: else -> who = NOBODY
		fi;
#else
		atomic {
			if
			:: claimed_by == NOBODY -> claimed_by = who
			:: claimed_by == who -> skip
			:: else -> who = NOBODY
			fi
		};
#endif
		if
		:: who == NOBODY -> alarm = true; reply(refused, OWN)
		:: else -> given[who] = true; reply(certificate, who)
		fi;
		if
		:: deaths < DEATHS ->
			deaths++;
#ifdef BREAK_CLAIM_IN_MEMORY
			claimed_by = NOBODY;
#endif
			skip
		:: skip
		fi
	od
}

/* One token, one key. */
ltl one_key { [] (given[OWN] + given[OWN_NEXT] + given[THIEF] <= 1) }
/* Who shows the token again with the same key is no thief. */
ltl no_false_alarm { [] (alarm -> tried_by_thief) }
/* The agent joins, unless somebody else came first. */
ltl ends { <> (joined || given[THIEF]) }
