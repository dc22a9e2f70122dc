// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import { threadFolders, type Thread } from "../../src/identification/threads.js";

describe("the folders of a process's threads", () => {
  const { pid } = process;
  const task = `/proc/${String(pid)}/task`;

  async function all(thread: Thread): Promise<string[]> {
    const folders: string[] = [];
    for await (const folder of threadFolders(thread)) folders.push(folder);
    return folders;
  }

  it("begin with the one that asked, and name each once", async () => {
    const [main = "", other = "", ...more] = await all({ pid, tid: pid });
    expect(main).to.equal(`${task}/${String(pid)}`);
    const tid = Number(other.slice(task.length + 1));
    const again = await all({ pid, tid });
    expect(again[0]).to.equal(other);
    expect(again).to.have.members([main, other, ...more]);
  });

  it("are the one that asked alone when the process is gone", async () => {
    const gone = 2 ** 22 + 1;
    expect(await all({ pid: gone, tid: gone })).to.have.length(1);
  });
});
