// SPDX-License-Identifier: Apache-2.0

export * from "./ca-pin.js";
export * from "./certificate.js";
export * from "./connection-reasons.js";
export * from "./control-plane-id.js";
export * from "./der.js";
export * from "./duration.js";
export * from "./error-codes.js";
export * from "./grpc-errors.js";
export * from "./issuer-certificate.js";
export * from "./keepalive.js";
export * from "./limits.js";
export * from "./mtls.js";
export * from "./pem.js";
export * from "./proto.js";
export * from "./signet-error.js";
export * from "./spiffe-id.js";
export * from "./svid-chain.js";
export * from "./svid.js";
export type * as messages from "./generated/messages.js";
