// SPDX-License-Identifier: Apache-2.0

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import type { CallerContext } from "@signet/contract";
import { systemClock } from "@signet/runtime/clock.js";
import { Authority } from "../../../contract/test/authority.js";
import { certificateCallers, type AdminCallers } from "../../src/callers/admin-caller.js";
import { Audit } from "../../src/audit.js";
import { Revoker } from "../../src/revocation/revoker.js";
import { CurrentState } from "../../src/state/current-state.js";
import { openDatabase, type Database } from "../../src/store/database.js";
import { refusal } from "../refusal.js";

const TD = "admin.test";
const EVE = `spiffe://${TD}/signet/admin/eve`;

describe("an administrator's certificate", () => {
  const folder = mkdtempSync(join(tmpdir(), "signet-admin-"));
  let db: Database;
  let authority: Authority;
  let revoker: Revoker;
  let callerOf: AdminCallers;
  let state: CurrentState;
  const lines: string[] = [];
  const audit = new Audit((line) => lines.push(line), systemClock);

  before(async () => {
    db = await openDatabase(join(folder, "signer.db"));
    state = await CurrentState.load(db, TD, systemClock);
    revoker = new Revoker(state, TD, systemClock, () => undefined);
    callerOf = certificateCallers(state, TD, systemClock, audit);
    authority = await Authority.create("control");
  });

  after(async () => {
    await db.destroy();
    rmSync(folder, { recursive: true });
  });

  async function made(notBefore: Date): Promise<CallerContext> {
    const { der } = await authority.leaf(EVE, { notBefore });
    return { sslPeerCertificate: { raw: der } } as CallerContext;
  }

  const code = (context: CallerContext) => refusal(Promise.resolve().then(() => callerOf(context)));

  it("stays dead when its ban ends; one that is made later is taken", async () => {
    const stolen = await made(new Date(Date.now() - 60_000));
    expect(await code(stolen)).to.equal("not refused");
    await revoker.identity(EVE, "stolen", false);
    expect(await code(stolen)).to.equal("IDENTITY_REVOKED");
    const line = JSON.parse(lines.pop() ?? "{}") as object;
    expect(line).to.include({ phase: "turned away", code: "IDENTITY_REVOKED", spiffe_id: EVE });
    await revoker.unban(EVE);
    expect(await code(stolen)).to.equal("IDENTITY_REVOKED");
    const later = await made(new Date());
    expect(await code(later)).to.equal("not refused");
    const again = await CurrentState.load(db, TD, systemClock);
    callerOf = certificateCallers(again, TD, systemClock, audit);
    expect(await code(stolen)).to.equal("IDENTITY_REVOKED");
  });
});
