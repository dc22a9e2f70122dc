# SPDX-License-Identifier: Apache-2.0
# The signer may have certificates signed, and no more: not for administrators, not verbatim, not
# with a `not_after`, which could exceed the role's max_ttl. A comma would make two IDs of one string.

path "signet-workload/sign/svid" {
  capabilities = ["create", "update"]
  allowed_parameters = {
    "csr" = []
    "uri_sans" = ["spiffe://{{trust_domain}}/*"]
    "ttl" = []
    "format" = ["pem"]
    "remove_roots_from_chain" = [true]
  }
  denied_parameters = {
    "uri_sans" = ["*,*", "spiffe://{{trust_domain}}/signet/*"]
  }
}

path "signet-control/sign/node" {
  capabilities = ["create", "update"]
  allowed_parameters = {
    "csr" = []
    "uri_sans" = ["spiffe://{{trust_domain}}/signet/node/*"]
    "ttl" = []
    "format" = ["pem"]
    "remove_roots_from_chain" = [true]
  }
  denied_parameters = {
    "uri_sans" = ["*,*"]
  }
}

path "signet-control/sign/signer" {
  capabilities = ["create", "update"]
  allowed_parameters = {
    "csr" = []
    "uri_sans" = ["spiffe://{{trust_domain}}/signet/signer"]
    "ttl" = []
    "format" = ["pem"]
    "remove_roots_from_chain" = [true]
  }
}

path "auth/token/renew-self" {
  capabilities = ["update"]
}

path "auth/token/revoke-self" {
  capabilities = ["update"]
}
