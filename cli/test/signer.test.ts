// SPDX-License-Identifier: Apache-2.0

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { certificatePin, toPem } from "@signet/contract";
import { administrator, writeAdministrator } from "@signet/vault-config";
import { expect } from "chai";
import { makeRequest } from "../../signer/test/certificate-requests.js";
import {
  eventually,
  RunningSigner,
  TRUST_DOMAIN,
  workload,
  type JoinedNode,
} from "../../signer/test/running-signer.js";
import { VaultServer } from "../../test/vault/server.js";
import { signet, type Outcome } from "./admin-service.js";

const WEB = `spiffe://${TRUST_DOMAIN}/app/web`;

interface CertificateView {
  readonly serial: string;
  readonly state: string;
}

interface RevocationView {
  readonly spiffeId: string;
  readonly inVault: string[];
  readonly pending: string[];
}

describe("signet with a signer and a real Vault", function () {
  this.timeout(60_000);
  let vault: VaultServer;
  let signer: RunningSigner;
  let node: JoinedNode;

  before(async () => {
    vault = await VaultServer.start();
    await vault.configure(TRUST_DOMAIN);
    signer = new RunningSigner(vault);
    await signer.start();
    node = await signer.join("web-1", ["web"]);
  });

  after(async () => {
    await signer.remove();
    await vault.stop();
  });

  const ask = (args: string[], stdin?: string): Promise<Outcome> =>
    signet([...args, "--socket", join(signer.folder, "run", "admin.sock")], stdin, new Date());

  async function json<T>(...args: string[]): Promise<T> {
    const { exit, stdout, stderr } = await ask([...args, "--json"]);
    expect(exit, stderr).to.equal(0);
    return JSON.parse(stdout) as T;
  }

  /** Has the signer sign for the entry "web". */
  async function certify(): Promise<string> {
    const { csr } = await makeRequest({ uris: [WEB] });
    return node.outcome(await signer.entry("web"), csr);
  }

  it("makes tokens that join a node, and prints the CA that the node finds", async () => {
    const made = await json<{ token: string; caSha256: string }>(
      ...["token", "create", "--node", "db-1", "--group", "db"],
    );
    expect(made.caSha256).to.equal(certificatePin(await signer.root()));
    const joined = await signer.attest(made.token, (await makeRequest()).csr);
    expect(joined.nodeId).to.equal("db-1");
    const nodes = await json<{ id: string; groups: string[] }[]>("node", "list");
    expect(nodes.find(({ id }) => id === "db-1")?.groups).to.deep.equal(["db"]);
  });

  it("applies documents, says what became of each, and lists the entries", async () => {
    const dry = await ask(["apply", "-f", "-", "--dry-run"], workload("web", "web"));
    expect(dry.stdout).to.match(/^Workload +web +created$/m);
    expect(await json<unknown[]>("entry", "list")).to.deep.equal([]);
    const made = await ask(["apply", "-f", "-"], workload("web", "web"));
    expect(made.stdout).to.match(/^Workload +web +created$/m);
    const again = await ask(["apply", "-f", "-"], workload("web", "web"));
    expect(again.stdout).to.match(/^Workload +web +unchanged$/m);
    const [entry] = await json<Record<string, unknown>[]>("entry", "list");
    expect(entry).to.include({ name: "web", spiffeId: WEB, ttlSeconds: 3600 });
    expect(entry?.["nodes"]).to.deep.equal([{ "node:group": ["web"] }]);
  });

  it("prints file, line and field of each fault, and changes nothing", async () => {
    const file = join(signer.folder, "bad.yaml");
    const bad = workload("bad", "web").replace("spec:\n", "spec:\n  ttll: 1h\n  outbound: deny\n");
    writeFileSync(file, `${bad}---${workload("good", "web")}`);
    const { exit, stderr } = await ask(["apply", "-f", file]);
    expect(exit).to.equal(65);
    const lines = stderr.split("\n").filter((line) => line.startsWith(`${file}:`));
    expect(lines[0]).to.match(/:6:\d+: spec\.ttll: .*\[DOCUMENT_FIELD_UNKNOWN\]$/);
    expect(lines[1]).to.match(/:7:\d+: spec\.outbound: .*\[DOCUMENT_FIELD_NOT_BUILT\]/);
    expect(stderr).to.match(/^error: .*\[DOCUMENT_INVALID\]$/m);
    const names = (await json<{ name: string }[]>("entry", "list")).map(({ name }) => name);
    expect(names).to.deep.equal(["web"]);
  });

  it("revokes an identity until it is unbanned, and shows when Vault's CRL has it", async () => {
    expect(await certify()).to.equal("signed");
    const [valid] = await json<CertificateView[]>("certificate", "list", "--spiffe-id", WEB);
    expect(valid?.state).to.equal("valid");

    const revoked = await ask(["revoke", "--spiffe-id", WEB, "--reason", "stolen"]);
    expect(revoked.exit, revoked.stderr).to.equal(0);
    expect(revoked.stdout).to.match(/^Revoked spiffe:\/\/signer\.test\/app\/web in \d+ ms\.$/m);
    expect(revoked.stdout).to.contain(String(valid?.serial));
    expect(await certify()).to.equal("IDENTITY_REVOKED");
    const [dead] = await json<CertificateView[]>("certificate", "list", "--spiffe-id", WEB);
    expect(dead).to.deep.include({ serial: valid?.serial, state: "revoked" });
    await eventually(async () => {
      const [told] = await json<RevocationView[]>("revocation", "list");
      return told?.spiffeId === WEB && told.inVault.join() === valid?.serial;
    });

    expect((await ask(["unban", "--spiffe-id", WEB])).exit).to.equal(0);
    expect(await certify()).to.equal("signed");
    expect((await ask(["unban", "--spiffe-id", WEB])).exit).to.equal(66);
  });

  it("revokes one certificate by its serial as OpenSSL prints it", async () => {
    const [valid] = await json<CertificateView[]>("certificate", "list", "--spiffe-id", WEB);
    const printed = valid?.serial.toUpperCase().replace(/..(?!$)/g, "$&:") ?? "";
    const { exit, stdout } = await ask(["revoke", "--serial", printed]);
    expect(exit).to.equal(0);
    expect(stdout).to.contain(`Revoked serial ${String(valid?.serial)} in `);
    const [dead] = await json<CertificateView[]>("certificate", "list", "--spiffe-id", WEB);
    expect(dead?.state).to.equal("revoked");
    expect((await ask(["revoke", "--serial", "0badcafe"])).exit).to.equal(66);
  });

  describe("over mutual TLS", () => {
    const files = (folder: string) =>
      ["--cert", join(folder, "admin.crt"), "--key", join(folder, "admin.key")].concat(
        ...["--ca", join(folder, "control-plane-ca.pem")],
        ...["--signer", `127.0.0.1:${signer.signer.ports.nodes}`],
      );

    it("serves an administrator with a certificate from Vault", async () => {
      const folder = join(signer.folder, "admin");
      await writeAdministrator(
        await administrator(vault.operator, TRUST_DOMAIN, "ada", "1h"),
        folder,
      );
      const { exit, stdout, stderr } = await signet(["node", "list", ...files(folder)]);
      expect(exit, stderr).to.equal(0);
      expect(stdout).to.match(/^web-1 +web /m);
    });

    it("refuses a node that asks what only administrators may", async () => {
      const folder = join(signer.folder, "admin-node");
      const key = node.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
      const chain = node.certificate.chain.map(toPem).join("");
      const { root } = await administrator(vault.operator, TRUST_DOMAIN, "eve", "1h");
      await writeAdministrator({ key, chain, root }, folder);
      const { exit, stderr } = await signet(["token", "create", "--node", "x", ...files(folder)]);
      expect(stderr).to.contain("[PEER_NOT_ADMIN]");
      expect(exit).to.equal(77);
    });
  });
});
