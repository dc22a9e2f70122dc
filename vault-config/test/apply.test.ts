// SPDX-License-Identifier: Apache-2.0

import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { VaultServer } from "../../test/vault/server.js";
import { administrator, writeAdministrator } from "../src/administrator.js";
import { applyVaultConfig } from "../src/apply.js";
import { writeCredentials } from "../src/credentials.js";
import { Vault, VaultAnswer } from "../src/vault.js";

const TD = "apply.test";

describe("vault-config", function () {
  this.timeout(30_000);
  let server: VaultServer;
  let signing: Vault;
  let revocation: Vault;
  let folder: string;
  let csr: string;
  const actions: string[] = [];

  function operatorOf({ address, token }: VaultServer): Vault {
    return new Vault({ address, token });
  }

  async function login(name: string): Promise<Vault> {
    const role = `auth/approle/role/signet-${name}`;
    const operator = operatorOf(server);
    const roleId = (await operator.read(`${role}/role-id`))?.["role_id"];
    const secret = await operator.write(`${role}/secret-id`, {});
    const response = await fetch(`${server.address}/v1/auth/approle/login`, {
      method: "POST",
      body: JSON.stringify({ role_id: roleId, secret_id: secret["secret_id"] }),
    });
    const { auth } = (await response.json()) as { auth: { client_token: string } };
    return new Vault({ address: server.address, token: auth.client_token });
  }

  before(async () => {
    server = await VaultServer.start();
    folder = mkdtempSync(join(tmpdir(), "signet-vault-config-"));
    await applyVaultConfig(operatorOf(server), TD, (action) => actions.push(action));
    signing = await login("signing");
    revocation = await login("revocation");
    const key = join(folder, "key.pem");
    execFileSync("openssl", ["ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", key]);
    csr = execFileSync("openssl", ["req", "-new", "-key", key, "-subj", "/"]).toString();
  });

  after(async () => {
    rmSync(folder, { recursive: true });
    await server.stop();
  });

  /** HTTP status of a request to sign. */
  async function status(vault: Vault, path: string, uri: string, more: object = {}) {
    const body = { csr, uri_sans: uri, ttl: "1m", format: "pem", remove_roots_from_chain: true };
    try {
      await vault.write(path, { ...body, ...more });
      return 200;
    } catch (error) {
      if (error instanceof VaultAnswer) return error.status;
      throw error;
    }
  }

  it("changes nothing when it runs again", async () => {
    expect(new Set(actions)).to.deep.equal(new Set(["created"]));
    const again: string[] = [];
    await applyVaultConfig(operatorOf(server), TD, (action) => again.push(action));
    expect(again).to.have.length(actions.length);
    expect(new Set(again)).to.deep.equal(new Set(["unchanged"]));
  });

  it("puts right what was changed by hand", async () => {
    const path = "signet-workload/roles/svid";
    const role = (await operatorOf(server).read(path)) ?? {};
    await operatorOf(server).write(path, { ...role, allow_any_name: true });
    const changed: string[] = [];
    await applyVaultConfig(operatorOf(server), TD, (action, what) => {
      if (action !== "unchanged") changed.push(`${action} ${what}`);
    });
    expect(changed).to.deep.equal([`changed ${path}`]);
    expect((await operatorOf(server).read(path))?.["allow_any_name"]).to.equal(false);
  });

  it("makes two roots that do not know each other", async () => {
    const root = async (mount: string) =>
      (await operatorOf(server).read(`${mount}/cert/ca`))?.["certificate"];
    expect(await root("signet-workload-root")).not.to.equal(await root("signet-control-root"));
  });

  it("lets the signing token sign workloads, nodes and the signer", async () => {
    const uri = (path: string) => `spiffe://${TD}${path}`;
    expect(await status(signing, "signet-workload/sign/svid", uri("/app"))).to.equal(200);
    expect(await status(signing, "signet-control/sign/node", uri("/signet/node/a"))).to.equal(200);
    expect(await status(signing, "signet-control/sign/signer", uri("/signet/signer"))).to.equal(
      200,
    );
  });

  it("keeps everything else from the signing token", async () => {
    const uri = `spiffe://${TD}/app`;
    const sign = "signet-workload/sign/svid";
    const admin = `spiffe://${TD}/signet/admin/eve`;
    const attempts: [string, string, string, object?][] = [
      ["administrators", "signet-control/sign/admin", admin],
      ["administrators as nodes", "signet-control/sign/node", admin],
      ["administrators as the signer", "signet-control/sign/signer", admin],
      ["verbatim", "signet-workload/sign-verbatim", uri],
      ["verbatim by role", "signet-workload/sign-verbatim/svid", uri],
      ["by issuer", "signet-workload/issuer/default/sign/svid", uri],
      ["issue", "signet-workload/issue/svid", uri],
      ["intermediates", "signet-workload/root/sign-intermediate", uri],
      ["two IDs in one string", sign, `${uri},spiffe://${TD}/other`],
      [
        "two IDs of the control plane",
        "signet-control/sign/node",
        `spiffe://${TD}/signet/node/a,${admin}`,
      ],
      ["reserved IDs as workloads", sign, `spiffe://${TD}/signet/signer`],
      ["another trust domain", sign, `spiffe://${TD}.evil/app`],
      ["another date", sign, uri, { not_after: "2099-01-01T00:00:00Z" }],
      ["host names", sign, uri, { alt_names: "a.test" }],
      ["addresses", sign, uri, { ip_sans: "10.0.0.1" }],
      ["a common name", sign, uri, { common_name: "a" }],
      ["revocation", "signet-workload/revoke", uri],
    ];
    for (const [what, path, id, more] of attempts) {
      expect(await status(signing, path, id, more), what).to.equal(403);
    }
  });

  it("lets the revocation token revoke what it shows, and nothing else", async () => {
    const { certificate } = await signing.write("signet-workload/sign/svid", {
      csr,
      uri_sans: `spiffe://${TD}/gone`,
      ttl: "1m",
      format: "pem",
      remove_roots_from_chain: true,
    });
    const { state } = await revocation.write("signet-workload/revoke", { certificate });
    expect(state).to.equal("revoked");
    expect(await status(revocation, "signet-workload/sign/svid", `spiffe://${TD}/a`)).to.equal(403);
    expect(await status(revocation, "signet-workload/tidy", "")).to.equal(403);
  });

  it("writes credentials that only their owner reads, the SecretID wrapped", async () => {
    const out = join(folder, "credentials");
    await writeCredentials(operatorOf(server), out, 60);
    for (const name of ["signing", "revocation"]) {
      const file = join(out, `${name}.wrapped-secret-id`);
      expect(statSync(file).mode & 0o777).to.equal(0o600);
      const wrapping = new Vault({
        address: server.address,
        token: readFileSync(file, "utf8").trim(),
      });
      expect(await wrapping.write("sys/wrapping/unwrap", {})).to.have.property("secret_id");
    }
  });

  it("makes an administrator's certificate as SPIFFE wants it, under the control plane's root", async () => {
    const out = join(folder, "admin");
    await writeAdministrator(await administrator(operatorOf(server), TD, "ada", "1h"), out);
    const crt = join(out, "admin.crt");
    const root = join(out, "control-plane-ca.pem");
    const verify = ["verify", "-CAfile", root, "-untrusted", crt, crt];
    expect(execFileSync("openssl", verify).toString()).to.include("OK");
    const text = execFileSync("openssl", ["x509", "-in", crt, "-noout", "-text"]).toString();
    expect(text).to.include(`URI:spiffe://${TD}/signet/admin/ada`);
    expect(text).to.match(/Key Usage: critical\s+Digital Signature\n/);
    expect(statSync(join(out, "admin.key")).mode & 0o777).to.equal(0o600);
  });

  it("will not take over a mount of another type", async () => {
    const other = await VaultServer.start();
    try {
      await operatorOf(other).write("sys/mounts/signet-workload-root", { type: "kv" });
      let message = "";
      await applyVaultConfig(operatorOf(other), TD, () => undefined).catch((error: unknown) => {
        message = String(error);
      });
      expect(message).to.include("signet-workload-root is a mount of type kv");
    } finally {
      await other.stop();
    }
  });

  it("keeps a key that it writes over an old file from others", async () => {
    const out = join(folder, "again");
    mkdirSync(out);
    writeFileSync(join(out, "admin.key"), "old", { mode: 0o644 });
    await writeAdministrator(await administrator(operatorOf(server), TD, "ada", "1h"), out);
    expect(statSync(join(out, "admin.key")).mode & 0o777).to.equal(0o600);
  });

  it("sends its token over plain http to loopback only", () => {
    const to = (address: string) => () => new Vault({ address, token: "t" });
    expect(to("http://vault.example.org:8200")).to.throw("https://");
    expect(to("http://127.0.0.1.example.org:8200")).to.throw("https://");
    expect(to("https://vault.example.org:8200")).not.to.throw();
    expect(to("http://[::1]:8200")).not.to.throw();
  });

  it("refuses a trust domain that is none", async () => {
    let message = "";
    await applyVaultConfig(operatorOf(server), "a/b", () => undefined).catch((error: unknown) => {
      message = String(error);
    });
    expect(message).to.include("not a trust domain");
  });
});
