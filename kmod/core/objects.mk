# SPDX-License-Identifier: GPL-2.0
# The portable core, relative to kmod/: kmod/Kbuild and kmod/test/Makefile both include this.
core-objs := core/hmac.o
# TLS 1.3
core-objs += core/hkdf.o core/key_schedule.o core/key_share.o
core-objs += core/tls.o core/tls_message.o core/tls_record.o core/tls_hello.o
core-objs += core/tls_authentication.o core/tls_client.o core/tls_server.o
# X.509
core-objs += core/der.o core/p256_scalar.o core/ecdsa.o core/public_key.o
core-objs += core/certificate.o core/certificate_extension.o core/name_constraints.o
core-objs += core/chain.o core/csr.o core/spiffe_id.o
# Policy
core-objs += core/hash_table.o core/access.o core/revocation_set.o

# Known-answer tests: in the module with CONFIG_SIGNET_SELFTEST, and in test/selftest_test
selftest-objs := selftest/selftest.o selftest/wycheproof.o selftest/ecdsa.o
