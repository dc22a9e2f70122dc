// SPDX-License-Identifier: Apache-2.0

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { systemClock } from "@signet/runtime/clock.js";
import { VaultServer } from "../../../test/vault/server.js";
import { ManualClock } from "../../../runtime/test/manual-clock.js";
import { silentLog } from "../../../runtime/test/silent-log.js";
import { AppRole } from "../../src/vault/app-role.js";
import { VaultSession } from "../../src/vault/session.js";
import { Vault } from "../../src/vault/vault.js";
import { refusal } from "../refusal.js";
import { eventually } from "../running-signer.js";
import { AuditLog } from "./audit-log.js";

const ROLE = "auth/approle/role/signet-signing";
const LOGIN = "auth/approle/login";
const MINUTE = 60_000;

describe("a login that Vault refuses", function () {
  this.timeout(30_000);
  let server: VaultServer;
  let vault: Vault;
  let folder: string;
  let audit: AuditLog;
  let clock: ManualClock;
  let session: VaultSession;
  let before: number;
  let setBack: number;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "signet-app-role-"));
    server = await VaultServer.start();
    await server.configure("app-role.test");
    await server.credentials(folder);
    audit = await AuditLog.of(server, folder);
    const { address } = server;
    vault = new Vault({
      address,
      timeoutMs: 2_000,
      deadlineMs: 4_000,
      maxConnections: 4,
      clock: systemClock,
      log: silentLog,
    });
    clock = new ManualClock(Date.now());
    before = audit.count(LOGIN);
    setBack = 0;
  });

  afterEach(async () => {
    await session.close();
    vault.close();
    await server.stop();
    rmSync(folder, { recursive: true });
  });

  function begin(kept: { secret: string } | { wrapped: string }): void {
    const files = {
      roleIdFile: file("signing.role-id"),
      secretIdFile: "secret" in kept ? kept.secret : "",
      wrappedSecretIdFile: "wrapped" in kept ? kept.wrapped : "",
    };
    const role = new AppRole(vault, files, { now: () => clock.now() - setBack });
    session = new VaultSession(vault, role, clock, silentLog);
  }

  function file(name: string): string {
    return join(folder, name);
  }

  async function secretId(): Promise<string> {
    const answer = await server.operator.write(`${ROLE}/secret-id`, {});
    return String(answer["secret_id"]);
  }

  const use = () => session.with((token) => Promise.resolve(token));
  const logins = () => audit.count(LOGIN) - before;

  async function refusedTimes(count: number): Promise<void> {
    for (let i = 0; i < count; i++) expect(await refusal(use())).to.equal("VAULT_LOGIN_FAILED");
  }

  it("is tried twice more in 15 minutes, so that Vault does not lock the AppRole", async () => {
    writeFileSync(file("secret-id"), "wrong");
    begin({ secret: file("secret-id") });
    await refusedTimes(20);
    expect(logins()).to.equal(1);
    for (const seen of [2, 3]) {
      await clock.advance(7.5 * MINUTE);
      await eventually(() => logins() === seen);
      await refusedTimes(20);
    }
    expect(logins()).to.equal(3);
    writeFileSync(file("secret-id"), await secretId());
    expect(await refusal(use())).to.equal("not refused");
  });

  it("is tried at once, and by itself, when a file changes", async () => {
    writeFileSync(file("secret-id"), "wrong");
    begin({ secret: file("secret-id") });
    await refusedTimes(2);
    writeFileSync(file("secret-id"), await secretId());
    await clock.advance(5_000);
    await eventually(() => logins() === 2);
    expect(await refusal(use())).to.equal("not refused");
    expect(logins()).to.equal(2);
  });

  it("is not put off by a clock that was set back", async () => {
    writeFileSync(file("secret-id"), "wrong");
    begin({ secret: file("secret-id") });
    await refusedTimes(2);
    setBack = 60 * MINUTE;
    await refusedTimes(2);
    expect(logins()).to.equal(2);
  });

  it("is tried at once when an operator says so", async () => {
    const secret = await secretId();
    await server.operator.write(ROLE, { secret_id_bound_cidrs: ["192.0.2.0/24"] });
    writeFileSync(file("secret-id"), secret);
    begin({ secret: file("secret-id") });
    await refusedTimes(2);
    await server.operator.write(ROLE, { secret_id_bound_cidrs: [] });
    await refusedTimes(2);
    session.tryAgain();
    await clock.advance(0);
    await eventually(() => logins() === 2);
    expect(await refusal(use())).to.equal("not refused");
  });

  it("has another wrapping token opened, and not before", async () => {
    begin({ wrapped: file("signing.wrapped-secret-id") });
    const first = await use();
    await server.credentials(folder); // Another, which is not needed yet.
    const { keys } = (await server.operator.list(`${ROLE}/secret-id`)) as { keys: string[] };
    expect(audit.count("sys/wrapping/unwrap")).to.equal(1);
    for (const accessor of keys) {
      const body = { secret_id_accessor: accessor };
      await server.operator.write(`${ROLE}/secret-id-accessor/destroy`, body);
    }
    await server.credentials(folder);
    await server.operator.write("auth/token/revoke", { token: first });
    expect(await refusal(session.with((token) => vault.renew(token)))).to.equal("not refused");
    expect(audit.count("sys/wrapping/unwrap")).to.equal(2);
  });

  it("is not followed by others when Vault denies the token that it gave", async () => {
    await server.operator.write(ROLE, { token_policies: [], token_no_default_policy: true });
    begin({ wrapped: file("signing.wrapped-secret-id") });
    const renew = () => session.with((token) => vault.renew(token));
    for (let i = 0; i < 10; i++) await refusal(renew());
    expect(await refusal(renew())).to.equal("VAULT_LOGIN_FAILED");
    expect(logins()).to.be.at.most(2);
  });
});
