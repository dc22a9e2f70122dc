// SPDX-License-Identifier: Apache-2.0

import { execFileSync } from "node:child_process";
import { appendFileSync, mkdtempSync, rmdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A small disk, to be filled. */
export class SmallDisk {
  readonly folder = mkdtempSync(join(tmpdir(), "signet-small-disk-"));
  readonly #filler = join(this.folder, "filler");

  constructor() {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "none", this.folder]);
  }

  /** Takes all that is free: a file that is there can be written to up to the end of its last page. */
  fill(): void {
    try {
      for (;;) appendFileSync(this.#filler, Buffer.alloc(4096));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
    }
  }

  /** Gives back what was taken. */
  free(): void {
    rmSync(this.#filler);
  }

  remove(): void {
    execFileSync("umount", ["--lazy", this.folder]); // Also when a test left a file open.
    rmdirSync(this.folder);
  }
}
