// SPDX-License-Identifier: Apache-2.0
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { format } from "prettier";
import { cHeader } from "./c-header.js";
import { cPolicyHeader, cPolicySource } from "./c-policy.js";
import { parseSpec } from "./spec.js";
import { typescript } from "./typescript.js";

/**
 * Every file that is made from kmod/signet.yaml.
 *
 * @param root Folder of the checkout.
 * @returns Path relative to the root → content.
 */
export async function outputs(root: string): Promise<ReadonlyMap<string, string>> {
  const spec = parseSpec(await readFile(join(root, "kmod/signet.yaml"), "utf8"));
  return new Map([
    ["kmod/uapi/generated/signet.h", cHeader(spec)],
    ["kmod/netlink/generated/attributes.h", cPolicyHeader(spec)],
    ["kmod/netlink/generated/attributes.c", cPolicySource(spec)],
    [
      "agent/src/netlink/family.generated.ts",
      await format(typescript(spec), { parser: "typescript", printWidth: 100 }),
    ],
  ]);
}
