// SPDX-License-Identifier: Apache-2.0

import { SignetError } from "@signet/contract";

/** The code that a promise is refused with. */
export async function refusal(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return "not refused";
  } catch (error) {
    return error instanceof SignetError ? error.code : String(error);
  }
}
