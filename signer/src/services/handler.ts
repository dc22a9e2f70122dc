// SPDX-License-Identifier: Apache-2.0

import { toGrpcStatus, type CallerContext } from "@signet/contract";
import { SignetError } from "@signet/contract";
import type { Log } from "@signet/runtime/log.js";
import type { handleUnaryCall } from "@grpc/grpc-js";

/** What a handler may know of the call beside its request. */
export interface CallInfo {
  readonly context: CallerContext;
  /** The peer's address. */
  readonly peer: string;
  /** Aborts when the caller has gone, or its deadline has passed. */
  readonly gone: AbortSignal;
}

/** Makes a unary gRPC handler of an async function; errors become statuses with their details. */
export function unary<Request, Response>(
  log: Log,
  work: (request: Request, call: CallInfo) => Promise<Response>,
): handleUnaryCall<Request, Response> {
  return (call, callback) => {
    const gone = new AbortController();
    call.on("cancelled", () => gone.abort()); // When its deadline passes, too.
    const context = call.getAuthContext() as CallerContext;
    const info = { context, peer: call.getPeer(), gone: gone.signal };
    work(call.request, info).then(
      (response) => callback(null, response),
      (error: unknown) => {
        logInternal(log, call.getPath(), error);
        callback(toGrpcStatus(error));
      },
    );
  };
}

/** Logs what a caller is not told. */
export function logInternal(log: Log, what: string, error: unknown): void {
  const fault = SignetError.from(error);
  if (fault.cause === undefined) return;
  log.warn({ code: fault.code, err: fault.cause }, `${what}: ${fault.message}`);
}
