// SPDX-License-Identifier: Apache-2.0
export { Enrolment } from "./enrolment.js";
export { join as joinSigner } from "./join.js";
export { CredentialsFile } from "./node-credentials.js";
export { SignerSession } from "./signer-session.js";
