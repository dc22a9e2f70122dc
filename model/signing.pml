/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A revocation, and a signature that is in flight (signer/src/signing/issuance.ts,
 * signer/src/revocation/revoker.ts, signer/src/store/ledger.ts). The signer dies and is started again
 * at any moment; an identity is revoked and unbanned at any moment.
 *
 * Each BREAK_* breaks one rule, and must be found.
 */
#define SIGNATURES 2
#define REVOCATIONS 2
#define DEATHS 1

/* The database. */
byte epoch; /* of the identity: raised by each revocation, never lowered */
bool banned;
bool intent[SIGNATURES];
bool recorded[SIGNATURES];
bool dead[SIGNATURES]; /* its serial is revoked */

/* Vault. */
bool issued[SIGNATURES];

/* The node. */
bool delivered[SIGNATURES];

/* For the claims alone: a revocation was made after the request was judged. */
bool revoked_since[SIGNATURES];

byte deaths;
byte life; /* of the signer: what an earlier one did in memory is gone */

inline revoke() {
	atomic {
		epoch++;
		banned = true;
		i = 0;
		do
		:: i < SIGNATURES ->
			revoked_since[i] = true;
#ifndef BREAK_REVOKE_IN_TWO_TRANSACTIONS
			dead[i] = dead[i] || recorded[i];
#endif
			i++
		:: else -> break
		od
	}
#ifdef BREAK_REVOKE_IN_TWO_TRANSACTIONS
	atomic {
		i = 0;
		do
		:: i < SIGNATURES && recorded_then[i] -> dead[i] = true; i++
		:: i < SIGNATURES && !recorded_then[i] -> i++
		:: else -> break
		od
	}
#endif
}

proctype Administrator() {
	byte i;
	byte revocations;
#ifdef BREAK_REVOKE_IN_TWO_TRANSACTIONS
	bool recorded_then[SIGNATURES];
#endif

	do
	:: revocations < REVOCATIONS ->
#ifdef BREAK_REVOKE_IN_TWO_TRANSACTIONS
		atomic {
			i = 0;
			do
			:: i < SIGNATURES -> recorded_then[i] = recorded[i]; i++
			:: else -> break
			od
		}
#endif
		revoke();
		revocations++
	:: banned -> banned = false
	:: break
	od
}

proctype Signature(byte n) {
	byte at, seen;

	/* Judged: authorised from what the signer knows. */
	atomic {
		at = life;
		seen = epoch;
		if
		:: banned -> goto over
		:: else -> revoked_since[n] = false
		fi
	}
#ifndef BREAK_NO_INTENT
	atomic { at == life -> intent[n] = true }
#endif
	/* Vault signs, whatever becomes of who asked. */
	issued[n] = true;
#ifdef BREAK_REPLY_BEFORE_RECORD
	atomic {
		if
		:: at == life -> delivered[n] = true
		:: else -> goto over
		fi
	}
#endif
#ifdef BREAK_CHECK_BEFORE_COMMIT
	if
	:: seen == epoch -> skip
	:: else -> goto over
	fi;
#endif
	atomic {
		if
		:: at != life -> goto over
#if defined(BREAK_BAN_INSTEAD_OF_EPOCH)
		:: at == life && banned -> goto over
		:: at == life && !banned -> recorded[n] = true
#elif defined(BREAK_CHECK_BEFORE_COMMIT)
		:: at == life -> recorded[n] = true
#else
		:: at == life && seen != epoch -> goto over
		:: at == life && seen == epoch -> recorded[n] = true
#endif
		fi
	}
	/* The reply is sent. */
	atomic {
		if
		:: at == life -> delivered[n] = true
		:: else -> skip
		fi
	}
over:
	skip
}

proctype Death() {
	do
	:: deaths < DEATHS -> atomic { deaths++; life++ }
	:: break
	od
}

#define explained(n) ((!delivered[n] || recorded[n]) && (!recorded[n] || issued[n]) && (!issued[n] || intent[n]))
/* Nothing revoked is delivered: what a revocation came after is dead. */
#define safe(n) (!(delivered[n] && revoked_since[n]) || dead[n])

ltl ledger { [] (explained(0) && explained(1)) }
ltl revoked { [] (safe(0) && safe(1)) }

init {
	atomic {
		run Administrator();
		run Signature(0);
		run Signature(1);
		run Death()
	}
}
