// SPDX-License-Identifier: GPL-2.0
#include "core/policy/bundle.h"

struct signet_bundle {
	struct signet_anchors anchors;
	struct signet_certificate roots[SIGNET_ROOTS_MAX];
	u8 *der[SIGNET_ROOTS_MAX]; /* of each */
	char trust_domain[];
};

struct signet_bundle *signet_bundle_new(const char *trust_domain)
{
	size_t len = strlen(trust_domain);
	struct signet_bundle *bundle = signet_alloc_array(1, sizeof(*bundle) + len + 1);

	if (!bundle)
		return NULL;
	memcpy(bundle->trust_domain, trust_domain, len);
	bundle->anchors.trust_domain = bundle->trust_domain;
	bundle->anchors.roots = bundle->roots;
	return bundle;
}

void signet_bundle_free(struct signet_bundle *bundle)
{
	size_t i;

	if (!bundle)
		return;
	for (i = 0; i < bundle->anchors.count; i++)
		signet_free_array(bundle->der[i]);
	signet_free_array(bundle);
}

int signet_bundle_add(struct signet_bundle *bundle, struct signet_bytes der, const char **why)
{
	size_t count = bundle->anchors.count;
	enum signet_x509_fault fault;
	u8 *copy;

	if (count == SIGNET_ROOTS_MAX) {
		*why = "a policy has at most 16 roots";
		return -E2BIG;
	}
	copy = signet_alloc_array(1, der.len);
	if (!copy)
		return -ENOMEM;
	memcpy(copy, der.data, der.len);
	fault = signet_certificate_parse(&bundle->roots[count], copy, der.len);
	if (fault == SIGNET_X509_OK && !bundle->roots[count].ca)
		fault = SIGNET_X509_NOT_CA;
	if (fault != SIGNET_X509_OK) {
		signet_free_array(copy);
		*why = signet_x509_fault_text(fault);
		return -EKEYREJECTED;
	}
	bundle->der[count] = copy;
	bundle->anchors.count++;
	return 0;
}

const struct signet_anchors *signet_bundle_anchors(const struct signet_bundle *bundle)
{
	return &bundle->anchors;
}

static bool has_root(const struct signet_bundle *bundle, const struct signet_certificate *root)
{
	size_t i;

	for (i = 0; i < bundle->anchors.count; i++)
		if (signet_bytes_equal(&bundle->roots[i].der, &root->der))
			return true;
	return false;
}

bool signet_bundle_keeps(const struct signet_bundle *bundle, const struct signet_bundle *older)
{
	size_t i;

	if (strcmp(bundle->trust_domain, older->trust_domain))
		return false;
	for (i = 0; i < older->anchors.count; i++)
		if (!has_root(bundle, &older->roots[i]))
			return false;
	return true;
}
