// SPDX-License-Identifier: Apache-2.0

// A process of its own, as its standard output is what is written to. What it is told it writes
// until that fails, which it says; and once more when nothing more is told. As it was built: what
// runs TypeScript looks at standard output by itself, as an import of node:process does, which
// changes it.

import { once } from "node:events";
import { auditFile } from "../dist/audit-file.js";

const { write } = auditFile("");
const [told] = await once(process.stdin, "data");
let lines = 0;
try {
  for (;;) {
    write(told.toString());
    lines += 1;
  }
} catch ({ code }) {
  process.stderr.write(JSON.stringify({ code, lines }));
}
await once(process.stdin.resume(), "end");
write(told.toString());
