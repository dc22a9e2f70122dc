// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import { serverAndClient } from "../mesh/documents.js";
import { useMesh } from "../mesh/use-mesh.js";
import { buildProgram } from "../programs/build.js";

const UID = 1000;
const PORT = 7003;

describe("while the agent of a server is away", function () {
  this.timeout(180_000);
  const mesh = useMesh();
  let server: string;
  let client: string;

  before(async () => {
    [server, client] = [await buildProgram("epoll_server"), await buildProgram("blocking_client")];
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

  function connect() {
    const { address } = mesh().host("web");
    return mesh()
      .host("client")
      .run([client, address, String(PORT), "friend"], { uid: UID });
  }

  it("the server, once identified, goes on accepting", async () => {
    expect((await connect()).stdout).to.equal("hello friend\n");
    await mesh().node("web").killAgent();
    expect((await connect()).stdout).to.equal("hello friend\n");
  });

  it("and a restarted agent finds its key and certificate where they were", async () => {
    const id = "spiffe://demo.test/demo/web";
    const before = await mesh().identity("web", id);
    await mesh().node("web").startAgent();
    expect((await connect()).stdout).to.equal("hello friend\n");
    expect((await mesh().identity("web", id)).serial).to.equal(before.serial);
  });
});
