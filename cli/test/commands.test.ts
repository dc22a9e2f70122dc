// SPDX-License-Identifier: Apache-2.0

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ServerCredentials } from "@grpc/grpc-js";
import { SignetError, type FieldFault, type messages } from "@signet/contract";
import { expect } from "chai";
import { Authority } from "../../contract/test/authority.js";
import { AdminServer, after as inSeconds, signet } from "./admin-service.js";

const DB = "spiffe://example.org/shop/db";

const node: messages.NodeInput = {
  id: "web-1",
  spiffeId: "spiffe://example.org/signet/node/web-1",
  groups: ["web", "eu"],
  serial: "0a",
  notAfter: inSeconds(3600),
  attestedAt: inSeconds(-90_000),
  lastSeenAt: inSeconds(-5),
  connected: true,
  revision: "12",
};

const entry: messages.EntryInput = {
  id: "e1",
  spiffeId: DB,
  name: "db",
  workloadSelectors: [
    {
      selectors: [
        { key: "process:binary:path", values: ["/usr/bin/db"] },
        { key: "process:uid", values: ["1", "2"] },
      ],
    },
    { selectors: [{ key: "process:gid", values: ["7"] }] },
  ],
  nodeSelectors: [{ selectors: [{ key: "node:group", values: ["web"] }] }],
  ttlSeconds: 3600,
};

describe("signet, on a signer", () => {
  const server = new AdminServer();
  before(() => server.start());
  after(() => server.stop());
  beforeEach(() => {
    server.requests.length = 0;
    server.answers = {};
  });

  const ask = (line: string, stdin?: string) =>
    signet([...line.split(" "), "--socket", server.socket], stdin);

  describe("token create", () => {
    beforeEach(() => {
      server.answers = {
        CreateToken: () => ({ token: "T0K", caSha256: "ab12", expiresAt: inSeconds(600) }),
      };
    });

    it("asks for the node, its groups and the lifetime, and prints token and CA", async () => {
      const { exit, stdout } = await ask(
        "token create --node web-1 --group web --group eu --ttl 1h",
      );
      expect(exit).to.equal(0);
      expect(server.requests).to.deep.equal([
        {
          method: "CreateToken",
          request: { nodeId: "web-1", groups: ["web", "eu"], ttlSeconds: 3600 },
        },
      ]);
      expect(stdout).to.match(/^Token +T0K$/m);
      expect(stdout).to.match(/^CA SHA-256 +ab12$/m);
      expect(stdout).to.match(/^Until +2026-11-22 04:10:00Z \(in 10m\)$/m);
    });

    it("prints JSON", async () => {
      const { stdout } = await ask("token create --node web-1 --json");
      expect(JSON.parse(stdout)).to.deep.equal({
        nodeId: "web-1",
        token: "T0K",
        caSha256: "ab12",
        expiresAt: "2026-11-22T04:10:00Z",
      });
    });

    it("refuses names and lifetimes that cannot be, without asking the signer", async () => {
      for (const bad of ["--node a/b", "--node ..", "--node a --ttl 2", "--node a --ttl 25h"]) {
        expect((await ask(`token create ${bad}`)).exit, bad).to.equal(64);
      }
      expect(server.requests).to.deep.equal([]);
    });
  });

  describe("apply", () => {
    const directory = join(server.directory, "documents");
    before(() => {
      mkdirSync(join(directory, "empty"), { recursive: true });
      writeFileSync(join(directory, "b.yaml"), "b");
      writeFileSync(join(directory, "a.yml"), "a");
      writeFileSync(join(directory, "notes.txt"), "no");
      writeFileSync(join(directory, "bytes.bin"), Buffer.of(0xff, 0xfe));
    });
    beforeEach(() => {
      server.answers = {
        Apply: () => ({
          applied: [{ kind: "Workload", name: "db", action: "ACTION_CREATED" }],
          revision: "7",
        }),
      };
    });

    it("sends the YAML files of a directory by name, and standard input", async () => {
      const { exit, stdout } = await ask(`apply -f ${directory} -f -`, "c");
      expect(exit).to.equal(0);
      expect(server.requests[0]?.request).to.deep.equal({
        documents: [
          { file: join(directory, "a.yml"), content: "a" },
          { file: join(directory, "b.yaml"), content: "b" },
          { file: "stdin", content: "c" },
        ],
        dryRun: false,
      });
      expect(stdout).to.equal(
        "KIND      NAME  ACTION\nWorkload  db    created\nRevision 7 holds now.\n",
      );
    });

    it("says of a dry run that nothing was changed", async () => {
      const { stdout } = await ask("apply -f - --dry-run", "c");
      expect(server.requests[0]?.request).to.have.property("dryRun", true);
      expect(stdout).to.match(/^Nothing was changed\.$/m);
    });

    it("prints JSON", async () => {
      const { stdout } = await ask("apply -f - --json", "c");
      expect(JSON.parse(stdout)).to.deep.equal({
        dryRun: false,
        revision: 7,
        applied: [{ kind: "Workload", name: "db", action: "created" }],
      });
    });

    const faults: FieldFault[] = [
      {
        file: "db.yaml",
        line: 3,
        column: 7,
        field: "spec.ttl",
        message: "is no duration",
        code: "DOCUMENT_FIELD_INVALID",
      },
      {
        file: "db.yaml",
        line: 9,
        column: 1,
        field: "",
        message: "has a tab",
        code: "DOCUMENT_SYNTAX",
      },
    ];

    it("prints each fault as file:line:column: field: message, and exits as the table says", async () => {
      server.answers = {
        Apply: () => {
          throw new SignetError("DOCUMENT_INVALID", undefined, { faults });
        },
      };
      const { exit, stdout, stderr } = await ask("apply -f -", "c");
      expect(exit).to.equal(65);
      expect(stdout).to.equal("");
      expect(stderr).to.match(
        /^db\.yaml:3:7: spec\.ttl: is no duration \[DOCUMENT_FIELD_INVALID\]$/m,
      );
      expect(stderr).to.match(/^db\.yaml:9:1: has a tab \[DOCUMENT_SYNTAX\]$/m);
      expect(stderr).to.match(/^error: .* \[DOCUMENT_INVALID\]$/m);
      expect(stderr).to.match(/^help: /m);
      const json = await ask("apply -f - --json", "c");
      expect(JSON.parse(json.stderr)).to.have.nested.property("error.faults").deep.equal(faults);
    });

    it("refuses files that cannot be read, empty directories and bytes that are no text", async () => {
      expect((await ask(`apply -f ${directory}/absent.yaml`)).exit).to.equal(66);
      expect((await ask(`apply -f ${directory}/empty`)).exit).to.equal(66);
      expect((await ask(`apply -f ${directory}/bytes.bin`)).exit).to.equal(65);
      expect((await ask("apply -f - -f -")).exit).to.equal(64);
      expect(server.requests).to.deep.equal([]);
    });
  });

  describe("entry list", () => {
    it("prints a line for each set of selectors", async () => {
      server.answers = { ListEntries: () => ({ entries: [entry] }) };
      const { stdout } = await ask("entry list");
      expect(stdout).to.equal(
        [
          "NAME  SPIFFE ID                     PROCESSES                                          NODES           TTL",
          "db    spiffe://example.org/shop/db  process:binary:path=/usr/bin/db & process:uid=1|2  node:group=web  1h",
          "                                    process:gid=7",
          "",
        ].join("\n"),
      );
    });

    it("prints JSON as documents have it", async () => {
      server.answers = { ListEntries: () => ({ entries: [entry] }) };
      const { stdout } = await ask("entry list --json");
      expect(JSON.parse(stdout)).to.deep.equal([
        {
          id: "e1",
          name: "db",
          spiffeId: DB,
          selectors: [
            { "process:binary:path": ["/usr/bin/db"], "process:uid": ["1", "2"] },
            { "process:gid": ["7"] },
          ],
          nodes: [{ "node:group": ["web"] }],
          ttlSeconds: 3600,
        },
      ]);
    });

    it("says what to do when there is none", async () => {
      server.answers = { ListEntries: () => ({ entries: [] }) };
      expect((await ask("entry list")).stdout).to.contain("signet apply -f");
    });
  });

  describe("node list", () => {
    it("prints times that people read, and never as never", async () => {
      const quiet = { ...node, id: "db-1", lastSeenAt: "0", connected: false };
      server.answers = { ListNodes: () => ({ nodes: [node, quiet] }) };
      const { stdout } = await ask("node list");
      expect(stdout.split("\n")[1]).to.match(
        /^web-1 {2}web, eu {2}open +12 +2026-11-22 05:00:00Z \(in 1h\) +.*\(5s ago\)$/,
      );
      expect(stdout.split("\n")[2]).to.match(/^db-1 .* closed .* never$/);
    });

    it("prints JSON", async () => {
      server.answers = { ListNodes: () => ({ nodes: [node] }) };
      const { stdout } = await ask("node list --json");
      expect(JSON.parse(stdout)).to.deep.equal([
        {
          ...node,
          notAfter: "2026-11-22T05:00:00Z",
          attestedAt: "2026-11-21T03:00:00Z",
          lastSeenAt: "2026-11-22T03:59:55Z",
          revision: 12,
        },
      ]);
    });

    it("shows no control characters that a name might hold", async () => {
      server.answers = { ListNodes: () => ({ nodes: [{ ...node, id: "a\u001b[2Jb" }] }) };
      const { stdout } = await ask("node list");
      expect(stdout).not.to.contain("\u001b");
      expect(stdout).to.contain("a?[2Jb");
    });
  });

  describe("certificate list", () => {
    const certificate: messages.CertificateInput = {
      serial: "0abc",
      spiffeId: DB,
      nodeId: "db-1",
      entryId: "e1",
      issuedAt: inSeconds(-100),
      notBefore: inSeconds(-130),
      notAfter: inSeconds(3500),
      revokedAt: "0",
      pem: "PEM",
    };

    it("tells valid, expired and revoked certificates apart", async () => {
      const certificates = [
        certificate,
        { ...certificate, notAfter: inSeconds(-1) },
        { ...certificate, revokedAt: inSeconds(-1) },
      ];
      server.answers = { ListCertificates: () => ({ certificates }) };
      const { stdout } = await ask(`certificate list --spiffe-id ${DB} --limit 3 --json`);
      expect(server.requests[0]?.request).to.deep.equal({ spiffeId: DB, limit: 3 });
      const states = (JSON.parse(stdout) as { state: string }[]).map(({ state }) => state);
      expect(states).to.deep.equal(["valid", "expired", "revoked"]);
      const words = await ask("certificate list");
      expect(words.stdout).to.match(/valid +2026-11-22 04:58:20Z \(in 58m20s\) +0abc$/m);
    });

    it("refuses limits and SPIFFE IDs that cannot be", async () => {
      for (const limit of ["0", "1001", "x", "-1", "1.5"]) {
        expect((await ask(`certificate list --limit=${limit}`)).exit, limit).to.equal(64);
      }
      expect((await ask("certificate list --spiffe-id spiffe://EXAMPLE/x")).exit).to.equal(65);
    });
  });

  describe("revoke", () => {
    const revocation = (what: messages.RevocationInput): messages.RevokeResponseInput => ({
      revocation: { id: "4", revokedAt: inSeconds(0), reason: "stolen", ...what },
      serials: ["0a", "0b"],
      nodesNotified: 1,
      nodesKnown: 2,
    });

    it("of a SPIFFE ID prints how long it took and how many nodes were told", async () => {
      server.answers = { Revoke: () => revocation({ spiffeId: DB }) };
      const { exit, stdout } = await ask(`revoke --spiffe-id ${DB} --reason stolen`);
      expect(exit).to.equal(0);
      expect(server.requests[0]?.request).to.include({ spiffeId: DB, reason: "stolen" });
      expect(stdout).to.match(/^Revoked spiffe:\/\/example\.org\/shop\/db in \d+ ms\.$/m);
      expect(stdout).to.match(/^Told 1 of 2 nodes; the others are told when they connect\.$/m);
      expect(stdout).to.match(/0a, 0b$/m);
    });

    it("of a serial takes it as OpenSSL and Vault print it", async () => {
      server.answers = { Revoke: () => revocation({ serial: "a0b" }) };
      for (const serial of ["0A:0B", "0a-0b", "000A0B", "0x0a0b"]) {
        server.requests.length = 0;
        await ask(`revoke --serial ${serial}`);
        expect(server.requests[0]?.request, serial).to.include({ serial: "0a0b" });
      }
    });

    it("of a SPIFFE ID that nothing has wants --force", async () => {
      server.answers = { Revoke: () => revocation({ spiffeId: DB }) };
      await ask(`revoke --spiffe-id ${DB}`);
      await ask(`revoke --spiffe-id ${DB} --force`);
      const forced = server.requests.map(({ request }) => (request as { force: boolean }).force);
      expect(forced).to.deep.equal([false, true]);
    });

    it("prints JSON", async () => {
      server.answers = { Revoke: () => revocation({ spiffeId: DB }) };
      const { stdout } = await ask(`revoke --spiffe-id ${DB} --json`);
      expect(JSON.parse(stdout)).to.include({
        id: 4,
        spiffeId: DB,
        nodesNotified: 1,
        nodesKnown: 2,
      });
      expect((JSON.parse(stdout) as { elapsedMs: unknown }).elapsedMs).to.be.a("number");
    });

    it("wants one subject, and a right one", async () => {
      expect((await ask("revoke")).exit).to.equal(64);
      expect((await ask(`revoke --spiffe-id ${DB} --serial 0a`)).exit).to.equal(64);
      expect((await ask("revoke --spiffe-id spiffe://example.org/../x")).exit).to.equal(65);
      for (const serial of ["xyz", "00", "abc", ""]) {
        expect((await ask(`revoke --serial=${serial}`)).exit, serial).to.equal(64);
      }
      expect(server.requests).to.deep.equal([]);
    });
  });

  it("unban asks for the SPIFFE ID, and tells when it was not banned", async () => {
    server.answers = { Unban: () => ({}) };
    expect(await ask(`unban --spiffe-id ${DB}`)).to.include({
      exit: 0,
      stdout: `${DB} may have certificates again.\n`,
    });
    server.answers = {
      Unban: () => {
        throw new SignetError("IDENTITY_NOT_BANNED");
      },
    };
    expect((await ask(`unban --spiffe-id ${DB}`)).exit).to.equal(66);
  });

  it("revocation list shows how much Vault's CRL has", async () => {
    const revocation = { id: "4", revokedAt: inSeconds(-60), reason: "stolen", spiffeId: DB };
    server.answers = {
      ListRevocations: () => ({ revocations: [{ revocation, inVault: ["0a"], pending: ["0b"] }] }),
    };
    const { stdout } = await ask("revocation list");
    expect(stdout.split("\n")[1]).to.match(
      /^4 +spiffe:\/\/example\.org\/shop\/db +.*\(1m ago\) +1 of 2 +stolen$/,
    );
    const json = await ask("revocation list --json");
    expect(JSON.parse(json.stdout)).to.deep.equal([
      {
        id: 4,
        spiffeId: DB,
        revokedAt: "2026-11-22T03:59:00Z",
        reason: "stolen",
        inVault: ["0a"],
        pending: ["0b"],
      },
    ]);
  });

  describe("over mutual TLS", () => {
    let options: string[];

    before(async () => {
      const root = await Authority.create("control");
      const signer = await root.leaf("spiffe://example.org/signet/signer");
      const admin = await root.leaf("spiffe://example.org/signet/admin/ada");
      const pair = { cert_chain: Buffer.from(signer.pem), private_key: Buffer.from(signer.key) };
      const secured = ServerCredentials.createSsl(Buffer.from(root.pem), [pair], true);
      const port = await server.listen("127.0.0.1:0", secured);
      const file = (name: string, content: string) => {
        const path = join(server.directory, name);
        writeFileSync(path, content, { mode: 0o600 });
        return path;
      };
      options = ["--signer", `127.0.0.1:${port}`, "--cert", file("cert.pem", admin.pem)];
      options.push("--key", file("key.pem", admin.key), "--ca", file("ca.pem", root.pem));
    });

    it("asks a signer elsewhere", async () => {
      server.answers = { ListNodes: () => ({ nodes: [node] }) };
      const { exit, stdout } = await signet(["node", "list", "--json", ...options]);
      expect(exit).to.equal(0);
      expect(JSON.parse(stdout)).to.have.lengthOf(1);
    });

    it("refuses a server under another root", async () => {
      const other = join(server.directory, "other.pem");
      writeFileSync(other, (await Authority.create("control")).pem);
      const { exit, stderr } = await signet(["node", "list", ...options.slice(0, -1), other]);
      expect(stderr).to.contain("[SIGNER_NOT_TRUSTED]");
      expect(exit).to.equal(77);
    });

    it("wants certificate, key and CA, and that they can be read", async () => {
      expect((await signet(["node", "list", ...options.slice(0, 2)])).exit).to.equal(64);
      const absent = await signet(["node", "list", ...options.slice(0, -1), "/absent.pem"]);
      expect(absent.exit).to.equal(66);
      const swapped = options.map((item) => item.replace("key.pem", "ca.pem"));
      expect((await signet(["node", "list", ...swapped])).exit).to.equal(66);
    });
  });

  it("tells that no signer listens", async () => {
    const { exit, stderr } = await signet(["node", "list", "--socket", "/absent/admin.sock"]);
    expect(stderr).to.contain("[SIGNER_UNAVAILABLE]");
    expect(exit).to.equal(69);
  });

  it("tells nothing of a signer's failure inside", async () => {
    server.answers = {
      ListNodes: () => {
        throw new Error("secret");
      },
    };
    const { exit, stderr } = await ask("node list");
    expect(exit).to.equal(70);
    expect(stderr).not.to.contain("secret");
  });
});
