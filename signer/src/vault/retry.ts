// SPDX-License-Identifier: Apache-2.0

import {
  ConsecutiveBreaker,
  DelegateBackoff,
  TimeoutStrategy,
  circuitBreaker,
  handleWhen,
  retry,
  timeout,
  wrap,
  type IPolicy,
  type IRetryBackoffContext,
} from "cockatiel";
import { VaultAnswerError, worthRetrying } from "./vault-error.js";

const MAX_ATTEMPTS = 6;
const FAILURES_TO_OPEN = 8;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2_000;
const HALF_OPEN_AFTER_MS = 1_000;

/** The pause before a further try, in milliseconds: what Vault asked for, or doubling with jitter. */
function pause(attempt: number, error: unknown): number {
  if (error instanceof VaultAnswerError && error.retryAfterMs !== undefined) {
    return error.retryAfterMs;
  }
  return Math.min(FIRST_PAUSE_MS * 2 ** attempt, LONGEST_PAUSE_MS) * (0.5 + Math.random());
}

/**
 * How requests to Vault are tried again: only where that can help, with growing pauses or the one
 * that Vault asked for, within a deadline, and not at all for a while after many failures.
 */
export function vaultPolicy(deadlineMs: number): IPolicy {
  const breaker = circuitBreaker(
    handleWhen((error) => worthRetrying(error) !== "never"),
    { halfOpenAfter: HALF_OPEN_AFTER_MS, breaker: new ConsecutiveBreaker(FAILURES_TO_OPEN) },
  );
  const backoff = new DelegateBackoff<IRetryBackoffContext<unknown>>(({ attempt, result }) =>
    pause(attempt, "error" in result ? result.error : undefined),
  );
  const often = retry(
    handleWhen((error) => worthRetrying(error) === "always"),
    { maxAttempts: MAX_ATTEMPTS, backoff },
  );
  const once = retry(
    handleWhen((error) => worthRetrying(error) === "once"),
    { maxAttempts: 1 },
  );
  return wrap(timeout(deadlineMs, TimeoutStrategy.Aggressive), often, once, breaker);
}
