// SPDX-License-Identifier: Apache-2.0

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { VaultServer } from "../../test/vault/server.js";
import { auditFile, type AuditFile } from "../src/audit-file.js";
import { refusal } from "./refusal.js";
import { RunningSigner, TRUST_DOMAIN, workload, type JoinedNode } from "./running-signer.js";
import { SmallDisk } from "./small-disk.js";

const SPIFFE_ID = `spiffe://${TRUST_DOMAIN}/app/web`;

describe("a signer whose disk for the audit log is full", function () {
  this.timeout(30_000);
  let disk: SmallDisk;
  let path: string;
  let file: AuditFile;
  let vault: VaultServer;
  let signer: RunningSigner;
  let web: JoinedNode;

  before(async () => {
    disk = new SmallDisk();
    path = join(disk.folder, "audit.jsonl");
    file = auditFile(path);
    vault = await VaultServer.start();
    await vault.configure(TRUST_DOMAIN);
    signer = new RunningSigner(vault, { auditSink: file.write });
    await signer.start();
    web = await signer.join("web-1", ["web"]);
    await signer.apply(workload("web", "web"));
    await signer.svid(web, "web");
    disk.fill();
    while ((await refusal(signer.token("filler"))) === "not refused"); // To the end of its last page.
  });

  after(async () => {
    await signer.remove();
    await vault.stop();
    file.close();
    disk.remove();
  });

  it("refuses what gives rights, and says why", async () => {
    const refusals = [
      signer.svid(web, "web"),
      signer.token("other"),
      signer.apply(workload("other", "web")),
      signer.unban(SPIFFE_ID),
    ].map(refusal);
    const codes = (await Promise.all(refusals)).map((code) => code.replace(/^Error: /, ""));
    expect(new Set(codes)).to.deep.equal(new Set(["AUDIT_UNAVAILABLE"]));
    expect(await signer.entry("other")).to.equal("");
  });

  it("revokes, and records that once, when there is room again", async () => {
    const reader = web.sync();
    await reader.next();
    await signer.revoke({ spiffeId: SPIFFE_ID });
    const { change } = await reader.next();
    expect(change?.revocationsAdded.map(({ spiffeId }) => spiffeId)).to.deep.equal([SPIFFE_ID]);
    reader.close();
    expect(await refusal(signer.unban(SPIFFE_ID))).to.equal("AUDIT_UNAVAILABLE");
    disk.free();
    await signer.unban(SPIFFE_ID);
    await signer.svid(web, "web");
    const lines = readFileSync(path, "utf8").split("\n").slice(0, -1).flatMap(parsed);
    const acts = lines.filter(({ event }) => event === "revoke" || event === "unban");
    const said = acts.map(({ event, phase, spiffe_id }) => [event, phase, spiffe_id]);
    expect(said).to.deep.equal([
      ["revoke", "before", SPIFFE_ID],
      ["revoke", "after", SPIFFE_ID],
      ["unban", "before", SPIFFE_ID],
      ["unban", "after", SPIFFE_ID],
    ]);
    expect(acts[1]).to.include({ result: "done", act: acts[0]?.["act"] });
  });
});

function parsed(line: string): Record<string, unknown>[] {
  try {
    return [JSON.parse(line) as Record<string, unknown>];
  } catch {
    return []; // One that the full disk tore.
  }
}
