// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect } from "chai";
import { circleInWords, findCircle } from "../import-circles.js";
import { includes, modules } from "../rooms.js";

describe("folders that import in a circle", () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "signet-rooms-"));
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  /** Each file includes these. */
  function tree(files: Readonly<Record<string, readonly string[]>>): void {
    for (const [path, included] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      const lines = ["#include <linux/kernel.h>", ...included.map((to) => `#include "${to}"`)];
      writeFileSync(join(folder, path), lines.join("\n"));
    }
  }

  it("are none where each knows only those below it", () => {
    tree({
      "main.c": ["compat.h", "hook/close.h"],
      "compat.h": [],
      "hook/close.c": ["hook/close.h", "session/end.h", "core/tls/tls.h"],
      "session/end.c": ["core/tls/tls.h", "core/der.h", "compat.h"],
      "core/tls/tls.h": ["core/der.h"],
    });
    expect(includes(folder)).to.have.length(9);
    expect(findCircle(includes(folder))).to.deep.equal([]);
  });

  it("are told with the files that make the circle, the shortest first", () => {
    tree({
      "a/one.c": ["b/two.h", "c/three.h"],
      "b/two.h": ["c/three.h"],
      "c/three.h": ["d/four.h"],
      "d/four.c": ["c/three.h", "a/one.h"],
    });
    expect(circleInWords(findCircle(includes(folder)))).to.equal(
      [
        "these import in a circle: c → d → c",
        "  c knows d: c/three.h imports d/four.h",
        "  d knows c: d/four.c imports c/three.h",
      ].join("\n"),
    );
  });

  it("are found through others, a file of no folder being a room of its own", () => {
    tree({
      "compat.h": ["session/end.h"],
      "session/end.h": ["core/x509/chain.h"],
      "core/x509/chain.c": ["compat.h"],
      "main.c": ["compat.h"],
    });
    expect(findCircle(includes(folder)).map(({ from }) => from)).to.have.members([
      "compat.h",
      "session/end.h",
      "core/x509/chain.c",
    ]);
  });

  it("are not looked for where they are left out", () => {
    tree({ "test/a.c": ["core/b.h"], "core/b.h": ["test/a.h"] });
    expect(findCircle(includes(folder))).to.have.length(2);
    expect(includes(folder, ["test"])).to.deep.equal([{ from: "core/b.h", to: "test/a.h" }]);
  });

  it("are found in TypeScript, in imports of types and at run time too", () => {
    const files = {
      "main.ts": 'import { one } from "./a/one.js";\nimport pino from "pino";',
      "a/one.ts": 'import type {\n  Two,\n} from "../b/two.js";',
      "b/two.ts": 'const three = await import("./three.js");\nexport * from "./three.js";',
      "b/three.ts": 'import "../a/one.js";',
    };
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    expect(modules(folder)).to.have.length(5);
    expect(circleInWords(findCircle(modules(folder)))).to.equal(
      [
        "these import in a circle: a → b → a",
        "  a knows b: a/one.ts imports b/two.ts",
        "  b knows a: b/three.ts imports a/one.ts",
      ].join("\n"),
    );
  });
});
