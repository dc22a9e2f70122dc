// SPDX-License-Identifier: Apache-2.0

import type { MessageTypeDefinition } from "@grpc/proto-loader";
import type { Status, StatusInput } from "./generated/google/rpc/Status.js";
import type { ErrorDetail, ErrorDetailInput } from "./generated/signet/v1/ErrorDetail.js";
import { loadProtos } from "./proto-files.js";

const messages = loadProtos(["google/rpc/status.proto", "signet/v1/errors.proto"]);

/** Codec of google.rpc.Status. */
export const STATUS = messages["google.rpc.Status"] as MessageTypeDefinition<StatusInput, Status>;

/** Codec of signet.v1.ErrorDetail. */
export const ERROR_DETAIL = messages["signet.v1.ErrorDetail"] as MessageTypeDefinition<
  ErrorDetailInput,
  ErrorDetail
>;
