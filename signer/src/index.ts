// SPDX-License-Identifier: Apache-2.0

export { loadConfig } from "./config/load.js";
export type { SignerConfig } from "./config/schema.js";
export { startSigner, type Signer, type SignerDeps } from "./signer.js";
