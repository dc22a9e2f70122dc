// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { applyUpdate } from "../../src/sync/apply.js";
import { SnapshotFile } from "../../src/sync/snapshot-file.js";
import { ban, snapshot, update } from "./states.js";

describe("the snapshot on disk", () => {
  let folder: string;
  let file: SnapshotFile;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "signet-snapshot-"));
    file = new SnapshotFile(join(folder, "state", "snapshot.json"));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  const state = (revision: number) => {
    const content = snapshot({ revocations: [ban("1", "/x")] });
    const step = applyUpdate(undefined, update(revision, { snapshot: content }), undefined);
    if (step === undefined) throw new Error("a snapshot changes something");
    return step.state;
  };

  it("comes back as it was written, for its owner alone and without leftovers", async () => {
    await file.write(state(1));
    await file.write(state(2 ** 53));
    expect(await file.read()).to.deep.equal(state(2 ** 53));
    expect((await stat(file.path)).mode & 0o777).to.equal(0o600);
    expect((await stat(join(folder, "state"))).mode & 0o777).to.equal(0o700);
    expect(await readdir(join(folder, "state"))).to.deep.equal(["snapshot.json"]);
  });

  it("may be absent", async () => {
    expect(await file.read()).to.equal(undefined);
  });

  for (const [name, content] of Object.entries({
    "cut short": '{"format":1,"revision":"1"',
    "of another format": '{"format":2,"revision":"1"}',
    "of another shape": '{"format":1,"revision":"1","trustDomain":{}}',
  })) {
    it(`is refused when it is ${name}`, async () => {
      await file.write(state(1));
      await writeFile(file.path, content);
      const error: unknown = await file.read().catch((e: unknown) => e);
      expect(error).to.include({ code: "FILE_UNREADABLE" });
    });
  }
});
