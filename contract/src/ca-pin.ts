// SPDX-License-Identifier: Apache-2.0

import { createHash, timingSafeEqual } from "node:crypto";
import { connect, type DetailedPeerCertificate, type TLSSocket } from "node:tls";
import { SignetError } from "./signet-error.js";

/** SHA-256 of a certificate, DER, in lower-case hex: how `signet token create` prints a pin. */
export function certificatePin(der: Uint8Array): string {
  return createHash("sha256").update(der).digest("hex");
}

/**
 * Fetches the control-plane root that a pin names from a signer that shows it in its chain. Nothing
 * else the server says is believed, and no secret is sent: the root is then what a second
 * connection, fully checked, is held to.
 * @param pin SHA-256 of the root, lower-case hex
 * @returns the root, DER
 * @throws SignetError CA_PIN_MISMATCH, SIGNER_UNAVAILABLE
 */
export async function fetchPinnedRoot(
  address: { host: string; port: number },
  pin: string,
  timeoutMs = 10_000,
): Promise<Buffer> {
  const wanted = Buffer.from(pin, "hex");
  if (wanted.length !== 32) {
    throw new SignetError("REQUEST_INVALID", "A CA pin is a SHA-256 in hex: 64 digits.");
  }
  const shown = await shownChain(address, timeoutMs);
  const root = shown.find((der) =>
    timingSafeEqual(createHash("sha256").update(der).digest(), wanted),
  );
  if (root === undefined) {
    throw new SignetError(
      "CA_PIN_MISMATCH",
      `${address.host}:${address.port} showed ${shown.length} certificates, none of which has the pinned SHA-256 ${pin}.`,
    );
  }
  return root;
}

function shownChain(address: { host: string; port: number }, timeoutMs: number): Promise<Buffer[]> {
  return new Promise((resolve, reject) => {
    const fail = (reason: string, cause?: unknown) => {
      socket.destroy();
      const where = `${address.host}:${address.port}`;
      reject(new SignetError("SIGNER_UNAVAILABLE", `${where}: ${reason}.`, { cause }));
    };
    // Unverified on purpose: see fetchPinnedRoot.
    const socket = connect({
      ...address,
      rejectUnauthorized: false,
      ca: [], // the pin alone is trusted: the roots of the world are not even loaded
      minVersion: "TLSv1.2",
      ALPNProtocols: ["h2"],
    });
    socket.setTimeout(timeoutMs, () => fail("no answer in time"));
    socket.once("error", (cause) => fail("no TLS connection", cause));
    socket.once("secureConnect", () => {
      resolve(chainOf(socket));
      socket.destroy();
    });
  });
}

function chainOf(socket: TLSSocket): Buffer[] {
  const chain: Buffer[] = [];
  // Without a certificate Node gives an empty object; a self-signed one is its own issuer.
  let certificate: Partial<DetailedPeerCertificate> | undefined = socket.getPeerCertificate(true);
  while (certificate?.raw !== undefined) {
    const { raw } = certificate;
    if (chain.some((der) => der.equals(raw))) break;
    chain.push(raw);
    certificate = certificate.issuerCertificate;
  }
  return chain;
}
