// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import type { KernelFlavour } from "../../tools/setup/kernel.js";
import { access, destination, documents, strictTrustDomain, workload } from "../mesh/documents.js";
import { useMesh } from "../mesh/use-mesh.js";
import { buildProgram } from "../programs/build.js";

const UID = 1000;
const PORT = 7000;
const TEXT = "smuggled-past-the-handshake";

// Takes whatever comes, and says a byte to whoever connects.
const TAKER = `require("net").createServer((socket) => {
  socket.on("error", () => {}).on("data", () => {}).write("!");
}).listen(${String(PORT)}, () => console.log("ready"))`;

/** A program that is somebody tries in every way to send what it likes instead of TLS. */
export function hostileProgram(kernel: KernelFlavour): void {
  describe(`a hostile program with an identity, on the ${kernel} kernel`, function () {
    this.timeout(1_500_000);
    const mesh = useMesh({ kernel, nodes: ["client"], others: ["taker"] });
    let trespasser: string;

    before(async () => {
      trespasser = await buildProgram("trespasser");
      await mesh().enforce(
        documents(
          strictTrustDomain,
          workload({ name: "web", group: "nowhere", path: "/usr/bin/true", uid: UID }),
          workload({ name: "client", group: "client", path: trespasser, uid: UID }),
          access("web", ["client"], PORT),
          destination("web", mesh().host("taker").address, PORT),
        ),
      );
    });

    it("gets no plaintext onto the wire, however it times its calls", async () => {
      const [client, taker] = [mesh().host("client"), mesh().host("taker")];
      const running = await taker.start([process.execPath, "-e", TAKER]);
      await mesh().until("the taker listens", () => running.output().stdout.includes("ready"));
      const capture = await mesh().machines.capture();

      const argv = [trespasser, taker.address, String(PORT), taker.plainAddress, TEXT];
      const { status, stdout } = await client.run(argv, { uid: UID, timeoutMs: 1_200_000 });

      const packets = await capture.stop();
      expect(stdout).to.equal("300 tries, 0 successful writes\n");
      expect(status).to.equal(0);
      expect(packets.length).to.be.greaterThan(24, "the capture has packets");
      expect(await mesh().counter("client", "handshake-started")).to.be.greaterThan(0);
      expect(packets.includes(TEXT)).to.equal(false, "the text was on the wire");
    });
  });
}
