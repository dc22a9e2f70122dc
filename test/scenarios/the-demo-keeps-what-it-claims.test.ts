// SPDX-License-Identifier: Apache-2.0
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect } from "chai";
import { repositoryRoot } from "../../tools/setup/cache.mjs";

const exec = promisify(execFile);

describe("npm run demo", function () {
  this.timeout(900_000);

  it("keeps what it claims", async () => {
    const { stdout } = await exec("npm", ["run", "--silent", "demo"], { cwd: repositoryRoot });
    const [, held, claims] = /(\d+) of (\d+) claims hold\n$/.exec(stdout) ?? [];
    expect(Number(claims), stdout).to.be.greaterThan(30);
    expect(held, stdout).to.equal(claims);
  });
});
