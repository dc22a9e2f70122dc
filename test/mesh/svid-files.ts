// SPDX-License-Identifier: Apache-2.0
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

import type { Mesh } from "./mesh.js";

const exec = promisify(execFile);

/** Files with a key and a certificate for it, for a TLS library of user space. */
export interface SvidFiles {
  readonly key: string;
  /** The chain, leaf first. */
  readonly chain: string;
  /** The same without the leaf. */
  readonly issuers: string;
  /** The root that signs workloads. */
  readonly root: string;
}

/** Makes a key, and has the mesh's Vault sign it a workload's certificate. */
export async function writeSvidFiles(mesh: Mesh, spiffeId: string): Promise<SvidFiles> {
  const at = (name: string) => join(mesh.folder, name);
  const files = {
    key: at("peer.key"),
    chain: at("peer.crt"),
    issuers: at("peer-issuers.crt"),
    root: at("workload-root.crt"),
  };
  const curve = ["-pkeyopt", "ec_paramgen_curve:P-256"];
  await exec("openssl", ["genpkey", "-algorithm", "EC", ...curve, "-out", files.key]);
  const { stdout } = await exec("openssl", [
    ...["req", "-new", "-key", files.key, "-subj", "/", "-addext"],
    `subjectAltName=URI:${spiffeId}`,
  ]);
  const chain = await mesh.control.signWorkload(spiffeId, stdout);
  await writeFile(files.chain, chain);
  await writeFile(files.issuers, chain.slice(chain.indexOf("-----BEGIN", 1)));
  await writeFile(files.root, await mesh.control.workloadRoot());
  return files;
}
