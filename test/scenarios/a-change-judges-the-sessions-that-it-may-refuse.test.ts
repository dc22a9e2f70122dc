// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import { access, serverAndClient } from "../mesh/documents.js";
import { until } from "../mesh/until.js";
import { useMesh } from "../mesh/use-mesh.js";
import { buildProgram } from "../programs/build.js";

const [SERVER, CLIENT] = [0, 1002];
const PORT = 7006;
const HOSTS = ["web", "client"] as const;

describe("a change of policy or revocations", function () {
  this.timeout(180_000);
  const mesh = useMesh();
  before(async () => {
    const client = await buildProgram("blocking_client");
    const server = await buildProgram("late_acceptor");
    const web = mesh().host("web");
    await mesh().enforce(
      serverAndClient({
        server: { path: server, uid: SERVER },
        client: { path: client, uid: CLIENT },
        address: web.address,
        port: PORT,
      }),
    );
    await web.start([server, String(PORT), String(SERVER)]);
    const call = [client, web.address, String(PORT), "friend"];
    await mesh().host("client").start(call, { uid: CLIENT });
    await until("the session waits for accept()", async () => (await live()) === 1);
  });

  /** How many sessions the server's host has. */
  async function live(): Promise<number> {
    const connections = await mesh().connections("web");
    return connections.filter(({ role, state }) => role === "server" && state === "accepting")
      .length;
  }

  /** How often a session was judged on each host while something was done. */
  async function judged(act: () => Promise<void>): Promise<readonly number[]> {
    const count = () => Promise.all(HOSTS.map((name) => mesh().counter(name, "judged")));
    const before = await count();
    await act();
    const after = await count();
    return after.map((figure, index) => figure - (before[index] ?? 0));
  }

  /** Applies a document that concerns the server's host only, and waits until its kernel has it. */
  async function applyToWeb(document: string): Promise<void> {
    const revision = () => mesh().counter("web", "policy-revision");
    const before = await revision();
    const { status, stderr } = await mesh().apply(document);
    expect(status, stderr).to.equal(0);
    await until("the server's kernel has it", async () => (await revision()) > before);
  }

  it("that only allows more judges no session", async () => {
    const more = access("web", ["friend"], PORT).replace("name: web", "name: more");
    expect(await judged(() => applyToWeb(more))).to.deep.equal([0, 0]);
  });

  it("that revokes judges each session once", async () => {
    const id = "spiffe://demo.test/demo/stranger";
    const act = async () => {
      const { status, stderr } = await mesh().control.signet(
        "revoke",
        "--spiffe-id",
        id,
        "--force",
      );
      expect(status, stderr).to.equal(0);
      await mesh().policyInForce();
    };
    expect(await judged(act)).to.deep.equal([1, 1]);
    expect(await live()).to.equal(1);
  });

  it("that takes a rule away judges servers, and ends what it let in", async () => {
    const other = access("web", ["stranger"], PORT);
    expect(await judged(() => applyToWeb(other))).to.deep.equal([1, 0]);
    expect(await live()).to.equal(0);
    expect(await mesh().counter("web", "ended-policy-changed")).to.equal(1);
  });
});
