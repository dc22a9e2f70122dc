// SPDX-License-Identifier: Apache-2.0

import type { KeyObject } from "node:crypto";
import { statSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import {
  AdminService,
  checkSvidChain,
  NodeService,
  signerChannelCredentials,
  toPem,
  type messages,
} from "@signet/contract";
import { administrator } from "@signet/vault-config";
import { VaultServer } from "../../test/vault/server.js";
import { makeRequest, withBadSignature } from "./certificate-requests.js";
import { revokedSerials } from "./crl.js";
import { startGatedSigner, type GatedSigner } from "./gated-signer.js";
import { refusal } from "./refusal.js";
import {
  ask,
  eventually,
  RunningSigner,
  TRUST_DOMAIN,
  workload,
  type JoinedNode,
} from "./running-signer.js";
import { TcpGate } from "../../runtime/test/tcp-gate.js";

const WEB = `spiffe://${TRUST_DOMAIN}/app/web`;
const DB = `spiffe://${TRUST_DOMAIN}/app/db`;

// What TLS refuses shows as an alert or as a closed connection.
const NO_CONNECTION = /^(PEER_UNAUTHENTICATED|SIGNER_UNAVAILABLE)$/;

describe("a signer with a real Vault", function () {
  this.timeout(30_000);
  let vault: VaultServer;
  let gate: TcpGate;
  let running: GatedSigner;
  let signer: RunningSigner;
  let web: JoinedNode;
  let db: JoinedNode;

  before(async () => {
    running = await startGatedSigner();
    ({ vault, gate, signer } = running);
    web = await signer.join("web-1", ["web"]);
    db = await signer.join("db-1", ["db"]);
    await signer.apply(workload("web", "web"), workload("db", "db"), workload("spare", "web"));
  });

  after(() => running.stop());

  describe("signing", () => {
    it("gives a node an SVID that chains to Vault's root and lasts as long as its entry says", async () => {
      const got = await signer.svid(web, "web");
      const root = await vault.operator.read("signet-workload-root/cert/ca");
      const pem = String(root?.["certificate"]);
      const der = Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ""), "base64");
      const checked = checkSvidChain(got.chain, [der], new Date());
      expect(checked.spiffeId).to.equal(WEB);
      expect(checked.serial).to.equal(got.serial);
      expect(Number(got.notAfter) - Number(got.issuedAt)).to.equal(3600);
    });

    it("refuses a request with another entry's ID", async () => {
      const { csr } = await makeRequest({ uris: [DB] });
      expect(await web.outcome(await signer.entry("web"), csr)).to.equal("CSR_URI_MISMATCH");
    });

    it("refuses a request for an entry of another node", async () => {
      const { csr } = await makeRequest({ uris: [DB] });
      expect(await web.outcome(await signer.entry("db"), csr)).to.equal("ENTRY_NOT_ON_NODE");
    });

    it("refuses an entry that does not exist", async () => {
      const { csr } = await makeRequest({ uris: [WEB] });
      expect(await web.outcome("nothing", csr)).to.equal("ENTRY_UNKNOWN");
    });

    it("refuses what is wrong with a request, each with its own code", async () => {
      const entry = await signer.entry("web");
      const good = await makeRequest({ uris: [WEB] });
      const cases: [string, Buffer][] = [
        ["CSR_URI_MULTIPLE", (await makeRequest({ uris: [WEB, DB] })).csr],
        ["CSR_URI_MISSING", (await makeRequest()).csr],
        ["CSR_BAD_SIGNATURE", withBadSignature(good.csr)],
        ["CSR_KEY_NOT_P256", (await makeRequest({ uris: [WEB], curve: "P-384" })).csr],
        ["CSR_EXTRA_NAMES", (await makeRequest({ uris: [WEB], dns: "web.test" })).csr],
        ["CSR_EXTRA_NAMES", (await makeRequest({ uris: [WEB], subject: "CN=web" })).csr],
        ["CSR_EXTRA_NAMES", (await makeRequest({ uris: [WEB], keyUsage: true })).csr],
        ["CSR_MALFORMED", Buffer.concat([good.csr, Buffer.of(0)])],
        ["CSR_MALFORMED", Buffer.alloc(0)],
      ];
      const requests = cases.map(([, csr]) => ({ entryId: entry, csr }));
      const results = await web.sign(...requests, { entryId: entry, csr: good.csr });
      const codes = results.map((result) => result.refusal?.code ?? "signed");
      expect(codes).to.deep.equal([...cases.map(([code]) => code), "signed"]);
    });

    it("writes an audit line before and after each signature, without the request", async () => {
      signer.audit.length = 0;
      const got = await signer.svid(web, "web");
      const lines = signer.audit.filter(({ event }) => event === "svid.sign");
      expect(lines.map(({ phase }) => phase)).to.deep.equal(["before", "after"]);
      expect(lines[1]).to.include({ node: "web-1", spiffe_id: WEB, serial: got.serial });
      expect(JSON.stringify(lines)).not.to.match(/csr|BEGIN|token/i);
    });

    it("bounds the requests of one call", async () => {
      const { csr } = await makeRequest({ uris: [WEB] });
      const requests = Array.from({ length: 65 }, () => ({ entryId: "x", csr }));
      expect(await refusal(web.sign(...requests))).to.equal("REQUEST_INVALID");
    });

    it("says that a request may succeed later when Vault is away, and it does", async () => {
      gate.refuse();
      const { csr } = await makeRequest({ uris: [WEB] });
      const [result] = await web.sign({ entryId: await signer.entry("web"), csr });
      gate.open();
      expect(result?.refusal).to.include({ code: "VAULT_UNAVAILABLE", retryable: true });
      await eventually(
        async () => (await web.outcome(await signer.entry("web"), csr)) === "signed",
      );
    });
  });

  describe("attestation", () => {
    it("takes a token once, and raises an alarm when it comes again", async () => {
      const token = await signer.token("once");
      const { csr } = await makeRequest();
      await signer.attest(token, csr);
      expect(await refusal(signer.attest(token, csr))).to.equal("TOKEN_USED");
      const alarm = signer.audit.find(({ event }) => event === "token.reused");
      expect(alarm).to.include({ phase: "alarm", node: "once" });
      expect(JSON.stringify(signer.audit)).not.to.include(token);
    });

    it("takes a token once even when it is shown many times at once", async () => {
      const token = await signer.token("race");
      const { csr } = await makeRequest();
      const tries = await Promise.all(
        Array.from({ length: 5 }, () => refusal(signer.attest(token, csr))),
      );
      expect(tries.filter((code) => code === "not refused")).to.have.length(1);
      expect(tries.filter((code) => code === "TOKEN_USED")).to.have.length(4);
    });

    it("refuses a token that was never made", async () => {
      const { csr } = await makeRequest();
      expect(await refusal(signer.attest("A".repeat(43), csr))).to.equal("TOKEN_INVALID");
      expect(await refusal(signer.attest("", csr))).to.equal("TOKEN_INVALID");
    });

    it("leaves the token usable when the request was at fault", async () => {
      const token = await signer.token("clumsy");
      const bad = await makeRequest({ curve: "P-384" });
      expect(await refusal(signer.attest(token, bad.csr))).to.equal("CSR_KEY_NOT_P256");
      const { nodeId } = await signer.attest(token, (await makeRequest()).csr);
      expect(nodeId).to.equal("clumsy");
    });

    it("refuses a request that names another node", async () => {
      const { csr } = await makeRequest({ uris: [`spiffe://${TRUST_DOMAIN}/signet/node/other`] });
      const token = await signer.token("honest");
      expect(await refusal(signer.attest(token, csr))).to.equal("CSR_URI_MISMATCH");
    });

    it("lets a renewed certificate take over on its first use, both being good until then", async () => {
      const before = await signer.join("renewing", ["web"]);
      const { csr, privateKey } = await makeRequest();
      const certificate = await before.renew(csr);
      await signer.svid(before, "web");
      const after = signer.node(certificate, privateKey);
      await signer.svid(after, "web");
      expect(await refusal(signer.svid(before, "web"))).to.equal("NODE_SERIAL_STALE");
      expect(signer.audit.some(({ event }) => event === "node.serial.stale")).to.equal(true);
    });

    it("makes the certificate that a node had before stale when it joins again", async () => {
      const before = await signer.join("again", ["web"]);
      await signer.join("again", ["web"]);
      expect(await refusal(signer.svid(before, "web"))).to.equal("NODE_SERIAL_STALE");
    });
  });

  describe("sync", () => {
    it("sends a snapshot with what the node's own entries name, then changes", async () => {
      const reader = web.sync();
      const first = await reader.next();
      const names = first.snapshot?.entries.map(({ name }) => name);
      expect(names).to.have.members(["web", "spare"]);
      expect(first.snapshot?.bundle?.roots).to.have.length(1);
      expect(first.snapshot?.trustDomain?.exemptPorts).to.deep.equal([22]);
      const { revision } = await signer.apply(`
apiVersion: signet/v1
kind: AccessPolicy
metadata: {name: web}
spec:
  subject: /app/web
  inbound: [{from: [/app/db], ports: [80]}]
---
apiVersion: signet/v1
kind: AccessPolicy
metadata: {name: db}
spec:
  subject: /app/db
  inbound: [{from: [/app/web], ports: [5432]}]
---
apiVersion: signet/v1
kind: Destination
metadata: {name: db}
spec: {addresses: ["10.1.0.7:5432"], identities: [/app/db]}
`);
      const { change, revision: now } = await reader.next();
      expect(now).to.equal(revision);
      expect(change?.rules?.rules.map(({ subject }) => subject)).to.deep.equal([WEB]);
      expect(change?.destinations?.destinations[0]?.addresses[0]).to.deep.equal({
        address: Buffer.of(10, 1, 0, 7),
        prefixLength: 32,
        port: 5432,
      });
      expect(change?.trustDomain).to.equal(null);
      reader.close();
    });

    it("gives a node one stream: a second ends the first", async () => {
      const first = web.sync();
      await first.next();
      const second = web.sync();
      await second.next();
      expect(await refusal(first.next())).to.equal("CANCELLED");
      second.close();
    });

    it("removes an entry when its document moves to other nodes", async () => {
      const reader = web.sync();
      await reader.next();
      const id = await signer.entry("spare");
      await signer.apply(workload("spare", "db"));
      const { change } = await reader.next();
      expect(change?.entriesRemoved).to.deep.equal([id]);
      reader.close();
    });
  });

  describe("revocation", () => {
    it("by SPIFFE ID reaches every node within milliseconds, then Vault's CRL, and bans the ID", async () => {
      await signer.apply(workload("banned", "web"));
      const { serial } = await signer.svid(web, "banned");
      const readers = [web.sync(), db.sync()];
      await Promise.all(readers.map((reader) => reader.next()));
      const start = performance.now();
      const spiffeId = `spiffe://${TRUST_DOMAIN}/app/banned`;
      const revoking = signer.revoke({ spiffeId });
      const updates = await Promise.all(readers.map((reader) => reader.next()));
      const took = performance.now() - start;
      for (const { change } of updates) {
        expect(change?.revocationsAdded[0]?.spiffeId).to.equal(spiffeId);
      }
      expect(took).to.be.lessThan(500);
      const { serials, nodesNotified } = await revoking;
      expect(serials).to.deep.equal([serial]);
      expect(nodesNotified).to.equal(2);
      await eventually(async () =>
        (await revokedSerials(vault, "signet-workload")).includes(serial),
      );
      const { csr } = await makeRequest({ uris: [spiffeId] });
      expect(await web.outcome(await signer.entry("banned"), csr)).to.equal("IDENTITY_REVOKED");
      await eventually(async () => {
        const { revocations } = await signer.admin<messages.ListRevocationsResponse>(
          "ListRevocations",
          {},
        );
        return revocations[0]?.inVault.includes(serial) === true;
      });
      readers.forEach((reader) => reader.close());
    });

    it("by SPIFFE ID refuses a typing error, but not one that is meant", async () => {
      const spiffeId = `spiffe://${TRUST_DOMAIN}/app/wbe`;
      expect(await refusal(signer.revoke({ spiffeId }))).to.equal("IDENTITY_UNKNOWN");
      const typed = `spiffe://${TRUST_DOMAIN}/signet/node/wbe-1`;
      expect(await refusal(signer.revoke({ spiffeId: typed }))).to.equal("IDENTITY_UNKNOWN");
      await signer.admin("CreateToken", { nodeId: "wbe-1" });
      await signer.revoke({ spiffeId: typed }); // A token for it was made, and may be in wrong hands.
      const { revocation } = await signer.revoke({ spiffeId, force: true });
      expect(revocation).to.include({ spiffeId });
    });

    it("lets an unbanned ID have new certificates, and keeps the old ones dead", async () => {
      await signer.apply(workload("back", "web"));
      const spiffeId = `spiffe://${TRUST_DOMAIN}/app/back`;
      const { serial } = await signer.svid(web, "back");
      await signer.revoke({ spiffeId });
      const reader = web.sync();
      await reader.next();
      await signer.unban(spiffeId);
      const { change } = await reader.next();
      expect(change?.revocationsRemoved).to.have.length(1);
      expect(change?.revocationsAdded.map((one) => one.serial)).to.deep.equal([serial]);
      await signer.svid(web, "back");
      expect(await refusal(signer.unban(spiffeId))).to.equal("IDENTITY_NOT_BANNED");
      reader.close();
    });

    it("by serial ends that certificate only", async () => {
      const { serial } = await signer.svid(web, "web");
      const { serials } = await signer.revoke({ serial });
      expect(serials).to.deep.equal([serial]);
      await signer.svid(web, "web");
      expect(await refusal(signer.revoke({ serial: "ab12" }))).to.equal("CERTIFICATE_UNKNOWN");
      expect(await refusal(signer.revoke({ serial: "AB:12" }))).to.equal("REQUEST_INVALID");
    });

    it("holds while Vault is away, and tells Vault when it is back", async () => {
      const { serial } = await signer.svid(web, "web");
      gate.refuse();
      await signer.revoke({ serial });
      const { revocations } = await signer.admin<messages.ListRevocationsResponse>(
        "ListRevocations",
        {},
      );
      expect(revocations[0]?.pending).to.deep.equal([serial]);
      gate.open();
      await eventually(
        async () => (await revokedSerials(vault, "signet-workload")).includes(serial),
        15_000,
      );
    });

    it("discards and revokes what was being signed when its ID was banned", async () => {
      await signer.apply(workload("raced", "web"));
      const entry = await signer.entry("raced");
      const spiffeId = `spiffe://${TRUST_DOMAIN}/app/raced`;
      const { csr } = await makeRequest({ uris: [spiffeId] });
      const held = gate.held;
      gate.hold();
      const signing = web.outcome(entry, csr);
      await eventually(() => gate.held > held); // The intent is recorded, Vault has not been reached.
      await signer.revoke({ spiffeId });
      gate.open();
      expect(await signing).to.equal("IDENTITY_REVOKED");
      const certificates = await signer.certificates(spiffeId);
      expect(certificates).to.have.length(1);
      expect(Number(certificates[0]?.revokedAt)).to.be.greaterThan(0);
      const serial = certificates[0]?.serial ?? "";
      await eventually(
        async () => (await revokedSerials(vault, "signet-workload")).includes(serial),
        15_000,
      );
    });

    it("of a node ends its stream and bans it", async () => {
      const node = await signer.join("bad", ["web"]);
      const reader = node.sync();
      await reader.next();
      await signer.revoke({ spiffeId: `spiffe://${TRUST_DOMAIN}/signet/node/bad` });
      let code = "";
      while (code === "")
        code = await refusal(reader.next()).then((c) => (c === "not refused" ? "" : c));
      expect(code).to.equal("NODE_BANNED");
      expect(await refusal(signer.svid(node, "web"))).to.equal("NODE_BANNED");
      expect(await refusal(signer.join("bad"))).to.equal("NODE_BANNED");
    });
  });

  describe("who is who", () => {
    /** What a client with a certificate (PEM) is told by the nodes' listener. */
    async function asClient(
      Service: typeof NodeService | typeof AdminService,
      method: string,
      identity?: { chain: Buffer; key: Buffer },
    ): Promise<string> {
      const roots = Buffer.from(toPem(await signer.root()));
      const trust = signerChannelCredentials({ roots, identity, trustDomain: TRUST_DOMAIN });
      const client = new Service(`127.0.0.1:${signer.signer.ports.nodes}`, trust);
      const code = await refusal(ask(client, method, {}));
      client.close();
      return code;
    }

    function pemOf(key: KeyObject): Buffer {
      return Buffer.from(key.export({ type: "pkcs8", format: "pem" }));
    }

    it("an administrator's certificate from Vault may administrate, until it is banned", async () => {
      const { chain, key } = await administrator(vault.operator, TRUST_DOMAIN, "ada", "1h");
      const identity = { chain: Buffer.from(chain), key: Buffer.from(key) };
      expect(await asClient(AdminService, "ListNodes", identity)).to.equal("not refused");
      expect(await asClient(NodeService, "SignSvids", identity)).to.equal("PEER_NOT_NODE");
      await signer.revoke({ spiffeId: `spiffe://${TRUST_DOMAIN}/signet/admin/ada` });
      expect(await asClient(AdminService, "ListNodes", identity)).to.equal("IDENTITY_REVOKED");
    });

    it("a node may not administrate", async () => {
      const chain = Buffer.from(web.certificate.chain.map(toPem).join(""));
      const identity = { chain, key: pemOf(web.privateKey) };
      for (const method of ["ListNodes", "CreateToken", "Apply", "Revoke", "ListEntries"]) {
        expect(await asClient(AdminService, method, identity), method).to.equal("PEER_NOT_ADMIN");
      }
      const line = { event: "admin.caller", phase: "turned away", code: "PEER_NOT_ADMIN" };
      expect(signer.audit.at(-1)).to.include(line);
    });

    it("a workload can't even connect, as its root is another", async () => {
      const { csr, privateKey } = await makeRequest({ uris: [WEB] });
      const [result] = await web.sign({ entryId: await signer.entry("web"), csr });
      const chain = Buffer.from((result?.svid?.chain ?? []).map(toPem).join(""));
      const identity = { chain, key: pemOf(privateKey) };
      expect(await asClient(NodeService, "SignSvids", identity)).to.match(NO_CONNECTION);
    });

    it("nobody without a certificate can connect", async () => {
      expect(await asClient(AdminService, "ListNodes")).to.match(NO_CONNECTION);
      expect(await asClient(NodeService, "SignSvids")).to.match(NO_CONNECTION);
    });

    /** A node's certificate that whoever has the signing token could make. */
    async function forged(node: string) {
      const { csr, privateKey } = await makeRequest();
      const uri = `spiffe://${TRUST_DOMAIN}/signet/node/${node}`;
      const signed = await vault.operator.write("signet-control/sign/node", {
        csr: `-----BEGIN CERTIFICATE REQUEST-----\n${csr.toString("base64")}\n-----END CERTIFICATE REQUEST-----`,
        uri_sans: uri,
        format: "pem",
      });
      const issuers = signed["ca_chain"] as string[];
      const chain = Buffer.from([signed["certificate"], ...issuers].join("\n"));
      return { chain, key: pemOf(privateKey) };
    }

    it("a forged node certificate fails, because the signer does not know its serial", async () => {
      const identity = await forged("web-1");
      expect(await asClient(NodeService, "SignSvids", identity)).to.equal("NODE_SERIAL_STALE");
    });

    it("a forged certificate of a node that never joined fails", async () => {
      const identity = await forged("nobody");
      expect(await asClient(NodeService, "SignSvids", identity)).to.equal("NODE_UNKNOWN");
    });
  });

  describe("what it keeps", () => {
    it("survives a restart, with the same database epoch", async () => {
      const reader = db.sync();
      const { databaseEpoch, revision } = await reader.next();
      reader.close();
      await signer.stop();
      await signer.start();
      web = signer.node(web.certificate, web.privateKey);
      db = signer.node(db.certificate, db.privateKey);
      const again = db.sync();
      const update = await again.next();
      expect(update.databaseEpoch).to.equal(databaseEpoch);
      expect(Number(update.revision)).to.be.at.least(Number(revision));
      expect(update.snapshot?.entries.map(({ name }) => name)).to.include("db");
      const banned = update.snapshot?.revocations.map(({ spiffeId }) => spiffeId);
      expect(banned).to.include(`spiffe://${TRUST_DOMAIN}/app/banned`);
      await signer.svid(web, "web");
      again.close();
    });

    it("tells nodes that it is stopping", async () => {
      const reader = db.sync();
      await reader.next();
      await signer.signer.stop();
      expect(await refusal(reader.next())).to.equal("STOPPING");
      await signer.stop();
      await signer.start();
      web = signer.node(web.certificate, web.privateKey);
      db = signer.node(db.certificate, db.privateKey);
    });

    it("is one signer's: a second is refused, and the first goes on serving", async () => {
      expect(await refusal(signer.start())).to.equal("DATABASE_UNAVAILABLE");
      const reader = web.sync();
      await reader.next();
      await signer.admin("Revoke", { spiffeId: `spiffe://${TRUST_DOMAIN}/app/spare` });
      const { change } = await reader.next();
      expect(change?.revocationsAdded.map(({ spiffeId }) => spiffeId)).to.deep.equal([
        `spiffe://${TRUST_DOMAIN}/app/spare`,
      ]);
      reader.close();
    });

    it("is readable by its owner only", () => {
      const mode = (path: string) => statSync(join(signer.folder, path)).mode & 0o777;
      expect(mode("db/signer.db")).to.equal(0o600);
      expect(mode("run")).to.equal(0o700);
      expect(mode("run/admin.sock")).to.equal(0o600);
    });
  });

  describe("listings", () => {
    it("show nodes with their groups, whether they are connected, and what they were sent", async () => {
      const reader = web.sync();
      const { revision } = await reader.next();
      const { nodes } = await signer.admin<messages.ListNodesResponse>("ListNodes", {});
      const node = nodes.find(({ id }) => id === "web-1");
      expect(node).to.include({ connected: true, revision });
      expect(node?.groups).to.deep.equal(["web"]);
      reader.close();
    });
  });
});
