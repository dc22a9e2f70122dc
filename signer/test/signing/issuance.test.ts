// SPDX-License-Identifier: Apache-2.0

import { join } from "node:path";
import { expect } from "chai";
import { LIMITS, type messages } from "@signet/contract";
import { systemClock } from "@signet/runtime/clock.js";
import { makeRequest } from "../certificate-requests.js";
import { startGatedSigner, type GatedSigner } from "../gated-signer.js";
import { eventually, TRUST_DOMAIN, workload, type JoinedNode } from "../running-signer.js";
import { openDatabase, type Database } from "../../src/store/database.js";
import { ManualClock } from "../../../runtime/test/manual-clock.js";

// To Vault, so that more than these wait for their turn.
const CONNECTIONS = 2;

describe("signatures that wait for their turn with Vault", function () {
  this.timeout(30_000);
  const delays = new ManualClock(0);
  let running: GatedSigner;
  let ledger: Database;
  let web: JoinedNode;
  let db: JoinedNode;

  before(async () => {
    running = await startGatedSigner({
      clock: { ...systemClock, after: delays.after },
      config: (config) => {
        config.vault.maxConnections = CONNECTIONS;
        config.limits.signaturesInFlightPerNode = LIMITS.requestsPerCall;
      },
    });
    const { signer } = running;
    web = await signer.join("web-1", ["web"]);
    db = await signer.join("db-1", ["db"]);
    await signer.apply(workload("web", "web"), workload("db", "db"));
    ledger = await openDatabase(join(signer.folder, "db", "signer.db"));
  });

  after(async () => {
    await ledger.destroy();
    await running.stop();
  });

  /** Requests of a node for the entry with a name. */
  async function requests(name: string, count: number) {
    const { csr } = await makeRequest({ uris: [`spiffe://${TRUST_DOMAIN}/app/${name}`] });
    const entryId = await running.signer.entry(name);
    return Array.from({ length: count }, () => ({ entryId, csr }));
  }

  /** Waits till as many intents of a node are open. */
  function open(node: string, count: number): Promise<void> {
    return eventually(async () => {
      const all = ledger.selectFrom("intents").select("id").where("node_id", "=", node);
      return (await all.where("outcome", "=", "open").execute()).length === count;
    });
  }

  /** What came of the last intents of a node. */
  async function outcomes(node: string, count: number) {
    const all = ledger.selectFrom("intents").select(["outcome", "code"]);
    const rows = await all.where("node_id", "=", node).orderBy("id", "desc").limit(count).execute();
    return rows.map(({ outcome, code }) => `${outcome} ${code}`.trim());
  }

  /** Has a node keep all connections to Vault busy, until the gate is opened. */
  async function occupy(count = CONNECTIONS) {
    const many = await requests("web", count);
    const { held } = running.gate;
    running.gate.hold();
    const signing = web.sign(...many);
    await eventually(() => running.gate.held >= held + CONNECTIONS);
    return { signing };
  }

  const codes = (results: readonly messages.SvidResult[]) =>
    results.map(({ refusal }) => refusal?.code ?? "signed");

  it("have it node by node, however much one of them wants", async () => {
    const ended: string[] = [];
    const { signing: greedy } = await occupy(LIMITS.requestsPerCall);
    const modest = db.sign(...(await requests("db", 1)));
    await open("db-1", 1);
    running.gate.open();
    const all = [greedy.then(() => ended.push("greedy")), modest.then(() => ended.push("modest"))];
    await Promise.all(all);
    expect(ended).to.deep.equal(["modest", "greedy"]);
    expect(codes(await modest)).to.deep.equal(["signed"]);
  });

  it("are not made when who asked has gone, and hold no place any more", async () => {
    const { signing } = await occupy();
    const many = await requests("db", LIMITS.requestsPerCall);
    const call = db.client.SignSvids({ requests: many }, () => undefined);
    await open("db-1", many.length);
    call.cancel();
    await open("db-1", 0);
    const cancelled = many.map(() => "failed CANCELLED");
    expect(await outcomes("db-1", many.length), "while Vault can't be asked").to.deep.equal(
      cancelled,
    );
    const again = db.sign(...many);
    await open("db-1", many.length);
    running.gate.open();
    expect(new Set(codes(await again))).to.deep.equal(new Set(["signed"]));
    await signing;
  });

  it("are refused in time for those who wait, and no longer begun", async () => {
    const { signing } = await occupy();
    const waiting = db.sign(...(await requests("db", 2)));
    await open("db-1", 2);
    await delays.advance(LIMITS.turn * 1_000);
    expect(codes(await waiting)).to.deep.equal(["DEADLINE_EXCEEDED", "DEADLINE_EXCEEDED"]);
    expect(await outcomes("web-1", 1), "of those that were begun").to.deep.equal(["open"]);
    await delays.advance((LIMITS.answer - LIMITS.turn) * 1_000);
    expect(codes(await signing)).to.deep.equal(["VAULT_UNAVAILABLE", "VAULT_UNAVAILABLE"]);
    running.gate.open();
  });

  it("are not made for a node that joins, and has gone, which may try again", async () => {
    const { signer, gate } = running;
    const { signing } = await occupy();
    const token = await signer.token("hasty");
    const { csr } = await makeRequest();
    const call = await signer.attesting();
    call.write({ joinToken: { token, csr } });
    await open("hasty", 1);
    call.cancel();
    await open("hasty", 0);
    expect(await outcomes("hasty", 1)).to.deep.equal(["failed CANCELLED"]);
    gate.open();
    await signing;
    await eventually(async () => {
      const joined = signer.attest(token, csr).then(({ nodeId }) => nodeId);
      return (await joined.catch(() => "")) === "hasty";
    });
  });
});
