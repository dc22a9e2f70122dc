// SPDX-License-Identifier: GPL-2.0
/* Extensions of certificates (RFC 5280, 4.2). */
#include "core/x509/internal.h"

/* More than any CA writes; bounds the search for extensions that come twice. */
#define EXTENSIONS_MAX 24
#define SAN_URI SIGNET_DER_CONTEXT_PRIMITIVE(6)
#define PATH_LENGTH_LIMIT 255

static bool basic_constraints(struct signet_bytes value, bool critical,
			      struct signet_certificate *cert)
{
	struct signet_bytes sequence, length;

	if (!signet_der_read(&value, SIGNET_DER_SEQUENCE, &sequence) || value.len)
		return false;
	/* DER leaves out a default: if it is there it is TRUE. */
	if (signet_der_is(&sequence, SIGNET_DER_BOOLEAN) &&
	    (!signet_der_read_boolean(&sequence, &cert->ca) || !cert->ca))
		return false;
	if (sequence.len) {
		if (!cert->ca || !signet_der_read_unsigned(&sequence, &length))
			return false;
		cert->path_length = !length.len ? 0 :
				    length.len == 1 ? length.data[0] : PATH_LENGTH_LIMIT;
	}
	return !sequence.len;
}

static bool key_usage(struct signet_bytes value, bool critical, struct signet_certificate *cert)
{
	cert->key_usage_present = true;
	cert->key_usage_critical = critical;
	return signet_der_read_named_bits(&value, &cert->key_usage) && !value.len &&
	       cert->key_usage;
}

static bool extended_key_usage(struct signet_bytes value, bool critical,
			       struct signet_certificate *cert)
{
	static const struct signet_bytes server = SIGNET_OID("\x2b\x06\x01\x05\x05\x07\x03\x01");
	static const struct signet_bytes client = SIGNET_OID("\x2b\x06\x01\x05\x05\x07\x03\x02");
	static const struct signet_bytes any = SIGNET_OID("\x55\x1d\x25\x00");
	struct signet_bytes sequence, oid;

	cert->eku_present = true;
	if (!signet_der_read(&value, SIGNET_DER_SEQUENCE, &sequence) || value.len || !sequence.len)
		return false;
	while (sequence.len) {
		if (!signet_der_read_oid(&sequence, &oid))
			return false;
		if (signet_bytes_equal(&oid, &server))
			cert->eku_server = true;
		else if (signet_bytes_equal(&oid, &client))
			cert->eku_client = true;
		else if (signet_bytes_equal(&oid, &any))
			cert->eku_any = true;
		else
			cert->eku_other = true;
	}
	return true;
}

static bool subject_alt_name(struct signet_bytes value, bool critical,
			     struct signet_certificate *cert)
{
	struct signet_bytes names, name;
	u8 tag;

	cert->san_critical = critical;
	if (!signet_der_read(&value, SIGNET_DER_SEQUENCE, &names) || value.len || !names.len)
		return false;
	while (names.len) {
		if (!signet_der_read_any(&names, &tag, &name) || (tag & 0xc0) != 0x80)
			return false;
		if (tag != SAN_URI)
			cert->san_other = true;
		else if (!cert->uri_count++)
			cert->uri = name;
	}
	return true;
}

static bool name_constraints(struct signet_bytes value, bool critical,
			     struct signet_certificate *cert)
{
	cert->name_constraints_present = true;
	return signet_der_read(&value, SIGNET_DER_SEQUENCE, &cert->name_constraints) &&
	       !value.len && cert->name_constraints.len;
}

static const struct {
	struct signet_bytes oid;
	bool (*parse)(struct signet_bytes value, bool critical, struct signet_certificate *cert);
} known[] = {
	{ SIGNET_OID("\x55\x1d\x0f"), key_usage },
	{ SIGNET_OID("\x55\x1d\x11"), subject_alt_name },
	{ SIGNET_OID("\x55\x1d\x13"), basic_constraints },
	{ SIGNET_OID("\x55\x1d\x1e"), name_constraints },
	{ SIGNET_OID("\x55\x1d\x25"), extended_key_usage },
};

static bool parse_one(const struct signet_bytes *oid, struct signet_bytes value, bool critical,
		      struct signet_certificate *cert)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(known); i++)
		if (signet_bytes_equal(oid, &known[i].oid))
			return known[i].parse(value, critical, cert);
	if (critical)
		cert->unknown_critical = true;
	return true;
}

enum signet_x509_fault signet_extensions_parse(struct signet_certificate *cert,
					       struct signet_bytes extensions)
{
	struct signet_bytes seen[EXTENSIONS_MAX], extension, value;
	size_t count, i;
	bool critical;

	if (!extensions.len)
		return SIGNET_X509_MALFORMED;
	for (count = 0; extensions.len; count++) {
		if (count == EXTENSIONS_MAX)
			return SIGNET_X509_UNSUPPORTED;
		if (!signet_der_read(&extensions, SIGNET_DER_SEQUENCE, &extension) ||
		    !signet_der_read_oid(&extension, &seen[count]))
			return SIGNET_X509_MALFORMED;
		critical = false;
		if (signet_der_is(&extension, SIGNET_DER_BOOLEAN) &&
		    (!signet_der_read_boolean(&extension, &critical) || !critical))
			return SIGNET_X509_MALFORMED;
		if (!signet_der_read(&extension, SIGNET_DER_OCTET_STRING, &value) || extension.len)
			return SIGNET_X509_MALFORMED;
		for (i = 0; i < count; i++)
			if (signet_bytes_equal(&seen[i], &seen[count]))
				return SIGNET_X509_MALFORMED;
		if (!parse_one(&seen[count], value, critical, cert))
			return SIGNET_X509_MALFORMED;
	}
	return SIGNET_X509_OK;
}
