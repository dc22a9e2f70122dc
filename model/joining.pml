/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A node joins with a token of one use. Calls and replies are lost or late; Vault is away; agent and
 * signer die at any step and are started again; somebody else may have read the token.
 *
 * It stands for
 *   signer/src/attestation/join-token.ts: JoinTokens, attest
 *   signer/src/store/tokens.ts: claimToken, releaseToken
 *   signer/src/services/attestation-service.ts: #certify
 *   agent/src/signer/enrolment.ts: credentials, again
 *   agent/src/signer/join.ts: join, createNodeKey
 *   agent/src/signer/node-credentials.ts: CredentialsFile
 *
 * This is the protocol as it was designed, and not yet what that code does. It does claim a token in
 * the database, give a certificate to one caller alone, ask again when no answer comes, and have the
 * certificate on disk before it is used. But it breaks two rules: a token is claimed by itself, not
 * by a key (BREAK_CLAIM_BY_TOKEN_ALONE), and the agent makes a key for each try and keeps none
 * (BREAK_KEY_IN_MEMORY). So when a reply is lost the node is refused for good, with a false alarm.
 *
 * Each BREAK_* breaks one rule, and must be found.
 */
#define LOSSES 2 /* of calls, replies, Vault or patience */
#define DEATHS 2
#define NOBODY 0
#define OWN 1 /* the agent's key on disk, made before the token is shown */
#define OWN_NEXT 2 /* what an agent that keeps none on disk makes after its death */
#define THIEF 3

mtype = { certificate, refused };

chan calls = [2] of { byte, byte }; /* key that shows the token, connection */
chan replies = [4] of { mtype, byte, byte };

/* The signer's database. */
byte claimed_by = NOBODY;
bool used; /* the certificate */
bool alarm;

/* The agent's disk: its certificate. */
bool joined;
/* The agent was refused for good, and says so. */
bool gave_up;

/* For the claims alone. */
bool given[4]; /* keys that were given a certificate */
bool tried_by_thief;
bool busy; /* the signer, with a call */
byte losses;
byte deaths;

#define over (joined || gave_up)

active proctype Agent() {
	byte key = OWN;
	byte connection, to, which;

start:
	do
	:: over -> break
	:: atomic { !over && nfull(calls) -> connection++; calls!key, connection };
waits:
		if
		:: atomic { replies?certificate, to, which ->
			if
			:: which == connection && to == key -> goto gets
			:: else -> goto waits /* of a connection that is over */
			fi
		}
		:: atomic { replies?refused, to, which ->
			if
			:: which == connection -> gave_up = true
			:: else -> goto waits
			fi
		}
#ifndef BREAK_WAITS_FOR_EVER
		/* None will come. */
		:: empty(calls) && empty(replies) && !busy -> skip
#endif
		/* It comes too late. */
		:: atomic { losses < LOSSES -> losses++ }
		:: atomic { deaths < DEATHS -> deaths++; goto dies }
		fi
	od;
	goto done;
gets:
#ifdef BREAK_USED_BEFORE_DISK
	used = true;
#endif
	if
	:: atomic { deaths < DEATHS -> deaths++; goto dies }
	:: joined = true
	fi;
	used = true;
	goto start;
dies:
#ifdef BREAK_KEY_IN_MEMORY
	key = OWN_NEXT;
#endif
	goto start;
done:
	skip
}

active proctype Thief() {
	if
	:: atomic { nfull(calls) -> calls!THIEF, 0; tried_by_thief = true }
	:: skip
	fi
}

active proctype Network() {
	byte who, which;
	mtype what;

	do
	:: atomic { losses < LOSSES && nempty(calls) -> calls?who, which; losses++ }
	/* One call overtakes another. */
	:: atomic { losses < LOSSES && full(calls) -> calls?who, which; calls!who, which; losses++ }
	:: atomic { losses < LOSSES && nempty(replies) -> replies?what, who, which; losses++ }
	:: break
	od
}

active proctype Signer() {
	byte who, which;
	mtype answer;

end:
	do
	:: atomic { calls?who, which -> busy = true };
		/* One transaction. */
		atomic {
			if
#ifdef BREAK_CLAIM_BY_TOKEN_ALONE
			:: claimed_by == NOBODY ->
#else
			:: claimed_by == NOBODY || claimed_by == who ->
#endif
				claimed_by = who; answer = certificate
			:: else ->
				answer = refused;
#ifndef BREAK_REFUSED_SILENTLY
				alarm = true
#endif
			fi
		};
		if
		:: answer == refused
		:: atomic { answer == certificate && used ->
			/* Its own call, that came late: it has what it asked for. */
#ifdef BREAK_ALARM_AFTER_USE
			alarm = true;
#endif
			answer = refused
		}
		:: answer == certificate && !used -> given[who] = true
		/* Vault is away: no answer. */
		:: atomic { losses < LOSSES -> losses++; goto up }
		:: atomic { deaths < DEATHS -> deaths++; goto dies }
		fi;
		if
		:: who == THIEF /* the claims know what he has */
		:: who != THIEF -> replies!answer, who, which
		:: atomic { deaths < DEATHS -> deaths++; goto dies }
		fi;
		goto up;
dies:
#ifdef BREAK_CLAIM_IN_MEMORY
		claimed_by = NOBODY;
#endif
		skip;
up:
		busy = false
	od
}

/* One token, one key. */
ltl one_key { [] (given[OWN] + given[OWN_NEXT] + given[THIEF] <= 1) }
/* Who shows the token again with the same key is no thief. */
ltl no_false_alarm { [] (alarm -> tried_by_thief) }
/* A thief doesn't stay unseen. */
ltl alarm_for_thief { [] (gave_up -> alarm) }
/* Only he can keep the agent out. */
ltl not_in_vain { [] (gave_up -> claimed_by == THIEF) }
/* Every join ends. */
ltl ends { <> over }
