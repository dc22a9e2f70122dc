// SPDX-License-Identifier: Apache-2.0
import { Writable } from "node:stream";
import { expect } from "chai";
import { Interrupted, Steps } from "../steps.js";

describe("the steps of a benchmark", () => {
  let interruption: AbortController;
  let said: string;
  let steps: Steps;

  beforeEach(() => {
    interruption = new AbortController();
    said = "";
    const out = new Writable({
      write(chunk: Buffer, _encoding, done) {
        said += chunk.toString();
        done();
      },
    });
    steps = new Steps(out, interruption.signal);
  });

  it("say what they do, and give its result", async () => {
    expect(await steps.start("counting", () => Promise.resolve(7))).to.equal(7);
    expect(said).to.match(/^\[bench\] counting …\n\[bench\] counting … done in \d+s\n$/);
  });

  it("fail as their work does", async () => {
    const failed = steps.wait("counting", () => Promise.reject(new Error("no more fingers")));
    expect(await reason(failed)).to.equal("no more fingers");
    expect(said).to.equal("[bench] counting …\n");
  });

  it("do not begin after an interruption, unless they end something", async () => {
    interruption.abort();
    const begun: string[] = [];
    const work = (what: string) => () => Promise.resolve(begun.push(what));
    expect(await reason(steps.start("starting", work("start")))).to.equal("interrupted");
    expect(await reason(steps.wait("waiting", work("wait")))).to.equal("interrupted");
    await steps.end("ending", work("end"));
    expect(begun).to.deep.equal(["end"]);
  });

  it("stop waiting at an interruption", async () => {
    const waiting = steps.wait("waiting", () => new Promise(() => undefined));
    interruption.abort();
    expect(await waiting.catch((error: unknown) => error)).to.be.instanceOf(Interrupted);
  });

  it("are interrupted where an interruption makes them fail", async () => {
    const starting = steps.start("starting", () => {
      interruption.abort();
      return Promise.reject(new Error("it got the signal, too"));
    });
    expect(await starting.catch((error: unknown) => error)).to.be.instanceOf(Interrupted);
  });

  it("start to the end, also at an interruption", async () => {
    let finish: (result: string) => void = () => undefined;
    const starting = steps.start("starting", () => new Promise<string>((done) => (finish = done)));
    interruption.abort();
    finish("started");
    expect(await starting).to.equal("started");
  });
});

async function reason(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => "none",
    (error: unknown) => (error as Error).message,
  );
}
