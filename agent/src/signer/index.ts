// SPDX-License-Identifier: Apache-2.0
export { enrol } from "./enrolment.js";
export { CredentialsFile } from "./node-credentials.js";
export { SignerSession } from "./signer-session.js";
