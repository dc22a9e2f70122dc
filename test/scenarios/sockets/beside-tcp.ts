// SPDX-License-Identifier: Apache-2.0
// A behaviour of sockets in each file beside this one. They share one suite, so one mesh, which is
// made before the first of their tests and ended after the last.
import { expect } from "chai";
import Mocha from "mocha";
import {
  access,
  destination,
  documents,
  strictTrustDomain,
  workload,
} from "../../mesh/documents.js";
import type { Outcome } from "../../mesh/host.js";
import { useMesh } from "../../mesh/use-mesh.js";
import { buildProgram } from "../../programs/build.js";

const UID = 1000;
const PORT = 7000;
const NODES = ["web", "client"] as const;
const TIMEOUT_MS = 330_000;

/** What the two ends of test/programs/socket-behaviours print. */
export interface Printed {
  readonly client: string;
  readonly server: string;
}

let program: string;
let mesh: ReturnType<typeof useMesh>;

const suite = describe("a protected socket behaves like a plain TCP socket", function () {
  this.timeout(2 * TIMEOUT_MS);
  mesh = useMesh();

  before(async () => {
    program = await buildProgram("socket-behaviours");
    await mesh().enforce(
      documents(
        strictTrustDomain,
        ...NODES.map((name) => workload({ name, group: name, path: program, uid: UID })),
        access("web", ["client"], PORT),
        access("client", ["web"], PORT),
        ...NODES.map((name) => destination(name, mesh().host(name).address, PORT)),
      ),
    );
  });
});

/**
 * Tests a behaviour: over plain TCP it is as expected, and on protected sockets the same.
 *
 * @param sentence what is true of both.
 * @param behaviour its name in test/programs/socket-behaviours.
 * @param expected the lines that client and server print.
 */
export function besideTcp(sentence: string, behaviour: string, expected: Printed): void {
  const test = async () => {
    const [web, client] = [mesh().host("web"), mesh().host("client")];
    const plain = await run(behaviour, web.plainAddress, client.plainAddress);
    expect(plain, "plain TCP").to.deep.equal(expected);
    const before = await opened();
    const protectedOne = await run(behaviour, web.address, client.address);
    expect(protectedOne, "protected").to.deep.equal(plain);
    expect(await opened()).to.be.greaterThan(before, "it was protected");
  };
  suite.addTest(new Mocha.Test(sentence, test));
}

function opened(): Promise<number> {
  return mesh().counter("client", "opened-client");
}

/** Runs both ends, and gives the lines that they print. */
async function run(behaviour: string, web: string, client: string): Promise<Printed> {
  const argv = (end: string) => [program, behaviour, end, web, client, String(PORT)];
  const server = await mesh().host("web").start(argv("server"), { uid: UID });
  try {
    await mesh().until("the server listens", () => server.output().stdout.startsWith("ready\n"));
    const options = { uid: UID, timeoutMs: TIMEOUT_MS };
    const ended = await mesh().host("client").run(argv("client"), options);
    if (ended.status !== 0) await server.kill("SIGKILL"); // it may wait for a client that failed
    return { client: shown(ended), server: shown(await server.ended).replace("ready\n", "") };
  } finally {
    await server.kill("SIGKILL");
  }
}

function shown({ status, stdout, stderr }: Outcome): string {
  return stdout + stderr + (status === 0 ? "" : `exit status ${status}\n`);
}
