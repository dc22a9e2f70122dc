// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import { kernelProblem } from "../kernel-log.js";

const REPORTS = [
  "[    4.1] BUG: KASAN: slab-use-after-free in signet_close+0x12/0x40 [signet]",
  "[    4.1] WARNING: CPU: 0 PID: 1 at net/core/sock.c:1 sk_free+0x1/0x2",
  "[    4.1] WARNING: possible circular locking dependency detected",
  "[    4.1] Oops: 0002 [#1] PREEMPT SMP",
  "[    4.1] Kernel panic - not syncing: Fatal exception",
  "[    4.1] INFO: task curl:77 blocked for more than 240 seconds.",
  "[    4.1] rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:",
  "[    4.1] UBSAN: shift-out-of-bounds in core/der.c:12:3",
  "[    4.1] refcount_t: underflow; use-after-free.",
  "[    4.1] kmemleak: 3 new suspected memory leaks (see /sys/kernel/debug/kmemleak)",
  "[    4.1] BUG: sleeping function called from invalid context at mm/slab.h:1",
  "[    4.1] unregister_netdevice: waiting for lo to become free. Usage count = 2",
];

describe("kernelProblem", () => {
  for (const report of REPORTS) {
    it(`sees ${JSON.stringify(report.slice(10))}`, () => {
      expect(kernelProblem(`[    1.0] fine\n${report}\n[    4.2] more`)).to.equal(
        `${report}\n[    4.2] more`,
      );
    });
  }

  it("sees nothing in a healthy log", () => {
    const lines = [
      "[    0.9] mtrr: your CPUs had inconsistent fixed MTRR settings",
      "[    5.0] signet: loading out-of-tree module taints kernel.",
      "[    6.0] signet: debug build: keys are predictable",
    ];
    expect(kernelProblem(lines.join("\n"))).to.equal(undefined);
  });
});
