// SPDX-License-Identifier: Apache-2.0
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

import { cachePath, repositoryRoot } from "../../tools/setup/cache.mjs";

const exec = promisify(execFile);
const SOURCES = join(repositoryRoot, "test/programs");

/** Builds one of the C programs here: a file, or all of a folder. @returns the path of the program. */
export async function buildProgram(name: string): Promise<string> {
  const program = await place(name);
  const flags = ["-Wall", "-Wextra", "-Werror", "-O2", "-static", "-pthread"];
  await exec("gcc", [...flags, "-o", program, ...(await sourcesOf(name))]);
  return program;
}

async function sourcesOf(name: string): Promise<string[]> {
  const folder = join(SOURCES, name);
  if (!existsSync(folder)) return [`${folder}.c`];
  const files = await readdir(folder);
  return files.filter((file) => file.endsWith(".c")).map((file) => join(folder, file));
}

/** Builds the user-space peer of kmod/test, with ASan. @returns the path of the program. */
export async function buildPeer(): Promise<string> {
  const folder = cachePath("programs", "peer");
  const program = join(folder, "signet-peer");
  await exec("make", ["-s", `BUILD=${folder}`, program], {
    cwd: join(repositoryRoot, "kmod/test"),
  });
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
