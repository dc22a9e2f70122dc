// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import { serverAndClient } from "../mesh/documents.js";
import { useMesh } from "../mesh/use-mesh.js";
import { buildProgram } from "../programs/build.js";

const UID = 1000;
const PORT = 7004;

describe("a program whose main thread has ended connects", function () {
  this.timeout(180_000);
  const mesh = useMesh();
  let client: string;

  before(async () => {
    client = await buildProgram("headless_client");
    const server = await buildProgram("epoll_server");
    const web = mesh().host("web");
    await mesh().enforce(
      serverAndClient({
        server: { path: server, uid: UID },
        client: { path: client, uid: UID },
        address: web.address,
        port: PORT,
      }),
    );
    await web.start([server, String(PORT)], { uid: UID });
  });

  function connect(...more: readonly string[]) {
    const call = [client, mesh().host("web").address, String(PORT), "friend", ...more];
    return mesh().host("client").run(call, { uid: UID });
  }

  it("from another thread", async () => {
    expect(await connect()).to.include({ status: 0, stdout: "hello friend\n" });
  });

  it("from a thread that ends as soon as it has begun", async () => {
    expect(await connect("brief")).to.include({ status: 0, stdout: "hello friend\n" });
  });
});
