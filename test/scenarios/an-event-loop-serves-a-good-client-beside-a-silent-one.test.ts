// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import { serverAndClient } from "../mesh/documents.js";
import { useMesh } from "../mesh/use-mesh.js";
import { buildProgram } from "../programs/build.js";

const UID = 1000;
const PORT = 7000;

describe("an event loop serves a good client beside a silent one", function () {
  this.timeout(180_000);
  const mesh = useMesh({ others: ["silent"] });
  let server: string;
  let client: string;

  before(async () => {
    [server, client] = [await buildProgram("epoll_server"), await buildProgram("blocking_client")];
    await mesh().enforce(
      serverAndClient({
        server: { path: server, uid: UID },
        client: { path: client, uid: UID },
        address: mesh().host("web").address,
        port: PORT,
      }),
    );
  });

  for (const mode of ["level", "edge"]) {
    it(`with ${mode}-triggered epoll`, async () => {
      const [web, silent] = [mesh().host("web"), mesh().host("silent")];
      const running = await web.start([server, String(PORT), mode], { uid: UID });
      await mesh().until("the server is ready", () => running.output().stdout.includes("ready"));
      const quiet = await silent.start([client, web.address, String(PORT)]);
      await mesh().until("the silent client is connected", () =>
        running.output().stdout.includes("accept"),
      );

      const started = Date.now();
      const good = await mesh()
        .host("client")
        .run([client, web.address, String(PORT), "friend"], { uid: UID });
      const took = Date.now() - started;

      expect(good.stdout).to.equal("hello friend\n");
      expect(took).to.be.lessThan(9_000, "the silent client's deadline is 10 s");
      expect(running.output().stdout).not.to.match(/end \d+ .*\n.*line \d+ friend/);
      await quiet.kill("SIGKILL");
      await running.kill();
      await running.ended;
    });
  }
});
