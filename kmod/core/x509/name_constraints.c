// SPDX-License-Identifier: GPL-2.0
/*
 * Name constraints (RFC 5280, 4.2.1.10). Those on URIs are applied to SPIFFE IDs, whose host is the
 * trust domain. Those on kinds of names that no accepted leaf has don't matter to it. Any other is
 * refused as unsupported rather than passed over.
 */
#include "core/x509/internal.h"

#define NAME_OTHER SIGNET_DER_CONTEXT(0)
#define NAME_EMAIL SIGNET_DER_CONTEXT_PRIMITIVE(1)
#define NAME_DNS SIGNET_DER_CONTEXT_PRIMITIVE(2)
#define NAME_DIRECTORY SIGNET_DER_CONTEXT(4)
#define NAME_URI SIGNET_DER_CONTEXT_PRIMITIVE(6)
#define NAME_IP SIGNET_DER_CONTEXT_PRIMITIVE(7)
#define NAME_REGISTERED_ID SIGNET_DER_CONTEXT_PRIMITIVE(8)

static u8 lower(u8 c)
{
	return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

static bool same_host(const u8 *a, const u8 *b, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (lower(a[i]) != lower(b[i]))
			return false;
	return true;
}

/* ".example.org" has every host below it, "example.org" that host alone. */
static bool host_matches(const struct signet_bytes *host, const struct signet_bytes *constraint)
{
	if (constraint->len && constraint->data[0] == '.')
		return host->len > constraint->len &&
		       same_host(host->data + host->len - constraint->len, constraint->data,
				 constraint->len);
	return host->len == constraint->len &&
	       same_host(host->data, constraint->data, constraint->len);
}

/* Subtrees of one kind, permitted or excluded: is there one for URIs, and does one match @host? */
static enum signet_x509_fault read_subtrees(struct signet_bytes subtrees,
					    const struct signet_certificate *cert,
					    const struct signet_bytes *host, bool *any, bool *match)
{
	struct signet_bytes subtree, name;
	u8 tag;

	if (!subtrees.len)
		return SIGNET_X509_MALFORMED;
	while (subtrees.len) {
		if (!signet_der_read(&subtrees, SIGNET_DER_SEQUENCE, &subtree) ||
		    !signet_der_read_any(&subtree, &tag, &name))
			return SIGNET_X509_MALFORMED;
		/* RFC 5280: minimum is its default, which DER leaves out, and maximum is absent. */
		if (subtree.len)
			return SIGNET_X509_UNSUPPORTED;
		switch (tag) {
		case NAME_URI:
			*any = true;
			if (host->len && host_matches(host, &name))
				*match = true;
			break;
		case NAME_OTHER:
		case NAME_EMAIL:
		case NAME_DNS:
		case NAME_IP:
		case NAME_REGISTERED_ID:
			if (cert->san_other)
				return SIGNET_X509_UNSUPPORTED;
			break;
		case NAME_DIRECTORY:
			if (cert->san_other || !signet_name_empty(&cert->subject))
				return SIGNET_X509_UNSUPPORTED;
			break;
		default:
			return SIGNET_X509_UNSUPPORTED;
		}
	}
	return SIGNET_X509_OK;
}

/* The trust domain of the certificate's one SPIFFE ID; none is no bytes. */
static enum signet_x509_fault find_host(const struct signet_certificate *cert,
					struct signet_bytes *host)
{
	static const size_t scheme = sizeof("spiffe://") - 1;
	size_t path;

	host->data = NULL;
	host->len = 0;
	if (!cert->uri_count)
		return SIGNET_X509_OK;
	if (cert->uri_count > 1 ||
	    !signet_spiffe_id_valid((const char *)cert->uri.data, cert->uri.len, &path))
		return SIGNET_X509_UNSUPPORTED;
	host->data = cert->uri.data + scheme;
	host->len = path - scheme;
	return SIGNET_X509_OK;
}

enum signet_x509_fault signet_name_constraints_check(const struct signet_certificate *issuer,
						     const struct signet_certificate *cert)
{
	struct signet_bytes in = issuer->name_constraints, subtrees, host;
	bool any, match;
	enum signet_x509_fault fault;

	if (!issuer->name_constraints_present)
		return SIGNET_X509_OK;
	fault = find_host(cert, &host);
	if (fault)
		return fault;

	if (signet_der_is(&in, SIGNET_DER_CONTEXT(0))) {
		any = false;
		match = false;
		if (!signet_der_read(&in, SIGNET_DER_CONTEXT(0), &subtrees))
			return SIGNET_X509_MALFORMED;
		fault = read_subtrees(subtrees, cert, &host, &any, &match);
		if (fault)
			return fault;
		if (host.len && any && !match)
			return SIGNET_X509_NAME_CONSTRAINTS;
	}
	if (signet_der_is(&in, SIGNET_DER_CONTEXT(1))) {
		any = false;
		match = false;
		if (!signet_der_read(&in, SIGNET_DER_CONTEXT(1), &subtrees))
			return SIGNET_X509_MALFORMED;
		fault = read_subtrees(subtrees, cert, &host, &any, &match);
		if (fault)
			return fault;
		if (match)
			return SIGNET_X509_NAME_CONSTRAINTS;
	}
	return in.len ? SIGNET_X509_MALFORMED : SIGNET_X509_OK;
}
