// SPDX-License-Identifier: Apache-2.0

import type { Authority } from "./data.js";
import { holds, seconds } from "./same.js";
import type { Json, Vault } from "./vault.js";

/** Says what was done: ("created", "mount signet-workload"). */
export type Report = (action: "created" | "changed" | "unchanged", what: string) => void;

/** Makes the root and the issuing mount of an authority hold. */
export async function applyAuthority(vault: Vault, authority: Authority, report: Report) {
  const { root, issuing, description } = authority;
  await applyMount(vault, root.mount, `${description}: root`, root.ttl, report);
  await applyMount(vault, issuing.mount, `${description}: issuer`, issuing.ttl, report);
  await applyRoot(vault, authority, report);
  await applyIssuer(vault, authority, report);
}

async function applyMount(
  vault: Vault,
  mount: string,
  description: string,
  maxTtl: string,
  report: Report,
) {
  const config = {
    max_lease_ttl: seconds(maxTtl),
    // So that Vault's audit log can be compared with the signer's ledger.
    audit_non_hmac_response_keys: ["serial_number"],
  };
  const mounts = (await vault.read("sys/mounts")) ?? {};
  const found = mounts[`${mount}/`] as Json | undefined;
  if (found === undefined) {
    await vault.write(`sys/mounts/${mount}`, { type: "pki", description, config });
    report("created", `mount ${mount}`);
    return;
  }
  if (found["type"] !== "pki") {
    throw new Error(`${mount} is a mount of type ${String(found["type"])}, not pki: move it first`);
  }
  if (holds(found["config"] as Json, config)) {
    report("unchanged", `mount ${mount}`);
    return;
  }
  await vault.write(`sys/mounts/${mount}/tune`, config);
  report("changed", `mount ${mount}`);
}

async function hasIssuer(vault: Vault, mount: string): Promise<boolean> {
  return (await vault.list(`${mount}/issuers`)) !== undefined;
}

async function applyRoot(vault: Vault, { root }: Authority, report: Report) {
  if (await hasIssuer(vault, root.mount)) {
    report("unchanged", `root of ${root.mount}`);
    return;
  }
  await vault.write(`${root.mount}/root/generate/internal`, {
    common_name: root.commonName,
    exclude_cn_from_sans: true,
    issuer_name: "root",
    key_name: "root",
    key_type: "ec",
    key_bits: 256,
    max_path_length: 1,
    ttl: root.ttl,
  });
  report("created", `root of ${root.mount}`);
}

async function applyIssuer(vault: Vault, authority: Authority, report: Report) {
  const { mount } = authority.issuing;
  if (await hasIssuer(vault, mount)) {
    const found = await vault.read(`${mount}/issuer/default`);
    if (found?.["leaf_not_after_behavior"] !== "err") {
      throw new Error(
        `the default issuer of ${mount} must have leaf_not_after_behavior "err": set it, or leaves could be cut short unseen`,
      );
    }
    report("unchanged", `issuer of ${mount}`);
    return;
  }
  const issuer = await signIntermediate(vault, authority);
  await vault.write(`${mount}/issuer/${issuer}`, {
    issuer_name: "issuer-1",
    leaf_not_after_behavior: "err",
    usage: "read-only,issuing-certificates,crl-signing,ocsp-signing",
  });
  await vault.write(`${mount}/config/issuers`, { default: issuer });
  report("created", `issuer of ${mount}`);
}

/** Has the root sign an intermediate that may sign leaves only; returns its issuer ID. */
async function signIntermediate(vault: Vault, { root, issuing }: Authority): Promise<string> {
  const request = await vault.write(`${issuing.mount}/issuers/generate/intermediate/internal`, {
    common_name: issuing.commonName,
    exclude_cn_from_sans: true,
    key_name: "issuer-1",
    key_type: "ec",
    key_bits: 256,
  });
  const signed = await vault.write(`${root.mount}/root/sign-intermediate`, {
    csr: request["csr"],
    common_name: issuing.commonName,
    exclude_cn_from_sans: true,
    max_path_length: 0,
    ttl: issuing.ttl,
    format: "pem",
  });
  const set = await vault.write(`${issuing.mount}/intermediate/set-signed`, {
    certificate: signed["certificate"],
  });
  const issuer = (set["imported_issuers"] as string[] | null)?.[0];
  if (issuer === undefined) throw new Error(`Vault imported no issuer into ${issuing.mount}`);
  return issuer;
}
