// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import { serverAndClient } from "../mesh/documents.js";
import { useMesh } from "../mesh/use-mesh.js";
import { buildProgram } from "../programs/build.js";

const ROOT = 0; // who alone may make allocations fail
const PORT = 7008;
const OTHER_REASONS = /EACCES|EPROTO/; // than that there is no memory
const PLAINTEXT = "plain\n"; // what the ends say to each other

/**
 * One allocation below the module's functions fails in each connection, at either end; on the debug
 * kernel.
 *
 * @param step every how manieth.
 */
export function allocationsThatFail(step: number): void {
  const which = step === 1 ? "each allocation" : `every ${String(step)}th allocation`;
  describe(`${which} fails once`, function () {
    this.timeout(7_200_000);
    const mesh = useMesh({ kernel: "debug" });
    let program: string;

    before(async () => {
      program = await buildProgram("allocation_faults");
      await mesh().enforce(
        serverAndClient({
          server: { path: program, uid: ROOT },
          client: { path: program, uid: ROOT },
          address: mesh().host("web").address,
          port: PORT,
        }),
      );
    });

    /** Runs both ends; the allocations of one fail. @returns what that one prints. */
    async function failing(name: "web" | "client"): Promise<string> {
      const { address } = mesh().host("web");
      const start = (on: "web" | "client", end: string) => {
        const faults = on === name ? ["1", String(step)] : [];
        return mesh()
          .host(on)
          .start([program, end, address, String(PORT), ...faults]);
      };
      const server = await start("web", "server");
      await mesh().until("it listens", () => server.output().stdout.startsWith("ready\n"));
      const client = await start("client", "client");
      const [failing, other] = name === "web" ? [server, client] : [client, server];
      const { status, stdout, stderr } = await failing.ended;
      await other.kill("SIGKILL");
      await other.ended;
      expect(status, stdout + stderr).to.equal(0);
      return stdout;
    }

    for (const [name, end] of [
      ["client", "client"],
      ["web", "server"],
    ] as const) {
      it(`at the ${end}, which is told or served, without a byte of plaintext`, async () => {
        const capture = await mesh().machines.capture();
        const printed = await failing(name);
        const packets = await capture.stop();
        expect(printed).to.match(/^failslab: [1-9]\d* failed$/m);
        expect(printed).not.to.match(OTHER_REASONS);
        expect(packets.length).to.be.greaterThan(24, "the capture has packets");
        expect(packets.includes(PLAINTEXT)).to.equal(false, "plaintext was on the wire");
      });
    }
  });
}
