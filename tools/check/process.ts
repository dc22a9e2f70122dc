// SPDX-License-Identifier: Apache-2.0
import { spawn } from "node:child_process";
import { once } from "node:events";
import { repositoryRoot } from "../setup/cache.mjs";
import { ONE_FAILED, ONE_PASSED, type Counts } from "./counts.js";

/** How a program ended and what it wrote (which was shown too, as it came). */
export interface Finished {
  readonly status: number | null;
  readonly output: string;
}

/** Runs a program, in the root of the checkout unless another folder is given. */
export async function runShown(
  argv: readonly string[],
  cwd: string = repositoryRoot,
): Promise<Finished> {
  const [program = "", ...args] = argv;
  const child = spawn(program, args, { cwd, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (data: Buffer) => {
      output += data.toString("utf8");
      process.stdout.write(data);
    });
  }
  const [status] = (await once(child, "close")) as [number | null];
  return { status, output };
}

/** A program that is one check: it passes when the program succeeds. */
export async function oneCheck(argv: readonly string[], cwd?: string): Promise<Counts> {
  return (await runShown(argv, cwd)).status === 0 ? ONE_PASSED : ONE_FAILED;
}
