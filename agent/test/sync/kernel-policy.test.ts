// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import { refusal } from "../../src/netlink/refusal.js";
import { enforceRevocations, type PolicyTarget } from "../../src/sync/kernel-policy.js";
import { silentLog } from "../silent-log.js";
import { ban } from "./states.js";

const Errno = { ENOMEM: 12, EINVAL: 22 } as const;

/** A kernel that refuses revocations with certain IDs, and takes all of a message or none. */
function setUp(refused: readonly bigint[], errno: number) {
  const taken: bigint[] = [];
  const logged: unknown[] = [];
  const module: Pick<PolicyTarget, "revoke"> = {
    revoke: ({ revocation = [] }) => {
      const ids = revocation.map(({ id = 0n }) => id);
      if (ids.some((id) => refused.includes(id))) {
        return Promise.reject(refusal("revoke", errno, "no"));
      }
      taken.push(...ids);
      return Promise.resolve(0);
    },
  };
  const log = {
    ...silentLog,
    error: ({ revocation }: { revocation: string }) => logged.push(revocation),
  };
  const enforce = (count: number) =>
    enforceRevocations(
      module,
      Array.from({ length: count }, (_, i) => ban(String(i), "/x".repeat(500))),
      log,
    );
  return { taken, logged, enforce };
}

describe("revocations for the kernel", () => {
  it("are taken, but for those that it refuses for what they say", async () => {
    const { taken, logged, enforce } = setUp([2n, 79n], Errno.EINVAL);
    const returned = await enforce(80);
    const sound = Array.from({ length: 80 }, (_, i) => BigInt(i)).filter(
      (id) => id !== 2n && id !== 79n,
    );
    expect(taken).to.deep.equal(sound);
    expect(returned.map(({ id }) => BigInt(id))).to.deep.equal(sound);
    expect(logged).to.deep.equal(["2", "79"]);
  });

  it("are tried again, all of them, when the kernel had no memory for one", async () => {
    const { logged, enforce } = setUp([2n], Errno.ENOMEM);
    const error: unknown = await enforce(3).catch((e: unknown) => e);
    expect(error).to.have.property("code", "NETLINK_REFUSED");
    expect(logged).to.deep.equal([]);
  });
});
