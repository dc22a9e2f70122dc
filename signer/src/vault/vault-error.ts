// SPDX-License-Identifier: Apache-2.0

import { SignetError, type ErrorCode } from "@signet/contract";

/** Vault answered with something other than a success. Holds no header, so no token. */
export class VaultAnswerError extends Error {
  override readonly name = "VaultAnswerError";
  /** For the log, which else shows where it was thrown. */
  readonly code: string;

  constructor(
    /** HTTP status. */
    readonly status: number,
    /** The path without its leading slash. */
    readonly path: string,
    readonly errors: readonly string[],
    /** What Retry-After asked for, in milliseconds. */
    readonly retryAfterMs: number | undefined,
  ) {
    super(
      `Vault answered ${status} at ${path}${errors.length > 0 ? `: ${errors.join("; ")}` : ""}`,
    );
    this.code = `HTTP_${status}`;
  }
}

/** Vault could not be reached, or did not answer in time. */
export class VaultTransportError extends Error {
  override readonly name = "VaultTransportError";
  readonly code = "NO_ANSWER";

  constructor(
    path: string,
    why: string,
    /** False when a further try would end the same way. */
    readonly mayPass = true,
  ) {
    super(`Vault could not be asked for ${path}: ${why}`);
  }
}

const SEVERAL = 6;
const AWAY = new Set([502, 503, 504]);
const NO_LEADER = "active cluster node not found";

/** Is Vault away, and not just against what it was asked? */
export function isOutage(error: unknown): boolean {
  if (error instanceof VaultTransportError) return true;
  if (!(error instanceof VaultAnswerError)) return false;
  const { status, errors } = error;
  return AWAY.has(status) || (status === 500 && errors.some((text) => text.includes(NO_LEADER)));
}

/** How many further tries an error is worth at most, within the deadline. */
export function triesWorth(error: unknown): number {
  if (error instanceof VaultTransportError && !error.mayPass) return 0;
  if (isOutage(error)) return SEVERAL;
  if (!(error instanceof VaultAnswerError)) return 0;
  switch (error.status) {
    case 429: // A quota: there is room again after its interval.
      return Infinity;
    case 412:
      return SEVERAL;
    case 500:
      return 1;
    default:
      return 0;
  }
}

/** The SignetError for what went wrong with Vault. Callers hear the code alone; the rest is its cause. */
export function vaultFault(error: unknown): SignetError {
  if (error instanceof SignetError) return error;
  return new SignetError(codeOf(error), undefined, { cause: error });
}

function codeOf(error: unknown): ErrorCode {
  if (!(error instanceof VaultAnswerError)) return "VAULT_UNAVAILABLE";
  const { status } = error;
  if (status === 403) return "VAULT_DENIED";
  const isRefusal = status >= 400 && status < 500 && status !== 429 && status !== 412;
  return isRefusal ? "VAULT_REFUSED" : "VAULT_UNAVAILABLE";
}
