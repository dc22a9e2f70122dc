// SPDX-License-Identifier: Apache-2.0
import { createHash } from "node:crypto";
import type { ChildProcess } from "node:child_process";
import { copyFile, link, mkdtemp, readdir, readFile, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { messages } from "@signet/contract";
import { expect } from "chai";
import { FileHashes } from "../../src/identification/file-hash.js";
import { mountNamespaceOf } from "../../src/identification/host-files.js";
import { identify, type Identification } from "../../src/identification/identify.js";
import type { ProcessFacts } from "../../src/identification/process-facts.js";
import { buildProgram } from "../../../test/programs/build.js";
import {
  endProcess,
  factsOf,
  startProcess,
  untilItRuns,
  untilMainThreadEnded,
} from "./running-process.js";

const ID = "spiffe://demo.test/sleeper";

function entry(
  selectors: Record<string, string>,
  id = "e1",
  spiffeId: string = ID,
): messages.Entry {
  const set = Object.entries(selectors).map(([key, value]) => ({ key, values: [value] }));
  return {
    id,
    spiffeId,
    name: id,
    workloadSelectors: [{ selectors: set }],
    nodeSelectors: [],
    ttlSeconds: 3600,
  };
}

describe("identification of a running process", () => {
  let sleeper: ChildProcess & { readonly pid: number };
  let facts: ProcessFacts;
  let path: string;
  let folder: string;
  let hostMountNs: number;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "signet-identify-"));
    path = join(folder, "sleeper");
    await copyFile(await realpath("/bin/sleep"), path);
    sleeper = await startProcess(path, ["600"], /^sleeper$/);
    facts = await factsOf(sleeper.pid);
    hostMountNs = await mountNamespaceOf("self");
  });
  after(async () => {
    await endProcess(sleeper);
    await rm(folder, { recursive: true });
  });

  function identifyAs(
    entries: readonly messages.Entry[],
    of: ProcessFacts = facts,
  ): Promise<Identification> {
    return identify(of, { entries, hostMountNs, hashes: new FileHashes(), wanted: () => true });
  }

  it("matches the path of the file that really runs, and names the entry", async () => {
    expect(await identifyAs([entry({ "process:binary:path": path })])).to.deep.equal({
      verdict: "identity",
      spiffeId: ID,
      entryId: "e1",
    });
  });

  it("matches another name of the same file", async () => {
    const other = join(folder, "other-name");
    await link(path, other);
    const { verdict } = await identifyAs([entry({ "process:binary:path": other })]);
    expect(verdict).to.equal("identity");
  });

  it("wants all selectors of a set", async () => {
    const right = { "process:binary:path": path, "process:uid": String(facts.uid) };
    expect((await identifyAs([entry(right)])).verdict).to.equal("identity");
    const wrong = { ...right, "process:uid": String(facts.uid + 1) };
    expect((await identifyAs([entry(wrong)])).verdict).to.equal("none");
  });

  it("matches the hash of the file", async () => {
    const hash = createHash("sha256")
      .update(await readFile(path))
      .digest("hex");
    expect((await identifyAs([entry({ "process:binary:sha256": hash })])).verdict).to.equal(
      "identity",
    );
    const other = hash.replace(/^./, (digit) => (digit === "0" ? "1" : "0"));
    expect((await identifyAs([entry({ "process:binary:sha256": other })])).verdict).to.equal(
      "none",
    );
  });

  it("makes a hash only when all else of a set matches", async () => {
    class NoHashes extends FileHashes {
      override of = () => expect.fail("a hash was made");
    }
    const selectors = { "process:binary:sha256": "00", "process:uid": String(facts.uid + 1) };
    const context = { entries: [entry(selectors)], hostMountNs, hashes: new NoHashes() };
    const { verdict } = await identify(facts, { ...context, wanted: () => true });
    expect(verdict).to.equal("none");
  });

  it("matches nothing by a selector that it doesn't know, nor by an empty set", async () => {
    const unknown = { "process:uid": String(facts.uid), "container:image": "nginx" };
    expect((await identifyAs([entry(unknown)])).verdict).to.equal("none");
    expect((await identifyAs([entry({})])).verdict).to.equal("none");
  });

  it("gives no identity when entries of different SPIFFE IDs match", async () => {
    const uid = { "process:uid": String(facts.uid) };
    const other = "spiffe://demo.test/other";
    expect(await identifyAs([entry(uid), entry(uid, "e2", other)])).to.deep.equal({
      verdict: "ambiguous",
      spiffeIds: [ID, other],
    });
    expect(await identifyAs([entry(uid, "e3"), entry(uid, "e2")])).to.include({ entryId: "e2" });
  });

  it("finds a process gone whose pid has another start time", async () => {
    const reused = { ...facts, startTimeNs: facts.startTimeNs - 10_000_000n };
    const { verdict } = await identifyAs([entry({ "process:binary:path": path })], reused);
    expect(verdict).to.equal("gone");
  });

  it("finds a process gone that called exec since the kernel asked", async () => {
    const line = `read go && exec "${path}" 600`;
    const shell = await startProcess("sh", ["-c", line], /^sh$/);
    try {
      const asked = await factsOf(shell.pid);
      shell.stdin?.write("\n");
      await untilItRuns(shell.pid, /^sleeper$/);
      const { verdict } = await identifyAs([entry({ "process:binary:path": path })], asked);
      expect(verdict).to.equal("gone");
    } finally {
      await endProcess(shell);
    }
  });

  it("finds a process gone that has ended", async () => {
    const child = await startProcess("sleep", ["600"], /^sleep$/);
    const last = await factsOf(child.pid);
    await endProcess(child);
    expect(await identifyAs([entry({ "process:uid": String(last.uid) })], last)).to.deep.equal({
      verdict: "gone",
    });
  });

  describe("whose main thread has ended", () => {
    let headless: ChildProcess & { readonly pid: number };
    let program: string;
    let asker: number;

    before(async function () {
      this.timeout(60_000); // a compiler runs
      program = await buildProgram("headless_client");
      headless = await startProcess(program, [], /^headless_client$/);
      await untilMainThreadEnded(headless.pid);
      const threads = (await readdir(`/proc/${String(headless.pid)}/task`)).map(Number);
      asker = threads.find((tid) => tid !== headless.pid) ?? 0;
    });
    after(() => endProcess(headless));

    it("finds it by the thread that asked", async () => {
      const asked = await factsOf(headless.pid, asker);
      const { verdict } = await identifyAs([entry({ "process:binary:path": program })], asked);
      expect(verdict).to.equal("identity");
    });

    it("finds it by another thread when that one has ended, too", async () => {
      const asked = { ...(await factsOf(headless.pid, asker)), tid: headless.pid };
      const { verdict } = await identifyAs([entry({ "process:binary:path": program })], asked);
      expect(verdict).to.equal("identity");
    });

    it("finds it gone when the thread runs another file than it did", async () => {
      const asked = await factsOf(headless.pid, asker);
      const other = { ...asked, exeInode: asked.exeInode + 1n };
      const { verdict } = await identifyAs([entry({ "process:binary:path": program })], other);
      expect(verdict).to.equal("gone");
    });
  });

  // The shell execs through a bind mount, so that /proc/PID/exe reads as the path of the entry.
  const disguise = (real: string, shown: string) => [
    "-Urm",
    "sh",
    "-c",
    `mount --bind "${real}" "${shown}" && exec "${shown}" 600`,
  ];

  it("is not deceived by a user namespace and a bind mount", async () => {
    const real = join(folder, "impostor");
    await copyFile(await realpath("/bin/sleep"), real);
    const impostor = await startProcess("unshare", disguise(real, path), /^sleeper$/);
    try {
      const claimed = await factsOf(impostor.pid);
      expect(claimed.mountNs).to.not.equal(hostMountNs);
      const { verdict } = await identifyAs([entry({ "process:binary:path": path })], claimed);
      expect(verdict).to.equal("none");
      // Even if the namespace were taken for the host's, the file is another one.
      const lying = { ...claimed, mountNs: hostMountNs };
      const again = await identifyAs([entry({ "process:binary:path": path })], lying);
      expect(again.verdict).to.equal("none");
    } finally {
      await endProcess(impostor);
    }
  });

  it("gives a path no meaning inside another mount namespace, though the file is the same", async () => {
    const inside = await startProcess(
      "unshare",
      ["-Urm", "sh", "-c", `exec "${path}" 600`],
      /^sleeper$/,
    );
    try {
      const { verdict } = await identifyAs(
        [entry({ "process:binary:path": path })],
        await factsOf(inside.pid),
      );
      expect(verdict).to.equal("none");
    } finally {
      await endProcess(inside);
    }
  });
});
