// SPDX-License-Identifier: Apache-2.0

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { SignetError } from "@signet/contract";
import { systemClock } from "@signet/runtime/clock.js";
import { VaultServer } from "../../../test/vault/server.js";
import { silentLog } from "../../../runtime/test/silent-log.js";
import { AppRole } from "../../src/vault/app-role.js";
import { VaultSession } from "../../src/vault/session.js";
import { Vault } from "../../src/vault/vault.js";
import { refusal } from "../refusal.js";
import { eventually } from "../running-signer.js";
import { TcpGate } from "../../../runtime/test/tcp-gate.js";

describe("a session with Vault", function () {
  this.timeout(30_000);
  let server: VaultServer;
  let vault: Vault;
  let folder: string;
  let session: VaultSession;

  before(async () => {
    server = await VaultServer.start();
    await server.configure("session.test");
    vault = new Vault({
      address: server.address,
      timeoutMs: 2_000,
      deadlineMs: 4_000,
      maxConnections: 4,
      clock: systemClock,
      log: silentLog,
    });
  });

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "signet-session-"));
    await server.credentials(folder);
    session = new VaultSession(vault, role(), systemClock, silentLog);
  });

  afterEach(async () => {
    await session.close();
    rmSync(folder, { recursive: true });
  });

  after(async () => {
    vault.close();
    await server.stop();
  });

  function role(by = vault): AppRole {
    const files = {
      roleIdFile: join(folder, "signing.role-id"),
      secretIdFile: "",
      wrappedSecretIdFile: join(folder, "signing.wrapped-secret-id"),
    };
    return new AppRole(by, files, systemClock);
  }

  it("logs in once, however many ask at the same time", async () => {
    const tokens = await Promise.all(
      Array.from({ length: 8 }, () => session.with((token) => Promise.resolve(token))),
    );
    expect(new Set(tokens).size).to.equal(1);
  });

  it("waits for a login as long as who asks does, and leaves it to the others", async () => {
    const gone = new AbortController();
    const token = session.with((one) => Promise.resolve(one));
    let asked = false;
    const given = session.with(() => Promise.resolve((asked = true)), gone.signal);
    gone.abort(new SignetError("CANCELLED"));
    expect(await refusal(given)).to.equal("CANCELLED");
    expect(await token).to.be.a("string");
    expect(asked).to.equal(false);
  });

  it("logs in again when its token was revoked, with the SecretID that it unwrapped", async () => {
    const first = await session.with((token) => Promise.resolve(token));
    await server.operator.write("auth/token/revoke", { token: first });
    const tokens: string[] = [];
    await session.with(async (token) => {
      tokens.push(token);
      return vault.renew(token);
    });
    expect(tokens[0]).to.equal(first);
    expect(tokens).to.have.length(2);
  });

  it("logs in again when its token was revoked later, before it was ever used", async () => {
    let now = 0;
    const idle = new VaultSession(vault, role(), systemClock, silentLog, () => now);
    let unused = "";
    const giveUp = (token: string) => {
      unused = token;
      return Promise.reject(new SignetError("CANCELLED"));
    };
    expect(await refusal(idle.with(giveUp))).to.equal("CANCELLED");
    await server.operator.write("auth/token/revoke", { token: unused });
    now = 61_000;
    expect(await idle.with((token) => vault.renew(token))).to.have.property("ttl");
    await idle.close();
  });

  it("keeps its token when Vault denies what was asked, and not the token", async () => {
    const before = await session.with((token) => Promise.resolve(token));
    let times = 0;
    const denied = session.with((token) => {
      times += 1;
      return vault.revoke(token, "signet-workload", ""); // Not for this AppRole.
    });
    expect(await refusal(denied)).to.equal("VAULT_DENIED");
    expect(times).to.equal(1);
    expect(await session.with((token) => Promise.resolve(token))).to.equal(before);
  });

  it("says that a wrapping token was opened by someone else", async () => {
    const wrapping = readFileSync(join(folder, "signing.wrapped-secret-id"), "utf8").trim();
    await vault.unwrapSecretId(wrapping);
    let error: unknown;
    await session.with(() => Promise.resolve()).catch((caught: unknown) => (error = caught));
    expect(error).to.be.instanceOf(SignetError).with.property("code", "VAULT_LOGIN_FAILED");
    const { cause } = error as SignetError;
    expect(String(cause)).to.include("someone else").and.not.to.include(wrapping);
  });

  it("says that a file of its credentials is empty", async () => {
    writeFileSync(join(folder, "signing.role-id"), "");
    let error: unknown;
    await session.with(() => Promise.resolve()).catch((caught: unknown) => (error = caught));
    expect(error).to.be.instanceOf(SignetError).with.property("code", "CONFIG_UNREADABLE");
  });

  it("can be closed while its token is being renewed", async () => {
    const path = "auth/approle/role/signet-signing";
    await server.operator.write(path, { token_ttl: "2s" });
    const gate = await TcpGate.to(Number(new URL(server.address).port));
    const address = `http://127.0.0.1:${gate.port}`;
    const slow = new Vault({
      address,
      timeoutMs: 500,
      deadlineMs: 500,
      maxConnections: 4,
      clock: systemClock,
      log: silentLog,
    });
    const failures: unknown[] = [];
    const fail = (error: unknown) => void failures.push(error);
    const others = process.listeners("unhandledRejection");
    process.removeAllListeners("unhandledRejection").on("unhandledRejection", fail);
    try {
      const closing = new VaultSession(slow, role(slow), systemClock, silentLog);
      await closing.with(() => Promise.resolve());
      gate.hold();
      const { held } = gate;
      await eventually(() => gate.held > held);
      await closing.close();
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      expect(failures).to.deep.equal([]);
    } finally {
      process.removeListener("unhandledRejection", fail);
      for (const other of others) process.on("unhandledRejection", other);
      slow.close();
      await gate.close();
      await server.operator.write(path, { token_ttl: "1h" });
    }
  });

  it("makes no login once it is closed", async () => {
    await session.close();
    expect(await refusal(session.with(() => Promise.resolve()))).to.equal("STOPPING");
  });

  it("renews its token before it ends, and logs in again at its longest life", async () => {
    const path = "auth/approle/role/signet-signing";
    await server.operator.write(path, { token_ttl: "4s", token_max_ttl: "8s" });
    try {
      const first = await session.with((token) => Promise.resolve(token));
      const start = Date.now();
      await eventually(async () => {
        const token = await session.with((current) => Promise.resolve(current));
        await server.operator.write("auth/token/lookup", { token }); // It is good at every moment.
        return token !== first;
      }, 20_000);
      expect(Date.now() - start).to.be.greaterThan(4_000);
    } finally {
      await server.operator.write(path, { token_ttl: "1h", token_max_ttl: "24h" });
    }
  });
});
