// SPDX-License-Identifier: GPL-2.0
/* Chains of certificates (RFC 5280, 6) and X.509-SVIDs (SPIFFE X509-SVID, 4 and 5). */
#include "core/x509/internal.h"

/* What is being checked: certificates[0] is the leaf, the anchor is no part of them. */
struct chain {
	struct signet_certificate certificates[SIGNET_CHAIN_MAX];
	size_t count;
	const struct signet_anchors *anchors;
	s64 now;
};

static enum signet_x509_fault check_validity(const struct signet_certificate *cert, s64 now)
{
	if (now < cert->not_before)
		return SIGNET_X509_NOT_YET;
	return now > cert->not_after ? SIGNET_X509_EXPIRED : SIGNET_X509_OK;
}

/* A SPIFFE ID of the trust domain; an issuer's has no path. */
static enum signet_x509_fault check_domain(const struct signet_certificate *cert,
					   const char *trust_domain, size_t *path)
{
	static const size_t scheme = sizeof("spiffe://") - 1;
	const char *id = (const char *)cert->uri.data;
	size_t len = strlen(trust_domain);

	if (!signet_spiffe_id_valid(id, cert->uri.len, path))
		return SIGNET_X509_BAD_ID;
	if (*path - scheme != len || memcmp(id + scheme, trust_domain, len))
		return SIGNET_X509_WRONG_DOMAIN;
	return SIGNET_X509_OK;
}

static enum signet_x509_fault check_svid(const struct signet_certificate *leaf,
					 const char *trust_domain)
{
	enum signet_x509_fault fault;
	size_t path;

	if (leaf->unknown_critical || leaf->name_constraints_present)
		return SIGNET_X509_UNSUPPORTED;
	if (leaf->uri_count != 1 || leaf->san_other || leaf->ca ||
	    (signet_name_empty(&leaf->subject) && !leaf->san_critical) ||
	    !leaf->key_usage_present || !leaf->key_usage_critical ||
	    leaf->key_usage != SIGNET_KEY_USAGE_DIGITAL_SIGNATURE || !leaf->eku_server ||
	    !leaf->eku_client || leaf->eku_any || leaf->eku_other ||
	    leaf->key.type != SIGNET_KEY_P256)
		return SIGNET_X509_NOT_SVID;
	fault = check_domain(leaf, trust_domain, &path);
	if (fault)
		return fault;
	if (path == leaf->uri.len)
		return SIGNET_X509_NOT_SVID;
	/* What Signet keeps for itself is certified by the other issuer alone. */
	return signet_spiffe_id_reserved((const char *)leaf->uri.data, leaf->uri.len, path) ?
		       SIGNET_X509_BAD_ID :
		       SIGNET_X509_OK;
}

static bool self_issued(const struct signet_certificate *cert)
{
	return signet_bytes_equal(&cert->issuer, &cert->subject);
}

/* May @issuer, above certificates[0..@below), issue? */
static enum signet_x509_fault check_issuer(const struct chain *chain,
					   const struct signet_certificate *issuer, size_t below)
{
	enum signet_x509_fault fault;
	int depth = 0;
	size_t path, i;

	fault = check_validity(issuer, chain->now);
	if (fault)
		return fault;
	if (issuer->unknown_critical)
		return SIGNET_X509_UNSUPPORTED;
	if (!issuer->ca || !issuer->key_usage_present ||
	    !(issuer->key_usage & SIGNET_KEY_USAGE_KEY_CERT_SIGN) ||
	    (issuer->eku_present && !issuer->eku_any &&
	     !(issuer->eku_server && issuer->eku_client)))
		return SIGNET_X509_NOT_CA;
	if (issuer->uri_count > 1)
		return SIGNET_X509_BAD_ID;
	if (issuer->uri_count) {
		fault = check_domain(issuer, chain->anchors->trust_domain, &path);
		if (fault)
			return fault;
		if (path != issuer->uri.len)
			return SIGNET_X509_BAD_ID;
	}
	for (i = 1; i < below; i++)
		depth += !self_issued(&chain->certificates[i]);
	if (issuer->path_length >= 0 && depth > issuer->path_length)
		return SIGNET_X509_PATH_LENGTH;
	for (i = 0; i < below; i++) {
		/* RFC 5280, 6.1.3 (b): not for self-issued certificates but the last. */
		if (i && self_issued(&chain->certificates[i]))
			continue;
		fault = signet_name_constraints_check(issuer, &chain->certificates[i]);
		if (fault)
			return fault;
	}
	return SIGNET_X509_OK;
}

static enum signet_x509_fault check_signature(const struct signet_certificate *issuer,
					      const struct signet_certificate *cert)
{
	bool rsa = issuer->key.type == SIGNET_KEY_RSA;

	if (!cert->signature_supported)
		return SIGNET_X509_UNSUPPORTED;
	if (cert->signature_rsa != rsa)
		return SIGNET_X509_BAD_SIGNATURE;
	switch (signet_verify(&issuer->key, cert->signature_hash, cert->tbs.data, cert->tbs.len,
			      cert->signature.data, cert->signature.len)) {
	case 0:
		return SIGNET_X509_OK;
	case -ENOMEM:
		return SIGNET_X509_NO_MEMORY;
	case -EINVAL:
		return SIGNET_X509_UNSUPPORTED;
	default:
		return SIGNET_X509_BAD_SIGNATURE;
	}
}

/*
 * Find the anchor that issued the last certificate. Of several with its name, as while a root is
 * being replaced, one that does is enough; else the first one's fault counts.
 */
static enum signet_x509_fault check_anchor(const struct chain *chain)
{
	const struct signet_certificate *last = &chain->certificates[chain->count - 1];
	enum signet_x509_fault fault, first = SIGNET_X509_UNKNOWN_ISSUER;
	size_t i;

	for (i = 0; i < chain->anchors->count; i++) {
		const struct signet_certificate *anchor = &chain->anchors->roots[i];

		if (!signet_bytes_equal(&anchor->subject, &last->issuer))
			continue;
		fault = check_issuer(chain, anchor, chain->count);
		if (!fault)
			fault = check_signature(anchor, last);
		if (!fault || fault == SIGNET_X509_NO_MEMORY)
			return fault;
		if (first == SIGNET_X509_UNKNOWN_ISSUER)
			first = fault;
	}
	return first;
}

static bool is_anchor(const struct signet_anchors *anchors, const struct signet_bytes *der)
{
	size_t i;

	for (i = 0; i < anchors->count; i++)
		if (signet_bytes_equal(&anchors->roots[i].der, der))
			return true;
	return false;
}

static enum signet_x509_fault check(struct chain *chain)
{
	struct signet_certificate *certificates = chain->certificates;
	enum signet_x509_fault fault;
	size_t i;

	/* Everything that costs little, and the leaf's own faults, come before any signature. */
	fault = check_svid(&certificates[0], chain->anchors->trust_domain);
	if (!fault)
		fault = check_validity(&certificates[0], chain->now);
	for (i = 1; i < chain->count && !fault; i++) {
		if (!signet_bytes_equal(&certificates[i - 1].issuer, &certificates[i].subject))
			fault = SIGNET_X509_UNKNOWN_ISSUER;
		else
			fault = check_issuer(chain, &certificates[i], i);
	}
	if (!fault)
		fault = check_anchor(chain);
	for (i = chain->count - 1; i > 0 && !fault; i--)
		fault = check_signature(&certificates[i], &certificates[i - 1]);
	return fault;
}

enum signet_x509_fault signet_chain_check(const struct signet_bytes *chain, size_t count,
					  const struct signet_anchors *anchors, s64 now,
					  struct signet_certificate *leaf)
{
	enum signet_x509_fault fault = SIGNET_X509_OK;
	struct chain *c;

	if (!count)
		return SIGNET_X509_MALFORMED;
	if (count > 1 && is_anchor(anchors, &chain[count - 1]))
		count--;
	if (count > SIGNET_CHAIN_MAX)
		return SIGNET_X509_PATH_LENGTH;
	c = signet_alloc(sizeof(*c));
	if (!c)
		return SIGNET_X509_NO_MEMORY;
	c->count = count;
	c->anchors = anchors;
	c->now = now;
	for (size_t i = 0; i < count && !fault; i++)
		fault = signet_certificate_parse(&c->certificates[i], chain[i].data, chain[i].len);
	if (!fault)
		fault = check(c);
	if (!fault)
		*leaf = c->certificates[0];
	signet_free(c);
	return fault;
}
