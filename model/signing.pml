/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A revocation, and a signature that is in flight. The signer dies and is started again at any
 * moment; an identity is revoked and unbanned at any moment.
 *
 * It stands for code that does all of this today:
 *   signer/src/signing/issuance.ts: #open, #ask, #close, #revokedMeanwhile, #discard
 *   signer/src/revocation/revoker.ts: identity, unban
 *   signer/src/store/ledger.ts: openIntent, addCertificate, unexpiredCertificates
 *   signer/src/store/revocations.ts: raiseRevocationEpoch, revocationEpoch, queueForVault
 * An epoch is kept of the identity, the node and the entry alike; one is enough here.
 *
 * Each BREAK_* breaks one rule, and must be found.
 */
#define SIGNATURES 2
#define REVOCATIONS 2
#define DEATHS 1

/* The database. */
byte epoch; /* raised by each revocation, never lowered */
bool banned;
bool intent[SIGNATURES];
bool recorded[SIGNATURES];
bool serial_revoked[SIGNATURES];
bool queued[SIGNATURES]; /* for Vault's CRL */

/* Vault. */
bool issued[SIGNATURES];

/* The node. */
bool delivered[SIGNATURES];

/* For the claims alone: a revocation was made after the request was judged. */
bool revoked_since[SIGNATURES];

byte deaths;
byte life; /* of the signer: what an earlier one did in memory is gone */

proctype Administrator() {
	byte i, revocations;
	bool known[SIGNATURES];

	do
	:: revocations < REVOCATIONS ->
		revocations++;
#ifdef BREAK_REVOKE_IN_TWO_TRANSACTIONS
		atomic { for (i : 0 .. SIGNATURES - 1) { known[i] = recorded[i] } };
#endif
		atomic {
#ifndef BREAK_REVOKE_IN_TWO_TRANSACTIONS
			for (i : 0 .. SIGNATURES - 1) { known[i] = recorded[i] };
#endif
			epoch++;
			banned = true;
			for (i : 0 .. SIGNATURES - 1) { queued[i] = queued[i] || known[i] };
			for (i : 0 .. SIGNATURES - 1) { revoked_since[i] = true }
		}
	:: atomic { banned ->
		banned = false;
#ifndef BREAK_UNBAN_REVIVES
		/* What the ban ended stays dead. */
		for (i : 0 .. SIGNATURES - 1) { serial_revoked[i] = serial_revoked[i] || recorded[i] }
#endif
	}
	:: break
	od
}

proctype Signature(byte n) {
	byte at, seen;

	/* Judged: authorised from what the signer knows. */
	atomic {
		if
		:: banned -> goto over
		:: else -> at = life; seen = epoch; revoked_since[n] = false
		fi
	}
#ifndef BREAK_NO_INTENT
	atomic {
		if
		:: at != life -> goto over
		:: else -> intent[n] = true
		fi
	}
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
		:: at == life && banned -> queued[n] = true; goto over
		:: at == life && !banned -> recorded[n] = true
#elif defined(BREAK_CHECK_BEFORE_COMMIT)
		:: at == life -> recorded[n] = true
#else
		:: at == life && seen != epoch -> queued[n] = true; goto over
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
	:: atomic { deaths < DEATHS -> deaths++; life++ }
	:: break
	od
}

init {
	atomic {
		run Administrator();
		run Signature(0);
		run Signature(1);
		run Death()
	}
}

#define explained(n) ((!delivered[n] || recorded[n]) && (!recorded[n] || issued[n]) && (!issued[n] || intent[n]))
#define voided(n) (delivered[n] && revoked_since[n])

/* What was delivered is in the ledger, what is in the ledger Vault has signed, what it has signed was meant. */
ltl ledger { [] (explained(0) && explained(1)) }
/* Nothing revoked is delivered that lives: what a revocation came after is refused by every kernel. */
ltl revoked { [] ((voided(0) -> banned || serial_revoked[0]) && (voided(1) -> banned || serial_revoked[1])) }
/* And goes onto Vault's CRL. */
ltl in_vault { [] ((voided(0) -> queued[0]) && (voided(1) -> queued[1])) }
