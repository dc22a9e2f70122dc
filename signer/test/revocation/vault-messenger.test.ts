// SPDX-License-Identifier: Apache-2.0

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { systemClock } from "@signet/runtime/clock.js";
import { VaultServer } from "../../../test/vault/server.js";
import { silentLog } from "../../../runtime/test/silent-log.js";
import { VaultMessenger } from "../../src/revocation/vault-messenger.js";
import { openDatabase, type Database } from "../../src/store/database.js";
import { pendingForVault, queueForVault } from "../../src/store/revocations.js";
import { AppRole } from "../../src/vault/app-role.js";
import { VaultSession } from "../../src/vault/session.js";
import { Vault } from "../../src/vault/vault.js";
import { eventually } from "../running-signer.js";
import { TcpGate } from "../../../runtime/test/tcp-gate.js";

const QUEUED = 32;
const DEADLINE_MS = 400;

describe("the messenger to Vault", function () {
  this.timeout(30_000);
  const folder = mkdtempSync(join(tmpdir(), "signet-messenger-"));
  let server: VaultServer;
  let gate: TcpGate;
  let vault: Vault;
  let db: Database;

  before(async () => {
    server = await VaultServer.start();
    await server.configure("messenger.test");
    await server.credentials(folder);
    gate = await TcpGate.to(Number(new URL(server.address).port));
    vault = new Vault({
      address: `http://127.0.0.1:${gate.port}`,
      timeoutMs: DEADLINE_MS,
      deadlineMs: DEADLINE_MS,
      maxConnections: 4,
      clock: systemClock,
      log: silentLog,
    });
    db = await openDatabase(join(folder, "signer.db"));
  });

  after(async () => {
    await db.destroy();
    vault.close();
    await gate.close();
    await server.stop();
    rmSync(folder, { recursive: true });
  });

  it("stops after the request that is under way, however many wait", async () => {
    const files = {
      roleIdFile: join(folder, "revocation.role-id"),
      secretIdFile: "",
      wrappedSecretIdFile: join(folder, "revocation.wrapped-secret-id"),
    };
    const role = new AppRole(vault, files, systemClock);
    const log = silentLog;
    const session = new VaultSession(vault, role, systemClock, log);
    await session.with(() => Promise.resolve());
    const certificates = Array.from({ length: QUEUED }, (_, i) => ({
      issuer: "workload" as const,
      serial: `a${i}`,
      pem: "",
    }));
    await queueForVault(db, certificates, null, 1);
    const issuers = {
      workload: { mount: "signet-workload", roots: [] },
      control: { mount: "signet-control", roots: [] },
    };
    const messenger = new VaultMessenger({ db, vault, session, issuers, clock: systemClock, log });
    gate.hold();
    const { held } = gate;
    messenger.wake();
    await eventually(() => gate.held > held);
    const start = performance.now();
    await messenger.close();
    expect(performance.now() - start).to.be.lessThan(2 * DEADLINE_MS);
    expect(await pendingForVault(db, 100)).to.have.length(QUEUED);
    gate.open();
    await session.close();
  });
});
