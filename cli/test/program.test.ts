// SPDX-License-Identifier: Apache-2.0

import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import type { Command } from "commander";
import { createProgram } from "../src/program.js";
import { NOW, signet } from "./admin-service.js";

const silent = {
  stdout: () => undefined,
  stderr: () => undefined,
  stdin: () => Promise.resolve(""),
  now: () => NOW,
  interrupted: new AbortController().signal,
};

function leaves(command: Command, path: string[] = []): string[][] {
  if (command.commands.length === 0) return [path];
  return command.commands.flatMap((child) => leaves(child, [...path, child.name()]));
}

describe("signet", () => {
  const commands = leaves(createProgram(silent));

  it("has the commands that docs name", () => {
    expect(commands.map((path) => path.join(" ")).sort()).to.deep.equal([
      "apply",
      "certificate list",
      "connections",
      "drain",
      "entry list",
      "node list",
      "revocation list",
      "revoke",
      "status",
      "token create",
      "unban",
    ]);
  });

  for (const path of commands) {
    it(`${path.join(" ")} --help has examples and --json`, async () => {
      const { exit, stdout } = await signet([...path, "--help"]);
      expect(exit).to.equal(0);
      expect(stdout)
        .to.contain(`Examples:\n  signet ${path.join(" ")}`)
        .and.to.contain("--json");
    });
  }

  it("exits 64 for a command line that is wrong, and 0 for help and version", async () => {
    for (const args of [
      ["frob"],
      ["token"],
      ["token", "create"],
      ["node", "list", "--frob"],
      ["node", "list", "x"],
    ]) {
      expect((await signet(args)).exit, args.join(" ")).to.equal(64);
    }
    expect((await signet(["--help"])).exit).to.equal(0);
    expect((await signet(["--version"])).stdout).to.match(/^\d+\.\d+\.\d+\n$/);
  });

  it("runs as a program", () => {
    const main = fileURLToPath(new URL("../src/main.ts", import.meta.url));
    const output = execFileSync(process.execPath, ["--import=tsx", main, "--version"]);
    expect(output.toString()).to.match(/^\d+\.\d+\.\d+\n$/);
  });
});
