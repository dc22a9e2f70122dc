// SPDX-License-Identifier: Apache-2.0
import { join } from "node:path";
import { expect } from "chai";
import { repositoryRoot } from "../../tools/setup/cache.mjs";
import { buildKernelModule } from "../../tools/setup/kernel-module.js";
import { stockKernel } from "../../tools/setup/stock-kernel.js";
import type { RunResult } from "../vm/host.js";
import { startLab, type Lab } from "../vm/lab.js";

const SPECS = ["registration", "policy", "policy-change", "process", "identity", "dying-agent"];
const LOAD = `for name in $(modinfo -F depends "$0" | tr ',' ' '); do modprobe -q "$name"; done
insmod "$0"`;

/** A test, or a hook that failed, as mocha's report in JSON has it. */
interface Tried {
  readonly fullTitle: string;
  readonly file: string;
  readonly err: { readonly message?: string; readonly stack?: string };
}

interface Report {
  readonly passes: readonly Tried[];
  readonly failures: readonly Tried[];
  readonly pending: readonly Tried[];
}

describe("the netlink family, driven by hand inside a guest", function () {
  this.timeout(600_000);
  let lab: Lab;
  let ended: RunResult;
  let report: Report;

  before(async () => {
    const module = await buildKernelModule(await stockKernel());
    lab = await startLab({ hosts: [{ name: "host" }] });
    await lab.host("host").output(["sh", "-c", LOAD, module]);
    ended = await runSpecs();
    report = reportOf(ended);
  });

  after(async () => {
    await lab.stop();
  });

  /** All in one process: most of the time of each is what mocha takes to load there. */
  function runSpecs(): Promise<RunResult> {
    const argv = [
      join(repositoryRoot, "node_modules/.bin/mocha"),
      ...["--config", join(repositoryRoot, ".mocharc.json"), "--timeout", "60000"],
      ...["--reporter", "json"],
      ...SPECS.map((spec) => join(repositoryRoot, fileOf(spec))),
    ];
    return lab.host("host").run(argv, { cwd: repositoryRoot, timeoutMs: 500_000 });
  }

  for (const spec of SPECS) {
    it(spec, () => {
      const ofSpec = (list: readonly Tried[]) =>
        list.filter(({ file }) => file.endsWith(fileOf(spec)));
      expect(ofSpec(report.failures)).to.deep.equal([]);
      expect(ofSpec(report.pending)).to.deep.equal([]);
      expect(ofSpec(report.passes)).to.not.be.empty;
    });
  }

  it("and nothing fails outside of these", () => {
    const { status, signal, stdout, stderr } = ended;
    expect({ status, signal }, `${stdout}${stderr}`).to.deep.equal({
      status: 0,
      signal: undefined,
    });
  });

  it("leaves no trace in the kernel's log", async () => {
    await lab.checkKernelLogs();
  });
});

function reportOf({ stdout, stderr }: RunResult): Report {
  try {
    return JSON.parse(stdout) as Report;
  } catch (cause) {
    throw new Error(`mocha broke off: ${stdout}${stderr}`, { cause });
  }
}

function fileOf(spec: string): string {
  return `test/guest/netlink/${spec}.spec.ts`;
}
