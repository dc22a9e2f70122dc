// SPDX-License-Identifier: Apache-2.0

import { rm, writeFile } from "node:fs/promises";

/** Writes a file that only its owner can read, whatever was there before. */
export async function writeSecret(file: string, content: string): Promise<void> {
  await rm(file, { force: true });
  await writeFile(file, content, { mode: 0o600, flag: "wx" });
}
