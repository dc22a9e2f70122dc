// SPDX-License-Identifier: GPL-2.0
#include "watch/reason.h"

#include <linux/errno.h>

struct meaning {
	const char *name;
	int error;
	u8 alert;
	const char *text;
};

#define REASON(_reason, _name, _error, _alert, _text)						\
	[SIGNET_REASON_##_reason] = {								\
		.name = (_name),								\
		.error = (_error),								\
		.alert = SIGNET_ALERT_##_alert,							\
		.text = (_text),								\
	}

static const struct meaning meanings[] = {
	REASON(NONE, "none", 0, NONE, "nothing is wrong"),
	REASON(NO_AGENT, "no-agent", -EACCES, NONE,
	       "no agent is registered that could identify the process"),
	REASON(IDENTIFY_TIMEOUT, "identify-timeout", -EACCES, NONE,
	       "the agent did not identify the process in time"),
	REASON(NO_IDENTITY, "no-identity", -EACCES, NONE, "no entry matches the process"),
	REASON(AMBIGUOUS_IDENTITY, "ambiguous-identity", -EACCES, NONE,
	       "several entries match the process with different SPIFFE IDs"),
	REASON(NO_CERTIFICATE, "no-certificate", -ENOKEY, NONE,
	       "the identity has no certificate yet"),
	REASON(CERTIFICATE_REFUSED, "certificate-refused", -ENOKEY, NONE,
	       "the signer refuses the identity a certificate"),
	REASON(CERTIFICATE_EXPIRED, "certificate-expired", -EKEYEXPIRED, NONE,
	       "the identity's own certificate has expired"),
	REASON(SELF_REVOKED, "self-revoked", -EKEYREVOKED, ACCESS_DENIED,
	       "the identity of this process is revoked"),
	REASON(NO_MEMORY, "no-memory", -ENOMEM, INTERNAL_ERROR, "out of memory"),
	REASON(LIMIT, "limit", -ENOBUFS, NONE, "a limit of the module was reached"),
	REASON(HANDSHAKE_TIMEOUT, "handshake-timeout", -ETIMEDOUT, NONE,
	       "the handshake took too long"),
	REASON(PEER_PLAINTEXT, "peer-plaintext", -EPROTO, PROTOCOL_VERSION,
	       "the peer does not speak TLS"),
	REASON(PEER_CLOSED, "peer-closed", -ECONNRESET, NONE,
	       "the peer closed during the handshake"),
	REASON(PEER_ALERT, "peer-alert", -ECONNREFUSED, NONE, "the peer refused with a TLS alert"),
	REASON(PROTOCOL, "protocol", -EPROTO, UNEXPECTED_MESSAGE, "the peer broke the protocol"),
	REASON(NO_SHARED_PARAMETERS, "no-shared-parameters", -EPROTO, HANDSHAKE_FAILURE,
	       "no TLS version, group, cipher or signature algorithm in common"),
	REASON(PEER_NO_CERTIFICATE, "peer-no-certificate", -EKEYREJECTED, CERTIFICATE_REQUIRED,
	       "the peer showed no certificate"),
	REASON(PEER_CERTIFICATE_INVALID, "peer-certificate-invalid", -EKEYREJECTED,
	       BAD_CERTIFICATE, "the peer's certificate is not a valid X.509-SVID"),
	REASON(PEER_CERTIFICATE_EXPIRED, "peer-certificate-expired", -EKEYREJECTED,
	       CERTIFICATE_EXPIRED, "the peer's certificate has expired"),
	REASON(PEER_UNKNOWN_ISSUER, "peer-unknown-issuer", -EKEYREJECTED, UNKNOWN_CA,
	       "the peer's chain does not end at a root of the trust bundle"),
	REASON(PEER_WRONG_DOMAIN, "peer-wrong-domain", -EKEYREJECTED, BAD_CERTIFICATE,
	       "the peer's SPIFFE ID is of another trust domain"),
	REASON(PEER_REVOKED, "peer-revoked", -EKEYREVOKED, CERTIFICATE_REVOKED,
	       "the peer's identity is revoked"),
	REASON(PEER_NOT_DESTINATION, "peer-not-destination", -EKEYREJECTED, ACCESS_DENIED,
	       "the server is none of the destination's identities"),
	REASON(POLICY_DENIED, "policy-denied", -EACCES, ACCESS_DENIED,
	       "no rule lets this client connect here"),
	REASON(KTLS, "ktls", -EPROTO, NONE, "the kernel's TLS refused the keys"),
	REASON(TRUNCATED, "truncated", -EBADMSG, NONE, "the peer's FIN came without close_notify"),
	REASON(BAD_RECORD, "bad-record", -EBADMSG, BAD_RECORD_MAC,
	       "a record failed authentication"),
	REASON(KEY_UPDATE, "key-update", -EPROTO, INTERNAL_ERROR,
	       "the peer asked for new keys, which this kernel cannot do"),
	REASON(POLICY_CHANGED, "policy-changed", -EACCES, ACCESS_DENIED,
	       "a new policy no longer allows the session"),
	/* A reset alone: with close_notify, what is cut off would look whole. */
	REASON(MAX_AGE, "max-age", -ETIMEDOUT, NONE, "the session reached maxSessionAge"),
	REASON(LOCAL_CLOSE, "local-close", -ECONNABORTED, NONE,
	       "the program closed the socket or was interrupted"),
	REASON(CONNECT_FAILED, "connect-failed", -ECONNREFUSED, NONE,
	       "TCP itself could not connect"),
	REASON(OTHER_ACCEPTOR, "other-acceptor", -EACCES, NONE,
	       "the handshake was made as another identity than that of the process that accepted"),
	REASON(CLONED, "cloned", -ECONNRESET, NONE,
	       "this machine was cloned or restored, so another may have the session's keys"),
	REASON(INTERNAL, "internal", -EPROTO, INTERNAL_ERROR, "an error inside the module"),
};

static const struct meaning *meaning(enum signet_reason reason)
{
	BUILD_BUG_ON(ARRAY_SIZE(meanings) != SIGNET_REASON_MAX + 1);
	return &meanings[reason <= SIGNET_REASON_MAX ? reason : SIGNET_REASON_INTERNAL];
}

const char *signet_reason_name(enum signet_reason reason)
{
	return meaning(reason)->name;
}

const char *signet_reason_text(enum signet_reason reason)
{
	return meaning(reason)->text;
}

int signet_reason_errno(enum signet_reason reason)
{
	return meaning(reason)->error;
}

enum signet_tls_alert signet_reason_alert(enum signet_reason reason)
{
	return meaning(reason)->alert;
}

static enum signet_reason reason_of_certificate(enum signet_x509_fault x509)
{
	switch (x509) {
	case SIGNET_X509_EXPIRED:
	case SIGNET_X509_NOT_YET:
		return SIGNET_REASON_PEER_CERTIFICATE_EXPIRED;
	case SIGNET_X509_UNKNOWN_ISSUER:
	case SIGNET_X509_BAD_SIGNATURE:
		return SIGNET_REASON_PEER_UNKNOWN_ISSUER;
	case SIGNET_X509_WRONG_DOMAIN:
		return SIGNET_REASON_PEER_WRONG_DOMAIN;
	case SIGNET_X509_NO_MEMORY:
		return SIGNET_REASON_NO_MEMORY;
	default:
		return SIGNET_REASON_PEER_CERTIFICATE_INVALID;
	}
}

enum signet_reason signet_reason_of_fault(enum signet_tls_fault fault,
					  enum signet_x509_fault x509)
{
	switch (fault) {
	case SIGNET_TLS_OK:
		return SIGNET_REASON_NONE;
	case SIGNET_TLS_NOT_TLS:
		return SIGNET_REASON_PEER_PLAINTEXT;
	case SIGNET_TLS_PROTOCOL:
		return SIGNET_REASON_PROTOCOL;
	case SIGNET_TLS_NO_SHARED_PARAMETERS:
		return SIGNET_REASON_NO_SHARED_PARAMETERS;
	case SIGNET_TLS_PEER_ALERT:
		return SIGNET_REASON_PEER_ALERT;
	case SIGNET_TLS_PEER_NO_CERTIFICATE:
		return SIGNET_REASON_PEER_NO_CERTIFICATE;
	case SIGNET_TLS_PEER_CERTIFICATE:
		return reason_of_certificate(x509);
	case SIGNET_TLS_REFUSED:
		return SIGNET_REASON_POLICY_DENIED;
	case SIGNET_TLS_NO_MEMORY:
		return SIGNET_REASON_NO_MEMORY;
	default:
		return SIGNET_REASON_INTERNAL;
	}
}
