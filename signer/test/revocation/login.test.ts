// SPDX-License-Identifier: Apache-2.0

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { VaultServer } from "../../../test/vault/server.js";
import { revokedSerials } from "../crl.js";
import { eventually, RunningSigner, TRUST_DOMAIN, workload } from "../running-signer.js";
import { AuditLog } from "../vault/audit-log.js";

const LOGIN = "auth/approle/login";

describe("the login of the AppRole that revokes", function () {
  this.timeout(40_000);
  let vault: VaultServer;
  let folder: string;
  let audit: AuditLog;
  let signer: RunningSigner;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "signet-revocation-login-"));
    vault = await VaultServer.start();
    await vault.configure(TRUST_DOMAIN);
    audit = await AuditLog.of(vault, folder);
  });

  afterEach(() => signer.remove());

  after(async () => {
    await vault.stop();
    rmSync(folder, { recursive: true });
  });

  /** Revokes a certificate. Its serial. */
  async function revoke(): Promise<string> {
    await signer.apply(workload("web", "web"));
    const { serial } = await signer.svid(await signer.join("web-1", ["web"]), "web");
    await signer.revoke({ serial });
    return serial;
  }

  async function reachesVault(serial: string): Promise<void> {
    const listed = async () => (await revokedSerials(vault, "signet-workload")).includes(serial);
    await eventually(listed, 15_000);
  }

  it("is made at start, while its wrapped SecretID can still be opened", async () => {
    const before = audit.count(LOGIN);
    signer = new RunningSigner(vault);
    await signer.start();
    await eventually(() => audit.count(LOGIN) === before + 2);
    writeFileSync(join(signer.folder, "credentials", "revocation.wrapped-secret-id"), "ended");
    await reachesVault(await revoke());
    expect(audit.count(LOGIN)).to.equal(before + 2);
  });

  it("is in the log with its cause when it fails, keeps nothing from being served, and is tried again", async () => {
    const roleIdFile = join(folder, "role-id");
    writeFileSync(roleIdFile, "wrong");
    const config = (keys: { vault: { revocation: { roleIdFile: string } } }) => {
      keys.vault.revocation.roleIdFile = roleIdFile;
    };
    signer = new RunningSigner(vault, { config });
    await signer.start();
    await eventually(() => signer.logged.some((line) => line.includes("no login to Vault")));
    const line = signer.logged.find((one) => one.includes("no login to Vault"));
    expect(line).to.include(roleIdFile).and.to.include("auth/approle/login");
    expect(line).to.include("invalid role");
    const serial = await revoke();
    const given = join(signer.folder, "credentials", "revocation.role-id");
    writeFileSync(roleIdFile, readFileSync(given));
    await reachesVault(serial);
  });
});
