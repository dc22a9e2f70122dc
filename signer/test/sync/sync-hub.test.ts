// SPDX-License-Identifier: Apache-2.0

import { EventEmitter } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { checkSvid } from "@signet/contract";
import { systemClock } from "@signet/runtime/clock.js";
import { Authority } from "../../../contract/test/authority.js";
import { Audit } from "../../src/audit.js";
import { silentLog } from "../../../runtime/test/silent-log.js";
import { NodeCallers } from "../../src/callers/node-caller.js";
import { nodeHandlers } from "../../src/services/node-service.js";
import { Revoker } from "../../src/revocation/revoker.js";
import { CurrentState } from "../../src/state/current-state.js";
import { openDatabase, type Database } from "../../src/store/database.js";
import { recordAttestation } from "../../src/store/nodes.js";
import { SyncHub } from "../../src/sync/sync-hub.js";

const TD = "hub.test";
const NODE = `spiffe://${TD}/signet/node/n`;

/** A call as gRPC gives it to the handler: what is written to it, and what it ends with. */
class Call extends EventEmitter {
  readonly written: object[] = [];
  error: unknown;

  constructor(readonly certificate: Buffer) {
    super();
    this.on("error", (error: unknown) => (this.error = error));
  }

  write(update: object): boolean {
    this.written.push(update);
    return true;
  }

  getAuthContext() {
    return { sslPeerCertificate: { raw: this.certificate } };
  }
}

describe("the hub of sync streams", () => {
  const folder = mkdtempSync(join(tmpdir(), "signet-hub-"));
  const clock = systemClock;
  const log = silentLog;
  let db: Database;
  let state: CurrentState;
  let revoker: Revoker;
  let hub: SyncHub;
  let certificate: Buffer;
  let sync: (call: Call) => void;

  before(async () => {
    db = await openDatabase(join(folder, "signer.db"));
    state = await CurrentState.load(db, TD, clock);
    revoker = new Revoker(state, TD, clock, () => undefined);
    const bundle = { trustDomain: TD, roots: [] };
    hub = new SyncHub({ db, state, bundle, heartbeatSeconds: 15, clock, log });
    certificate = (await (await Authority.create("control")).leaf(NODE)).der;
    const { serial, notAfter } = checkSvid(certificate);
    const record = { serial, notAfter: notAfter.getTime() / 1000 };
    await recordAttestation(db, { id: "n", groups: [] }, record, 1);
    const audit = new Audit(() => undefined, clock);
    const callers = new NodeCallers({ db, state, audit, clock, trustDomain: TD });
    const unused = undefined as never;
    const { Sync } = nodeHandlers({ callers, certificates: unused, signer: unused, hub, log });
    sync = (call) => Sync(call as never);
  });

  after(async () => {
    hub.close();
    await db.destroy();
    rmSync(folder, { recursive: true });
  });

  it("never has a stream of a banned node, whenever the node asks while the ban commits", async () => {
    for (let turns = 0; turns < 100; turns += 1) {
      const call = new Call(certificate);
      const ban = revoker.identity(NODE, "stolen", true);
      for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
      sync(call);
      await ban;
      while (call.error === undefined) await new Promise((resolve) => setImmediate(resolve));
      expect(call.error).to.include({ details: "Node n is banned." });
      expect(hub.revisionOf("n"), `after ${turns} turns`).to.equal(undefined);
      await revoker.unban(NODE);
    }
  });
});
