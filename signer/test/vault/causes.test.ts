// SPDX-License-Identifier: Apache-2.0

import { once } from "node:events";
import { createServer, type Server as HttpServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { expect } from "chai";
import { ERRORS, SignetError } from "@signet/contract";
import { systemClock } from "@signet/runtime/clock.js";
import { createLog } from "@signet/runtime/log.js";
import { Authority } from "../../../contract/test/authority.js";
import { freePort, VaultServer } from "../../../test/vault/server.js";
import { makeRequest } from "../certificate-requests.js";
import { startGatedSigner } from "../gated-signer.js";
import { TRUST_DOMAIN, workload } from "../running-signer.js";
import { Vault } from "../../src/vault/vault.js";

const SECRET = "a-secret-id-of-this-test";

describe("why Vault failed", function () {
  this.timeout(30_000);
  let server: VaultServer;

  before(async () => {
    server = await VaultServer.start();
    await server.configure(TRUST_DOMAIN);
  });

  after(() => server.stop());

  /** What is logged of a failed login: each line, and the error's own cause. */
  async function failedLogin(address: string, roleId = "role", secretId = SECRET, ca?: string) {
    const lines: string[] = [];
    const log = createLog("signer", "info", { write: (line) => lines.push(line) });
    const patience = { timeoutMs: 1_000, deadlineMs: 1_000, maxConnections: 4 };
    const vault = new Vault({ address, ca, ...patience, clock: systemClock, log });
    try {
      await vault.login(roleId, secretId);
      throw new Error("it did not fail");
    } catch (error) {
      const { message, code, cause } = SignetError.from(error);
      expect(message).to.equal(ERRORS[code].sentence);
      expect(lines).to.have.length(1);
      expect(lines[0]).to.include(JSON.stringify((cause as Error).message).slice(1, -1));
      expect(lines[0]).to.include('"purpose":"log in"').and.not.to.include(SECRET);
      expect(lines[0]).not.to.include('"stack"');
      return (cause as Error).message;
    } finally {
      vault.close();
    }
  }

  async function at<T>(front: HttpServer, use: (port: number) => Promise<T>): Promise<T> {
    front.listen(0, "127.0.0.1");
    await once(front, "listening");
    try {
      return await use((front.address() as AddressInfo).port);
    } finally {
      front.closeAllConnections();
      front.close();
    }
  }

  it("is in the log and in the error's cause: a connection that is refused", async () => {
    const why = await failedLogin(`http://127.0.0.1:${await freePort()}`);
    expect(why).to.include("auth/approle/login").and.to.include("ECONNREFUSED");
  });

  it("and a certificate of another CA, as when Vault's is changed", async () => {
    const [shown, known] = [await Authority.create("shown"), await Authority.create("known")];
    const { pem: cert, key } = await shown.leaf("", { uris: [], dns: ["localhost"] });
    const front = createTlsServer({ cert, key });
    await at(front, async (port) => {
      const why = await failedLogin(`https://localhost:${port}`, "role", SECRET, known.pem);
      expect(why).to.include("auth/approle/login").and.to.include("vault.caFile");
    });
  });

  it("and a standby's redirect, with where it points", async () => {
    const front = createServer((_, response) => {
      const location = "https://active.example.org:8200/v1/auth/approle/login";
      response.writeHead(307, { Location: location }).end();
    });
    await at(front, async (port) => {
      const why = await failedLogin(`http://127.0.0.1:${port}`);
      expect(why).to.include("307").and.to.include("https://active.example.org:8200,");
    });
  });

  it("and a login from an address that the SecretID is not for", async () => {
    const { operator, address } = server;
    const role = "auth/approle/role/signet-signing";
    const roleId = String((await operator.read(`${role}/role-id`))?.["role_id"]);
    const secret = await operator.write(`${role}/secret-id`, { cidr_list: ["192.0.2.0/24"] });
    const why = await failedLogin(address, roleId, String(secret["secret_id"]));
    expect(why).to.include("auth/approle/login").and.to.include("CIDR");
  });

  it("and a Vault that is sealed", async () => {
    const sealed = await VaultServer.start();
    try {
      await sealed.operator.write("sys/seal", {});
      const why = await failedLogin(sealed.address);
      expect(why).to.include("503").and.to.include("sealed");
    } finally {
      await sealed.stop();
    }
  });

  it("is not what nodes hear: they get the code and its sentence", async () => {
    const running = await startGatedSigner();
    const { signer, gate, vault } = running;
    try {
      await signer.apply(workload("web", "web"));
      const node = await signer.join("web-1", ["web"]);
      const { csr } = await makeRequest({ uris: [`spiffe://${TRUST_DOMAIN}/app/web`] });
      const entryId = await signer.entry("web");
      const refused = async (code: "VAULT_UNAVAILABLE" | "VAULT_REFUSED", why: string) => {
        const [result] = await node.sign({ entryId, csr });
        expect(result?.refusal).to.include({ code, message: ERRORS[code].sentence });
        const line = signer.logged.find((one) => one.includes(why)) ?? "";
        expect(line).to.include("signet-workload/sign/svid");
      };
      gate.refuse();
      await refused("VAULT_UNAVAILABLE", "ECONNRESET");
      gate.open();
      expect(await node.outcome(entryId, csr)).to.equal("signed");
      expect(signer.logged.some((line) => line.includes("Vault does again"))).to.equal(true);
      const role = await vault.operator.read("signet-workload/roles/svid");
      const other = { ...role, allowed_uri_sans: ["spiffe://elsewhere/*"] };
      await vault.operator.write("signet-workload/roles/svid", other);
      await refused("VAULT_REFUSED", "not valid for this role");
    } finally {
      await running.stop();
    }
  });
});
