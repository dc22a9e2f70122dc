// SPDX-License-Identifier: Apache-2.0
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect } from "chai";
import { repositoryRoot } from "../../tools/setup/cache.mjs";

const exec = promisify(execFile);

describe("npm run demo", function () {
  this.timeout(900_000);

  it("keeps what it claims", async () => {
    const demo = exec("npm", ["run", "--silent", "demo"], { cwd: repositoryRoot });
    const { stdout } = await demo.catch((cause: unknown) => {
      const { message, stdout } = cause as Error & { readonly stdout: string };
      throw new Error(`${message}\n${stdout}`, { cause });
    });
    const [, held, claims] = /(\d+) of (\d+) claims hold\n$/.exec(stdout) ?? [];
    expect(Number(claims), stdout).to.be.greaterThan(30);
    expect(held, stdout).to.equal(claims);
  });
});
