// SPDX-License-Identifier: Apache-2.0

import { z } from "zod";

const pem = z.string().startsWith("-----BEGIN CERTIFICATE-----");

/** Answer to sign/ROLE. */
export const SignAnswer = z.object({
  data: z.object({
    certificate: pem,
    ca_chain: z.array(pem).min(1),
    serial_number: z.string().regex(/^[0-9a-f]{2}(:[0-9a-f]{2})*$/),
    /** Seconds since 1970. */
    expiration: z.number().int().positive(),
  }),
});

/** Answer to revoke. `state` is missing for a certificate that had expired. */
export const RevokeAnswer = z.object({
  data: z.object({ revocation_time: z.number().int().nonnegative(), state: z.string().optional() }),
});

/** Answer to cert/ca. */
export const CertificateAnswer = z.object({ data: z.object({ certificate: pem }) });

/** Answer to login and renew-self. */
export const AuthAnswer = z.object({
  auth: z.object({
    client_token: z.string().min(1),
    /** Seconds. */
    lease_duration: z.number().int().nonnegative(),
    renewable: z.boolean(),
  }),
});

/** Answer to unwrap, of a wrapped SecretID. */
export const SecretIdAnswer = z.object({ data: z.object({ secret_id: z.string().min(1) }) });
