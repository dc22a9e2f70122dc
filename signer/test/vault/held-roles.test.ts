// SPDX-License-Identifier: Apache-2.0

import { expect } from "chai";
import { SignetError } from "@signet/contract";
import { clockOf } from "@signet/runtime/clock.js";
import { silentLog } from "../../../runtime/test/silent-log.js";
import { HeldRoles } from "../../src/vault/held-roles.js";
import { makeRequest } from "../certificate-requests.js";
import { revokedSerials } from "../crl.js";
import { startGatedSigner, type GatedSigner } from "../gated-signer.js";
import { refusal } from "../refusal.js";
import { eventually, TRUST_DOMAIN, workload, type JoinedNode } from "../running-signer.js";
import { AuditLog } from "./audit-log.js";

const SVID = "signet-workload/roles/svid";
const SIGN = "signet-workload/sign/svid";
const MINUTE = 60_000;

describe("a role of Vault whose certificates must be discarded", function () {
  this.timeout(30_000);
  let skew: number;
  let running: GatedSigner;
  let node: JoinedNode;
  let audit: AuditLog;

  beforeEach(async () => {
    skew = 0;
    running = await startGatedSigner({ clock: clockOf(() => Date.now() + skew) });
    audit = await AuditLog.of(running.vault, running.signer.folder);
    await running.signer.apply(workload("long", "web"), workload("short", "web", "5m"));
    node = await running.signer.join("web-1", ["web"]);
  });

  afterEach(() => running.stop());

  async function outcome(name: string): Promise<string> {
    const { csr } = await makeRequest({ uris: [`spiffe://${TRUST_DOMAIN}/app/${name}`] });
    return node.outcome(await running.signer.entry(name), csr);
  }

  /** Asks ten times; Vault is asked once, and its CRL has one entry. */
  async function isAskedOnce(): Promise<void> {
    const before = audit.count(SIGN);
    for (let i = 0; i < 10; i++) expect(await outcome("long")).to.equal("VAULT_BAD_CERTIFICATE");
    expect(audit.count(SIGN)).to.equal(before + 1);
    const revoked = () => revokedSerials(running.vault, "signet-workload");
    await eventually(async () => (await revoked()).length === 1, 10_000);
  }

  it("is asked once when it cuts a lifetime, and signs what is shorter", async () => {
    const { operator } = running.vault;
    const role = await operator.read(SVID);
    await operator.write(SVID, { ...role, ttl: "10m", max_ttl: "10m" });
    await isAskedOnce();
    expect(running.signer.logged.join("")).to.include("its lifetime was cut");
    expect(await outcome("short")).to.equal("signed");
    await operator.write(SVID, { ...role });
    expect(await outcome("long")).to.equal("VAULT_BAD_CERTIFICATE");
    running.signer.signer.reload();
    expect(await outcome("long")).to.equal("signed");
  });

  it("is asked once when the signer's clock is ahead, until it is not", async () => {
    skew = 90_000;
    await isAskedOnce();
    expect(running.signer.logged.join("")).to.include("Vault's clock and the signer's");
    skew = 0;
    running.signer.signer.reload();
    expect(await outcome("long")).to.equal("signed");
  });
});

describe("the pause in which a role is not asked", () => {
  let now: number;
  let roles: HeldRoles;
  let asked: number;

  beforeEach(() => {
    now = asked = 0;
    roles = new HeldRoles({ random: () => 1 }, silentLog, () => now);
  });

  function ask(ttl: number, isGood: boolean): Promise<string> {
    const work = () => {
      asked += 1;
      if (isGood) return Promise.resolve();
      return Promise.reject(new SignetError("VAULT_BAD_CERTIFICATE"));
    };
    return refusal(roles.run({ mount: "m", role: "r", ttl }, work));
  }

  it("grows with each failure, and lets one through at its end", async () => {
    await ask(60, false);
    for (const minutes of [1, 2, 4]) {
      now += minutes * MINUTE - 1;
      expect(await ask(60, true)).to.equal("VAULT_BAD_CERTIFICATE");
      now += 1;
      asked = 0;
      await Promise.all([ask(60, false), ask(60, true), ask(90, true)]);
      expect(asked).to.equal(1);
    }
    now += 8 * MINUTE;
    expect(await ask(60, true)).to.equal("not refused");
    expect(await ask(60, true)).to.equal("not refused");
  });

  it("holds longer lifetimes, not shorter ones, which free none but themselves", async () => {
    await ask(60, false);
    expect(await ask(90, true)).to.equal("VAULT_BAD_CERTIFICATE");
    expect(await ask(30, true)).to.equal("not refused");
    expect(await ask(60, true)).to.equal("VAULT_BAD_CERTIFICATE");
    now += MINUTE;
    expect(await ask(90, true)).to.equal("not refused");
    expect(await ask(60, true)).to.equal("not refused");
  });
});
