// SPDX-License-Identifier: Apache-2.0

import { applyAuthority, type Report } from "./authority.js";
import { APPROLES, Data } from "./data.js";
import { holds } from "./same.js";
import type { Json, Vault } from "./vault.js";

/**
 * Makes a Vault ready for Signet: mounts, roots, issuers, roles, ACL policies, AppRoles. What is
 * there already and as wanted is left alone, so that a second run changes nothing.
 * @throws VaultAnswer, or Error when what is there must not be changed silently
 */
export async function applyVaultConfig(vault: Vault, trustDomain: string, report: Report) {
  const data = new Data(trustDomain);
  for (const authority of await data.authorities()) {
    await applyAuthority(vault, authority, report);
    for (const role of authority.roles) {
      const path = `${authority.issuing.mount}/roles/${role}`;
      await applyObject(vault, path, await data.role(role), report);
    }
  }
  await applyAppRoleMount(vault, report);
  for (const name of APPROLES) {
    await applyPolicy(vault, name, await data.policy(name), report);
    await applyObject(vault, `auth/approle/role/${name}`, await data.approle(name), report);
  }
}

async function applyObject(vault: Vault, path: string, wanted: Json, report: Report) {
  const found = await vault.read(path);
  if (holds(found, wanted)) {
    report("unchanged", path);
    return;
  }
  await vault.write(path, wanted);
  report(found === undefined ? "created" : "changed", path);
}

async function applyPolicy(vault: Vault, name: string, policy: string, report: Report) {
  const path = `sys/policies/acl/${name}`;
  const found = await vault.read(path);
  if (found?.["policy"] === policy) {
    report("unchanged", path);
    return;
  }
  await vault.write(path, { policy });
  report(found === undefined ? "created" : "changed", path);
}

async function applyAppRoleMount(vault: Vault, report: Report) {
  const mounts = (await vault.read("sys/auth")) ?? {};
  const found = mounts["approle/"] as Json | undefined;
  if (found === undefined) {
    await vault.write("sys/auth/approle", { type: "approle", description: "Signet's signers" });
    report("created", "auth/approle");
    return;
  }
  if (found["type"] !== "approle") {
    throw new Error(`auth/approle is of type ${String(found["type"])}: move it first`);
  }
  report("unchanged", "auth/approle");
}
