/* SPDX-License-Identifier: GPL-2.0 */
/* What the files about certificates share. */
#ifndef SIGNET_CORE_X509_INTERNAL_H
#define SIGNET_CORE_X509_INTERNAL_H

#include "core/x509/x509.h"

/* An OBJECT IDENTIFIER's contents as a string literal. */
#define SIGNET_OID(literal) { (const u8 *)(literal), sizeof(literal) - 1 }

/* A SubjectPublicKeyInfo off the front of @in (public_key.c). */
enum signet_x509_fault signet_public_key_read(struct signet_bytes *in,
					      struct signet_public_key *key,
					      struct signet_bytes *spki);

/* The contents of the Extensions SEQUENCE (certificate_extension.c). */
enum signet_x509_fault signet_extensions_parse(struct signet_certificate *cert,
					       struct signet_bytes extensions);

/* Does @cert keep to the constraints of an issuer above it (name_constraints.c)? */
enum signet_x509_fault signet_name_constraints_check(const struct signet_certificate *issuer,
						     const struct signet_certificate *cert);

/* An empty Name: no RDN. */
static inline bool signet_name_empty(const struct signet_bytes *name)
{
	return name->len == 2;
}

#endif
