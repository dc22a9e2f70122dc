# SPDX-License-Identifier: GPL-2.0
# The portable core, relative to kmod/: kmod/Kbuild and kmod/test/Makefile both include this.
core-objs := core/der.o
core-objs += $(addprefix core/crypto/,hmac.o hkdf.o p256_scalar.o ecdsa.o)
core-objs += $(addprefix core/x509/,certificate.o extension.o name_constraints.o public_key.o)
core-objs += $(addprefix core/x509/,chain.o csr.o spiffe_id.o)
core-objs += $(addprefix core/tls/,tls.o key_schedule.o key_share.o message.o record.o hello.o)
core-objs += $(addprefix core/tls/,authentication.o client.o server.o)
core-objs += $(addprefix core/policy/,array.o hash_table.o tables.o revocation_set.o)
core-objs += $(addprefix core/policy/,bundle.o difference.o draft.o)

# Known-answer tests: in the module with CONFIG_SIGNET_SELFTEST, and in test/selftest_test
selftest-objs := selftest/selftest.o selftest/wycheproof.o selftest/ecdsa.o
