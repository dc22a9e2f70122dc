// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SignetError } from "@signet/contract/signet-error.js";
import { expect } from "chai";
import { KernelSide, type AgentModule } from "../src/kernel-side.js";
import type { ModuleListener } from "../src/netlink/kernel-module.js";
import { refusal } from "../src/netlink/refusal.js";
import { ManualClock } from "../../runtime/test/manual-clock.js";
import { silentLog } from "../../runtime/test/silent-log.js";

const ENOBUFS = 105;

describe("the kernel's side of an agent", () => {
  const clock = new ManualClock(1_000_000);
  let stateDir: string;
  let closed: boolean;
  beforeEach(async () => {
    stateDir = await mkdtemp(join(tmpdir(), "signet-kernel-side-"));
    closed = false;
  });
  afterEach(async () => {
    await rm(stateDir, { recursive: true });
  });

  function open(module: Partial<AgentModule>, onConnect?: (listener: ModuleListener) => void) {
    const close = () => {
      closed = true;
    };
    return KernelSide.open({
      config: { stateDir, bindNetns: false },
      connect: (listener) => {
        onConnect?.(listener);
        return Promise.resolve({ close, ...module } as AgentModule);
      },
      hostMountNs: 1,
      clock,
      log: silentLog,
    });
  }

  for (const code of ["NETLINK_BUSY", "MODULE_ABI", "PERMISSION_DENIED"] as const) {
    it(`leaves no socket open, which would keep the process alive, after ${code}`, async () => {
      const register = () => Promise.reject(new SignetError(code));
      expect(await open({ register }).catch((e: unknown) => e)).to.include({ code });
      expect(closed).to.equal(true);
    });
  }

  it("outlives messages that are lost while it asks what was lost", async () => {
    let listener: ModuleListener = {};
    let lists = 0;
    const side = await open(
      {
        register: () => Promise.resolve({}),
        identities: () => {
          if (++lists !== 2) return Promise.resolve([]);
          listener.onOverrun?.();
          return Promise.reject(refusal("recvfrom", ENOBUFS, undefined));
        },
      },
      (given) => {
        listener = given;
      },
    );
    listener.onOverrun?.();
    await clock.advance(60_000);
    expect(lists).to.equal(3);
    side.close();
    expect(clock.due).to.deep.equal([]);
  });
});
