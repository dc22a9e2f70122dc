// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import { Rig } from "../bench/burst/rig.js";
import { mostBeforeFirstMessage } from "../mesh/first-messages.js";
import { useMesh } from "../mesh/use-mesh.js";

const COUNT = 150; // more than can be served within the deadline of one handshake
const FEW = 15;
const ENOUGH_SECONDS = 240;

describe("connections opened at once are served", function () {
  this.timeout(600_000);
  const mesh = useMesh();
  let rig: Rig;
  let packets: Buffer;

  before(async () => {
    rig = await Rig.build(mesh());
  });

  it("through mutual TLS, all of them", async () => {
    const opened = await mesh().counter("web", "opened-server");
    const capture = await mesh().machines.capture();
    const { served, failed } = await rig.atOnce(rig.protected, COUNT, ENOUGH_SECONDS);
    packets = await capture.stop();
    expect(Object.fromEntries(failed)).to.deep.equal({});
    expect(served).to.equal(COUNT);
    expect(await mesh().counter("web", "opened-server")).to.equal(opened + COUNT);
  });

  it("and each says its first message soon, whatever others have to say", () => {
    expect(mostBeforeFirstMessage(packets, rig.protected.port)).to.be.lessThan(FEW);
  });

  it("through mutual TLS, one after the other", async () => {
    const { served } = await rig.inTurn(rig.protected, 3, ENOUGH_SECONDS);
    expect(served).to.equal(3);
  });

  it("through plain TCP beside it, which the module leaves alone", async () => {
    const opened = await mesh().counter("web", "opened-server");
    const { served } = await rig.atOnce(rig.plain, COUNT, ENOUGH_SECONDS);
    expect(served).to.equal(COUNT);
    expect(await mesh().counter("web", "opened-server")).to.equal(opened);
  });

  it("and all of them end", async () => {
    await rig.settled();
  });
});
