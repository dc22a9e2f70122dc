// SPDX-License-Identifier: Apache-2.0

import { Metadata, status, type ServiceError, type StatusObject } from "@grpc/grpc-js";
import { ERRORS, isErrorCode, type ErrorCode } from "./error-codes.js";
import { ERROR_DETAIL, STATUS } from "./error-messages.js";
import { SignetError, type FieldFault } from "./signet-error.js";

const TRAILER = "grpc-status-details-bin";
const DETAIL_TYPE = "type.googleapis.com/signet.v1.ErrorDetail";

/**
 * A SignetError as a gRPC status: the code's status, its message, and signet.v1.ErrorDetail inside
 * google.rpc.Status in the trailer grpc-status-details-bin. Anything that is not a SignetError, and
 * INTERNAL itself, is sent as the table's sentence alone: causes never leave the process.
 */
export function toGrpcStatus(error: unknown): StatusObject {
  const known = SignetError.from(error);
  const { code, message, faults, info } =
    known.code === "INTERNAL" ? new SignetError("INTERNAL") : known;
  const number = status[info.grpc];
  const value = ERROR_DETAIL.serialize({ code, help: info.help, faults: [...faults] });
  const metadata = new Metadata();
  metadata.set(
    TRAILER,
    STATUS.serialize({
      code: number,
      message,
      details: [{ type_url: DETAIL_TYPE, value }],
    }),
  );
  return { code: number, details: message, metadata };
}

/**
 * What a gRPC call failed with, as a SignetError. The peer's own code where it sent one of this
 * version's; else what the gRPC status says of the transport.
 */
export function fromGrpcError(error: unknown): SignetError {
  if (error instanceof SignetError) return error;
  if (!isServiceError(error)) return SignetError.from(error);
  return fromDetail(error) ?? fromStatus(error);
}

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && "code" in error && "metadata" in error && "details" in error;
}

function fromDetail(error: ServiceError): SignetError | undefined {
  const [bytes] = error.metadata.get(TRAILER);
  if (!Buffer.isBuffer(bytes)) return undefined;
  try {
    const any = STATUS.deserialize(bytes).details.find((item) => item.type_url === DETAIL_TYPE);
    if (any === undefined) return undefined;
    const { code, faults } = ERROR_DETAIL.deserialize(any.value);
    if (!isErrorCode(code)) return undefined;
    return new SignetError(code, error.details, { cause: error, faults: faults.map(toFault) });
  } catch {
    return undefined; // Details that cannot be read say nothing; the status still does.
  }
}

function toFault(fault: Omit<FieldFault, "code"> & { code: string }): FieldFault {
  return { ...fault, code: isErrorCode(fault.code) ? fault.code : "REQUEST_INVALID" };
}

const BY_STATUS: Partial<Record<status, ErrorCode>> = {
  [status.DEADLINE_EXCEEDED]: "DEADLINE_EXCEEDED",
  [status.CANCELLED]: "CANCELLED",
  [status.UNAUTHENTICATED]: "PEER_UNAUTHENTICATED",
  [status.PERMISSION_DENIED]: "PERMISSION_DENIED",
  [status.RESOURCE_EXHAUSTED]: "LIMIT_REACHED",
  [status.INVALID_ARGUMENT]: "REQUEST_INVALID",
  [status.UNIMPLEMENTED]: "NOT_BUILT",
};

function fromStatus(error: ServiceError): SignetError {
  const code = error.code === status.UNAVAILABLE ? codeOfTransport(error) : BY_STATUS[error.code];
  if (code === undefined) return new SignetError("INTERNAL", undefined, { cause: error });
  const sentence = ERRORS[code].sentence.replace(/\.$/, "");
  return new SignetError(code, `${sentence}: ${error.details}`, { cause: error });
}

/** grpc-js reports every failure to connect as an unavailable server; only its words differ. */
function codeOfTransport({ details }: ServiceError): ErrorCode {
  if (/\balert\b/.test(details)) return "PEER_UNAUTHENTICATED";
  return /SIGNER_NOT_TRUSTED|certificate/.test(details)
    ? "SIGNER_NOT_TRUSTED"
    : "SIGNER_UNAVAILABLE";
}
