// SPDX-License-Identifier: Apache-2.0
import { readFile } from "node:fs/promises";
import { createPublicKey, type KeyObject } from "node:crypto";
import type { messages } from "@signet/contract";
import { nodeSpiffeId } from "@signet/contract/control-plane-id.js";
import { fromPem, toPem } from "@signet/contract/pem.js";
import { SignetError } from "@signet/contract/signet-error.js";
import { checkSvidChain } from "@signet/contract/svid-chain.js";
import { checkSvid } from "@signet/contract/svid.js";
import { writeFileAtomically } from "../atomic-file.js";

/** How far a node's clock may be behind those of its signer and of Vault. */
const CLOCK_SLACK_MS = 60_000;

/** What a signer gave a node. */
export interface IssuedCredentials {
  readonly nodeId: string;
  readonly trustDomain: string;
  /** PKCS#8, PEM. */
  readonly key: string;
  /** Leaf first, PEM. */
  readonly chain: string;
  /** Roots of the control-plane CA, PEM. */
  readonly roots: string;
}

/** What a node proves itself with, and whom it believes. */
export interface NodeCredentials extends IssuedCredentials {
  /** SHA-256 of the join token that this node last joined with, lower-case hex. */
  readonly tokenHash: string;
}

/**
 * Credentials from what a signer answered, once all of it was checked: the certificate is for this
 * key, this node's ID, and chains to roots that were trusted before.
 *
 * @param roots Of the control-plane CA, DER: never taken from the answer.
 * @throws SignetError SVID_*, SPIFFE_ID_INVALID.
 */
export function credentialsFrom(
  answer: messages.NodeCertificate,
  privateKey: KeyObject,
  roots: readonly Buffer[],
  now: Date,
): IssuedCredentials {
  const svid = checkSvidChain(answer.chain, roots, firstMoment(answer.chain, now));
  const expected = nodeSpiffeId(answer.trustDomain, answer.nodeId);
  if (svid.spiffeId !== expected) {
    throw new SignetError("SVID_WRONG_ID", `The certificate is for ${svid.spiffeId}.`);
  }
  const own = createPublicKey(privateKey).export({ type: "spki", format: "der" });
  if (!svid.publicKey.equals(own)) throw new SignetError("SVID_KEY_MISMATCH");
  return {
    nodeId: answer.nodeId,
    trustDomain: answer.trustDomain,
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    chain: answer.chain.map(toPem).join(""),
    roots: roots.map(toPem).join(""),
  };
}

/** When a certificate that was just issued is valid first, as long as that is soon. */
function firstMoment([leaf]: readonly Buffer[], now: Date): Date {
  if (leaf === undefined) return now;
  const ahead = checkSvid(leaf).notBefore.getTime() - now.getTime();
  return ahead > 0 && ahead <= CLOCK_SLACK_MS ? new Date(now.getTime() + ahead) : now;
}

/** Validity of a node's certificate, milliseconds since 1970. */
export function validityOf(credentials: NodeCredentials): { notBefore: number; notAfter: number } {
  const [leaf] = fromPem(credentials.chain);
  if (leaf === undefined) throw new SignetError("SVID_MALFORMED");
  const { notBefore, notAfter } = checkSvid(leaf);
  return { notBefore: notBefore.getTime(), notAfter: notAfter.getTime() };
}

/** The credentials on disk: one file, so that key and certificate always belong together. */
export class CredentialsFile {
  /** @param path Absolute. */
  constructor(readonly path: string) {}

  /** @returns undefined when there is no file. @throws SignetError FILE_UNREADABLE */
  async read(): Promise<NodeCredentials | undefined> {
    try {
      const credentials = JSON.parse(await readFile(this.path, "utf8")) as NodeCredentials;
      validityOf(credentials);
      return credentials;
    } catch (cause) {
      if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return undefined;
      throw new SignetError("FILE_UNREADABLE", `${this.path} holds no credentials.`, { cause });
    }
  }

  async write(credentials: NodeCredentials): Promise<void> {
    await writeFileAtomically(this.path, JSON.stringify(credentials));
  }
}
