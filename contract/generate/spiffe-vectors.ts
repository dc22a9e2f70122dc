// SPDX-License-Identifier: Apache-2.0

import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const source = fileURLToPath(new URL("../vectors/spiffe-ids.json", import.meta.url));
const lines = fileURLToPath(new URL("../vectors/spiffe-ids.txt", import.meta.url));

/** One test vector of vectors/spiffe-ids.json; kmod/core's tests read the same vectors. */
export interface SpiffeIdVector {
  readonly id: string;
  readonly valid: boolean;
  /** Of a valid ID: "trust-domain", "workload" or "reserved"; else the fault. */
  readonly what: string;
}

/** The vectors as vectors/spiffe-ids.txt has them: "ok|bad TAB hex of the ID TAB what". */
export function spiffeVectorLines(vectors: readonly SpiffeIdVector[]): string {
  return vectors
    .map(
      ({ id, valid, what }) =>
        `${valid ? "ok" : "bad"}\t${Buffer.from(id).toString("hex")}\t${what}\n`,
    )
    .join("");
}

/** Makes vectors/spiffe-ids.txt, which C can read, of vectors/spiffe-ids.json. */
export function generateSpiffeVectors(): void {
  const vectors = JSON.parse(readFileSync(source, "utf8")) as SpiffeIdVector[];
  writeFileSync(lines, spiffeVectorLines(vectors));
}
