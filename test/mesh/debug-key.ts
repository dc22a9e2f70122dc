// SPDX-License-Identifier: Apache-2.0
import { createECDH, createHash } from "node:crypto";

import type { ModuleVariant } from "../../tools/setup/kernel-module.js";

/** A module whose every private key is the one below. */
export const debugKeyModule: ModuleVariant = {
  name: "debug-key",
  variables: { KCFLAGS: "-DSIGNET_DEBUG_KEY" },
};

/** The private key of such a module, big-endian: as kmod/identity/key.c makes it. */
export const debugKey = createHash("sha256")
  .update("signet: the key of a debug build, which is no secret")
  .digest();

/** Its public key: the uncompressed point. */
export function debugPublicKey(): Buffer {
  const pair = createECDH("prime256v1");
  pair.setPrivateKey(debugKey);
  return pair.getPublicKey();
}
