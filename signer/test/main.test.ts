// SPDX-License-Identifier: Apache-2.0

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { credentials } from "@grpc/grpc-js";
import { expect } from "chai";
import { AdminService } from "@signet/contract";
import { Authority } from "../../contract/test/authority.js";
import { VaultServer } from "../../test/vault/server.js";
import { ask, eventually } from "./running-signer.js";

const MAIN = fileURLToPath(new URL("../src/main.ts", import.meta.url));

function run(...args: string[]) {
  const child = spawn(process.execPath, ["--import=tsx", MAIN, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH: process.env["PATH"] },
  });
  const output = { out: "", err: "" };
  child.stdout.on("data", (bytes: Buffer) => (output.out += bytes.toString()));
  child.stderr.on("data", (bytes: Buffer) => (output.err += bytes.toString()));
  const ended = once(child, "close") as Promise<[number | null]>;
  return { child, output, ended };
}

describe("signet-signer", function () {
  this.timeout(30_000);

  it("explains itself", async () => {
    const { output, ended } = run("--help");
    expect(await ended).to.deep.equal([0, null]);
    expect(output.out).to.include("--config FILE");
  });

  it("ends with 64 for a command line, with 78 for a configuration that is wrong", async () => {
    const usage = run("--colour");
    expect((await usage.ended)[0]).to.equal(64);
    expect(usage.output.err).to.include("USAGE");
    const config = run("--config", "/nonexistent/signer.yaml");
    expect((await config.ended)[0]).to.equal(78);
    expect(config.output.err).to.include("CONFIG_UNREADABLE");
  });

  it("serves until it is told to stop, with a log that is rotated, and gives its Vault tokens back", async () => {
    const vault = await VaultServer.start();
    const folder = mkdtempSync(join(tmpdir(), "signet-main-"));
    try {
      await vault.configure("main.test");
      await vault.credentials(folder);
      const appRole = (name: string) => ({
        roleIdFile: join(folder, `${name}.role-id`),
        wrappedSecretIdFile: join(folder, `${name}.wrapped-secret-id`),
      });
      const caFile = join(folder, "vault-ca.pem");
      writeFileSync(caFile, (await Authority.create("vault")).pem);
      const auditPath = join(folder, "audit.jsonl");
      const socket = join(folder, "run", "admin.sock");
      const config = {
        trustDomain: "main.test",
        listen: { nodes: "127.0.0.1:0", attestation: "127.0.0.1:0", adminSocket: socket },
        database: { path: join(folder, "signer.db") },
        vault: {
          address: vault.address,
          caFile,
          signing: appRole("signing"),
          revocation: appRole("revocation"),
        },
        audit: { file: auditPath },
      };
      writeFileSync(join(folder, "signer.json"), JSON.stringify(config));
      const signer = run("--config", join(folder, "signer.json"));
      await eventually(() => existsSync(socket) && signer.output.err.includes("serving"), 15_000);
      writeFileSync(caFile, ""); // While it is being replaced.
      renameSync(auditPath, `${auditPath}.1`);
      signer.child.kill("SIGHUP");
      await eventually(() => signer.output.err.includes('"msg":"reloaded"'));
      expect(signer.output.err).to.include("holds no certificates");
      const admin = new AdminService(`unix:${socket}`, credentials.createInsecure());
      await ask(admin, "CreateToken", { nodeId: "n1" });
      admin.close();
      expect(readFileSync(auditPath, "utf8")).to.include("n1");
      expect(readFileSync(`${auditPath}.1`, "utf8"))
        .to.include("signer.certificate")
        .and.not.include("n1");
      const leases = await vault.operator.list("auth/token/accessors");
      signer.child.kill("SIGTERM");
      expect((await signer.ended)[0]).to.equal(0);
      const after = await vault.operator.list("auth/token/accessors");
      const count = (listing: unknown) => (listing as { keys: string[] }).keys.length;
      expect(count(after)).to.be.lessThan(count(leases));
      expect(existsSync(socket)).to.equal(false);
      expect(signer.output.err).not.to.include(vault.token);
    } finally {
      rmSync(folder, { recursive: true });
      await vault.stop();
    }
  });
});
