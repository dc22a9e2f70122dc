# SPDX-License-Identifier: Apache-2.0
# The signer's other token may revoke a certificate that it shows, and no more.

path "signet-workload/revoke" {
  capabilities = ["create", "update"]
  allowed_parameters = {
    "certificate" = []
  }
}

path "signet-control/revoke" {
  capabilities = ["create", "update"]
  allowed_parameters = {
    "certificate" = []
  }
}

path "auth/token/renew-self" {
  capabilities = ["update"]
}

path "auth/token/revoke-self" {
  capabilities = ["update"]
}
