// SPDX-License-Identifier: Apache-2.0

import { ERRORS, type ErrorCode, type ErrorInfo } from "./error-codes.js";

/** One fault of one field of a document, a configuration or a request. */
export interface FieldFault {
  /** The file's name as the caller gave it; empty for a request. */
  readonly file: string;
  /** From 1; 0 when there is none. */
  readonly line: number;
  /** From 1; 0 when there is none. */
  readonly column: number;
  /** Path of the field: "spec.selectors[0].process:uid". */
  readonly field: string;
  /** What is wrong, one sentence. */
  readonly message: string;
  readonly code: ErrorCode;
}

/** Marks SignetErrors of every copy of this module: a process may hold one by import and one by require. */
const BRAND = Symbol.for("signet.v1.SignetError");

/** What a SignetError may carry beside its message. */
export interface SignetErrorOptions {
  readonly cause?: unknown;
  readonly faults?: readonly FieldFault[];
}

/**
 * Every error that Signet raises: a code of the closed set, and a sentence that says what happened.
 * The message is for peers and people alike, so it never holds a secret; `cause` stays in the process.
 */
export class SignetError extends Error {
  override readonly name = "SignetError";
  readonly [BRAND] = true;
  readonly code: ErrorCode;
  readonly faults: readonly FieldFault[];

  constructor(
    code: ErrorCode,
    message: string = ERRORS[code].sentence,
    options: SignetErrorOptions = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.faults = options.faults ?? [];
  }

  /** Of this class by its mark; of a class that extends it as ever. */
  static override [Symbol.hasInstance](value: unknown): value is SignetError {
    if (this !== SignetError) return Function.prototype[Symbol.hasInstance].call(this, value);
    return value instanceof Error && BRAND in value;
  }

  /** The line of the error table: status, exit code, help. */
  get info(): ErrorInfo {
    return ERRORS[this.code];
  }

  /** The error itself when it is a SignetError, else INTERNAL with it as the cause. */
  static from(error: unknown): SignetError {
    if (error instanceof SignetError) return error;
    return new SignetError("INTERNAL", undefined, { cause: error });
  }
}
