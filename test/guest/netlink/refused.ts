// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import { NetlinkRefusal, refusedWith } from "../../../agent/src/netlink/refusal.js";

/** Expects the kernel to refuse with this errno and a sentence that holds these words. */
export async function refused(what: Promise<unknown>, errno: string, words: RegExp): Promise<void> {
  const error = await what.then(
    () => expect.fail("it was not refused"),
    (reason: unknown) => reason as Error,
  );
  const cause = error.cause instanceof NetlinkRefusal ? error.cause : undefined;
  expect(refusedWith(error), String(error)).to.equal(errno);
  expect(cause?.text, "the kernel's sentence").to.match(words);
}
