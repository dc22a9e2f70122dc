// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from "node:child_process";
import { accessSync, constants, existsSync, readFileSync, renameSync } from "node:fs";
import { createHash } from "node:crypto";
import { delimiter, join } from "node:path";
import { cachePath, repositoryRoot } from "./cache.mjs";
import { runLogged, timed } from "./progress.mjs";

const MODULE = join(repositoryRoot, "tools/vault");

/**
 * The program that runs as Vault: `vault` or `bao` on PATH, else the one that setup built.
 * @throws {Error} when there is none of them
 */
export function vaultBinary(): string {
  const path = onPath("vault") ?? onPath("bao") ?? builtVault();
  if (existsSync(path)) return path;
  throw new Error("there is no Vault: put one on PATH, or run `npm run setup`");
}

/** Builds Vault from tools/vault/go.mod unless there is one already. */
export async function buildVault(): Promise<void> {
  const binary = builtVault();
  if ((onPath("vault") ?? onPath("bao")) !== undefined || existsSync(binary)) return;
  requireGo();
  const partial = `${binary}.partial`;
  const flags = ["-tags", "minimal", "-ldflags", "-s -w"];
  await timed("building Vault (about 5 minutes)", () =>
    runLogged(["go", "build", ...flags, "-o", partial, "github.com/hashicorp/vault"], {
      log: cachePath("log", "vault.log"),
      cwd: MODULE,
    }),
  );
  renameSync(partial, binary);
}

function builtVault(): string {
  const hash = createHash("sha256");
  for (const name of ["go.mod", "go.sum"]) hash.update(readFileSync(join(MODULE, name)));
  return cachePath("vault", hash.digest("hex").slice(0, 16), "vault");
}

function onPath(program: string): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter(Boolean);
  return folders.map((folder) => join(folder, program)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function requireGo(): void {
  try {
    execFileSync("go", ["version"], { stdio: "ignore" });
  } catch (cause) {
    const help = "install Go 1.26, put `vault` or `bao` on PATH, or set VAULT_ADDR";
    throw new Error(`Vault must be built, and there is no Go: ${help}`, { cause });
  }
}
