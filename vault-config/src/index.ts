// SPDX-License-Identifier: Apache-2.0

export { administrator, writeAdministrator, type Administrator } from "./administrator.js";
export { applyVaultConfig } from "./apply.js";
export type { Report } from "./authority.js";
export { writeCredentials } from "./credentials.js";
export { Vault, VaultAnswer, type VaultAddress } from "./vault.js";
