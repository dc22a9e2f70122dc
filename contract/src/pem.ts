// SPDX-License-Identifier: Apache-2.0

const BLOCK = /-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]*)-----END CERTIFICATE-----/g;

/** A certificate, DER, as PEM (RFC 7468 §5), with its last line end. */
export function toPem(der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n");
}

/** The certificates in a PEM text, DER, in its order; other blocks and text are passed over. */
export function fromPem(pem: string): Buffer[] {
  return [...pem.matchAll(BLOCK)].map(([, base64]) => Buffer.from(base64 ?? "", "base64"));
}
