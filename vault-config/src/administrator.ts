// SPDX-License-Identifier: Apache-2.0

import "reflect-metadata";
import { webcrypto } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Pkcs10CertificateRequestGenerator, SubjectAlternativeNameExtension } from "@peculiar/x509";
import { writeSecret } from "./secret-file.js";
import type { Vault } from "./vault.js";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

/** An administrator's certificate with its key, and the root that signers are known by. PEM. */
export interface Administrator {
  readonly key: string;
  /** Leaf first, without the root. */
  readonly chain: string;
  readonly root: string;
}

/**
 * Has Vault sign a certificate for an administrator; the key is made here.
 * @param ttl as Vault takes it: "8h"
 */
export async function administrator(
  vault: Vault,
  trustDomain: string,
  name: string,
  ttl: string,
): Promise<Administrator> {
  const uri = `spiffe://${trustDomain}/signet/admin/${name}`;
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const csr = await Pkcs10CertificateRequestGenerator.create({
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [new SubjectAlternativeNameExtension([{ type: "url", value: uri }])],
  });
  const signed = await vault.write("signet-control/sign/admin", {
    csr: csr.toString("pem"),
    uri_sans: uri,
    ttl,
    format: "pem",
    remove_roots_from_chain: true,
  });
  const root = await vault.read("signet-control-root/cert/ca");
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey));
  const base64 = pkcs8.toString("base64").replace(/.{64}/g, "$&\n");
  return {
    key: `-----BEGIN PRIVATE KEY-----\n${base64.trimEnd()}\n-----END PRIVATE KEY-----\n`,
    chain: [signed["certificate"], ...((signed["ca_chain"] ?? []) as string[])].join("\n") + "\n",
    root: `${String(root?.["certificate"]).trimEnd()}\n`,
  };
}

/** Writes `admin.key`, `admin.crt` and `control-plane-ca.pem` into a folder. */
export async function writeAdministrator(admin: Administrator, folder: string) {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeSecret(join(folder, "admin.key"), admin.key);
  await writeFile(join(folder, "admin.crt"), admin.chain, { mode: 0o644 });
  await writeFile(join(folder, "control-plane-ca.pem"), admin.root, { mode: 0o644 });
}
