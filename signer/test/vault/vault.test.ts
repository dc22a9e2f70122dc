// SPDX-License-Identifier: Apache-2.0

import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { inspect } from "node:util";
import { expect } from "chai";
import { SignetError } from "@signet/contract";
import { systemClock } from "@signet/runtime/clock.js";
import { Authority } from "../../../contract/test/authority.js";
import { silentLog } from "../../../runtime/test/silent-log.js";
import { Vault } from "../../src/vault/vault.js";
import { refusal } from "../refusal.js";

const TOKEN = "hvs.secret-token-of-this-test";
const RENEWED = { auth: { client_token: "t", lease_duration: 60, renewable: true } };

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

function json(response: ServerResponse, status: number, body: object, headers = {}): void {
  response.writeHead(status, { "Content-Type": "application/json", ...headers });
  response.end(JSON.stringify(body));
}

describe("the Vault class", () => {
  let server: Server;
  let handler: Handler;
  let requests: IncomingMessage[];
  let vault: Vault;

  beforeEach(async () => {
    requests = [];
    server = createServer((request, response) => {
      requests.push(request);
      request.resume();
      handler(request, response);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    const port = typeof address === "object" ? (address?.port ?? 0) : 0;
    vault = new Vault({
      address: `http://127.0.0.1:${port}`,
      timeoutMs: 300,
      deadlineMs: 1_500,
      maxConnections: 4,
      clock: systemClock,
      log: silentLog,
    });
  });

  afterEach(async () => {
    vault.close();
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  });

  async function fault(): Promise<SignetError> {
    try {
      await vault.renew(TOKEN);
    } catch (error) {
      if (error instanceof SignetError) return error;
      throw error;
    }
    throw new Error("it did not fail");
  }

  it("does not follow redirects, so that no other host gets the token", async () => {
    let reached = false;
    handler = ({ url }, response) => {
      if (url === "/elsewhere") reached = true;
      response.writeHead(307, { Location: "/elsewhere" });
      response.end();
    };
    expect((await fault()).code).to.equal("VAULT_UNAVAILABLE");
    expect(reached).to.equal(false);
    expect(requests).to.have.length(1);
  });

  it("puts no token into its errors", async () => {
    handler = (_, response) => json(response, 403, { errors: ["permission denied"] });
    const error = await fault();
    expect(error.code).to.equal("VAULT_DENIED");
    expect(inspect(error, { depth: 20 })).not.to.include(TOKEN);
  });

  it("times out, and gives up at its deadline", async () => {
    handler = () => undefined;
    const start = performance.now();
    const error = await fault();
    expect(error.code).to.equal("VAULT_UNAVAILABLE");
    expect(performance.now() - start).to.be.within(300, 2_500);
    expect(requests.length).to.be.greaterThan(1);
  });

  it("tries again when Vault is sealed, and succeeds when it is not", async () => {
    handler = (_, response) => {
      if (requests.length < 3) json(response, 503, { errors: ["Vault is sealed"] });
      else json(response, 200, RENEWED);
    };
    expect((await vault.renew(TOKEN)).ttl).to.equal(60);
    expect(requests).to.have.length(3);
  });

  it("waits as long as Retry-After asks", async () => {
    handler = (_, response) => {
      if (requests.length === 1) json(response, 429, {}, { "Retry-After": "1" });
      else json(response, 200, RENEWED);
    };
    const start = performance.now();
    await vault.renew(TOKEN);
    expect(performance.now() - start).to.be.at.least(950);
  });

  it("does not wait for what Retry-After asks beyond its deadline", async () => {
    handler = (_, response) => json(response, 429, {}, { "Retry-After": "2" });
    expect((await fault()).code).to.equal("VAULT_UNAVAILABLE");
    expect(requests).to.have.length(1);
  });

  it("never tries again what was refused, and once what failed inside Vault", async () => {
    handler = (_, response) => json(response, 400, { errors: ["bad role"] });
    const refused = await fault();
    expect(refused.code).to.equal("VAULT_REFUSED");
    expect(refused.message).not.to.include("bad role"); // Nodes hear the message.
    expect(String(refused.cause)).to.include("bad role");
    expect(requests).to.have.length(1);
    requests = [];
    handler = (_, response) => json(response, 500, { errors: ["internal error"] });
    expect((await fault()).code).to.equal("VAULT_UNAVAILABLE");
    expect(requests).to.have.length(2);
  });

  it("keeps its connections", async () => {
    handler = (_, response) => json(response, 200, RENEWED);
    await vault.renew(TOKEN);
    await vault.renew(TOKEN);
    expect(requests[0]?.socket).to.equal(requests[1]?.socket);
  });

  it("sends each token with its own request only", async () => {
    handler = (_, response) => json(response, 200, RENEWED);
    await vault.renew("first");
    await vault.renew("second");
    await vault.login("role", "secret");
    const tokens = requests.map(({ headers }) => headers["x-vault-token"]);
    expect(tokens).to.deep.equal(["first", "second", undefined]);
  });

  it("believes no answer that lacks what it must have, such as an empty one", async () => {
    for (const answer of [{}, { auth: null }, { auth: { client_token: "" } }]) {
      handler = (_, response) => json(response, 200, answer);
      expect((await fault()).code).to.equal("VAULT_UNAVAILABLE");
    }
    handler = (_, response) => void response.writeHead(204).end();
    expect((await fault()).code).to.equal("VAULT_UNAVAILABLE");
  });

  it("stops asking for a while after many failures", async () => {
    handler = (_, response) => json(response, 503, {});
    await Promise.all([fault(), fault(), fault()]);
    requests = [];
    expect((await fault()).code).to.equal("VAULT_UNAVAILABLE");
    expect(requests.length).to.be.at.most(1);
  });

  it("stops asking only for the purpose that failed", async () => {
    handler = (_, response) => json(response, 503, {});
    await Promise.all([fault(), fault(), fault()]);
    handler = (_, response) => json(response, 200, RENEWED);
    expect((await vault.login("role", "secret")).ttl).to.equal(60);
  });

  it("counts no refusal and no quota among the failures", async () => {
    handler = (_, response) => json(response, requests.length % 2 ? 429 : 400, {});
    await Promise.all(Array.from({ length: 20 }, () => fault()));
    handler = (_, response) => json(response, 200, RENEWED);
    expect((await vault.renew(TOKEN)).ttl).to.equal(60);
  });

  it("counts nothing that was given up among the failures", async () => {
    handler = () => undefined;
    const order = {
      mount: "m",
      role: "r",
      csr: Buffer.of(0),
      spiffeId: "spiffe://t/a",
      ttl: 60,
    };
    const given = new SignetError("VAULT_UNAVAILABLE", "too long");
    for (let i = 0; i < 10; i += 1) {
      const over = new AbortController();
      const signing = vault.sign(TOKEN, order, over.signal);
      over.abort(given);
      expect(await signing.catch((error: unknown) => error)).to.equal(given);
    }
    requests = [];
    handler = (_, response) => json(response, 400, {});
    expect(await refusal(vault.sign(TOKEN, order))).to.equal("VAULT_REFUSED");
    expect(requests).to.have.length(1);
  });

  it("believes another CA once it is told to, and finishes what is under way", async () => {
    const [first, second] = [await Authority.create("first"), await Authority.create("second")];
    const localhost = (authority: Authority) =>
      authority.leaf("", { uris: [], dns: ["localhost"] });
    const { pem: cert, key } = await localhost(first);
    const front = createTlsServer({ cert, key }, (request, response) => {
      request.resume();
      handler(request, response);
    });
    front.listen(0, "127.0.0.1");
    await once(front, "listening");
    const { port } = front.address() as AddressInfo;
    const other = new Vault({
      address: `https://localhost:${port}`,
      ca: first.pem,
      timeoutMs: 2_000,
      deadlineMs: 2_000,
      maxConnections: 4,
      clock: systemClock,
      log: silentLog,
    });
    try {
      let answer: () => void = () => undefined;
      handler = (_, response) => (answer = () => json(response, 200, RENEWED));
      const underWay = other.renew(TOKEN);
      await once(front, "request");
      front.setSecureContext(await localhost(second).then(({ pem, key }) => ({ cert: pem, key })));
      other.trust(second.pem);
      answer();
      expect(await underWay).to.include({ ttl: 60 });
      handler = (_, response) => json(response, 200, RENEWED);
      expect(await other.renew(TOKEN)).to.include({ ttl: 60 });
      other.trust(first.pem);
      expect(await other.renew(TOKEN).catch((error: unknown) => error))
        .to.be.instanceOf(SignetError)
        .with.property("code", "VAULT_UNAVAILABLE");
    } finally {
      other.close();
      front.closeAllConnections();
      front.close();
      await once(front, "close");
    }
  });
});
