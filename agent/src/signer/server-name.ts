// SPDX-License-Identifier: Apache-2.0

/**
 * The name that is asked for in TLS, whatever the signer's address: an address is none that RFC 6066
 * allows, and the signer is known by its SPIFFE ID.
 */
export const SERVER_NAME = { "grpc.ssl_target_name_override": "signet-signer" };
