// SPDX-License-Identifier: Apache-2.0
import { execFile } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

import { cachePath, repositoryRoot } from "../../tools/setup/cache.mjs";

const exec = promisify(execFile);
const SOURCES = join(repositoryRoot, "test/programs");

/** Builds one of the C programs here. @returns the path of the program. */
export async function buildProgram(name: string): Promise<string> {
  const program = await place(name);
  const source = join(SOURCES, `${name}.c`);
  await exec("gcc", [
    "-Wall",
    "-Wextra",
    "-Werror",
    "-O2",
    "-static",
    "-pthread",
    "-o",
    program,
    source,
  ]);
  return program;
}

/** Builds the Go server. @returns the path of the program. */
export async function buildGoServer(): Promise<string> {
  const program = await place("go-server");
  const env = { ...process.env, CGO_ENABLED: "0" };
  await exec("go", ["build", "-o", program, "."], { cwd: join(SOURCES, "go-server"), env });
  return program;
}

async function place(name: string): Promise<string> {
  const folder = cachePath("programs");
  await mkdir(folder, { recursive: true });
  return join(folder, name);
}
