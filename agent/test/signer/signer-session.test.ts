// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ServerUnaryCall, ServerWritableStream } from "@grpc/grpc-js";
import {
  peerSvid,
  SignetError,
  toGrpcStatus,
  type ErrorCode,
  type messages,
} from "@signet/contract";
import { systemClock } from "@signet/runtime/clock.js";
import { expect } from "chai";
import { CredentialsFile, type NodeCredentials } from "../../src/signer/node-credentials.js";
import { SignerSession } from "../../src/signer/signer-session.js";
import type { PolicyTarget } from "../../src/sync/kernel-policy.js";
import { StateStore } from "../../src/sync/state-store.js";
import { SnapshotFile } from "../../src/sync/snapshot-file.js";
import { silentLog } from "../../../runtime/test/silent-log.js";
import { Errno, FakeKernel } from "../sync/fake-kernel.js";
import { ban, change, entry, snapshot, update } from "../sync/states.js";
import { TestSigner } from "./test-signer.js";

const MINUTE = 60_000;

describe("a session with a signer", () => {
  let signer: TestSigner;
  let folder: string;
  /** Serials that the signer takes no more, and with which code. */
  let rejected: Map<string, ErrorCode>;
  let followed: (serial: string) => void;
  /** What it sends on each stream. */
  let sent: readonly messages.SyncUpdateInput[];
  before(async () => {
    signer = await TestSigner.start({
      Sync: (call: ServerWritableStream<unknown, messages.SyncUpdateInput>) => {
        const { serial } = peerSvid(call.getAuthContext());
        const code = rejected.get(serial);
        if (code !== undefined) {
          call.emit("error", toGrpcStatus(new SignetError(code)));
          return;
        }
        for (const one of sent) call.write(one);
        followed(serial);
      },
      RenewNodeCertificate: (
        _call: ServerUnaryCall<unknown, unknown>,
        done: (e: object) => void,
      ) => {
        done(toGrpcStatus(new SignetError("VAULT_UNAVAILABLE")));
      },
    });
  });
  after(() => {
    signer.stop();
  });
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "signet-session-"));
    rejected = new Map();
    sent = [update(1, { snapshot: snapshot() })];
    followed = () => undefined;
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  function newSession(
    held: NodeCredentials,
    joined: NodeCredentials,
    module: PolicyTarget = new FakeKernel(),
  ): SignerSession {
    const nothing = () => Promise.resolve();
    const store = new StateStore({
      module,
      file: new SnapshotFile(join(folder, "snapshot.json")),
      onStep: nothing,
      log: silentLog,
    });
    return new SignerSession(held, {
      address: signer.address,
      file: new CredentialsFile(join(folder, "node.json")),
      enrolment: { again: () => Promise.resolve(joined) },
      store,
      clock: systemClock,
      log: silentLog,
    });
  }

  /** The serial with which a session of `held` comes to follow, when it may join as `joined`. */
  async function follows(held: NodeCredentials, joined: NodeCredentials): Promise<string> {
    const session = newSession(held, joined);
    const stop = new AbortController();
    const serial = new Promise<string>((resolve) => {
      followed = resolve;
    });
    const end = session.run(stop.signal);
    try {
      return await serial;
    } finally {
      stop.abort();
      await end;
    }
  }

  for (const code of ["NODE_SERIAL_STALE", "NODE_UNKNOWN"] as const) {
    it(`joins again when a signer answers ${code}`, async () => {
      const [held, joined] = [await signer.credentials("a"), await signer.credentials("a")];
      rejected.set(signer.serialOf(held), code);
      expect(await follows(held, joined)).to.equal(signer.serialOf(joined));
    });
  }

  it("joins again when its certificate has expired", async () => {
    const notAfter = new Date(Date.now() - 10 * MINUTE);
    const notBefore = new Date(Date.now() - 30 * MINUTE);
    const held = await signer.credentials("a", "", { notBefore, notAfter });
    const joined = await signer.credentials("a");
    expect(await follows(held, joined)).to.equal(signer.serialOf(joined));
  });

  it("keeps its certificate while signers take it", async () => {
    const [held, joined] = [await signer.credentials("a"), await signer.credentials("a")];
    expect(await follows(held, joined)).to.equal(signer.serialOf(held));
  });

  it("takes revocations, on the same stream, after a state that the kernel refuses", async () => {
    const held = await signer.credentials("a");
    const revocationsAdded = [ban("1", "/web")];
    sent = [
      update(1, { snapshot: snapshot() }),
      update(2, { change: change({ entriesSet: [entry("b")] }) }),
      update(3, { change: change({ revocationsAdded }) }),
    ];
    let streams = 0;
    followed = () => {
      streams++;
    };
    const kernel = new FakeKernel();
    let revoke: (what: unknown) => void = () => undefined;
    const revoked = new Promise<unknown>((resolve) => {
      revoke = resolve;
    });
    kernel.refuses = ({ base, revocation, ...rest }) => {
      if (revocation !== undefined && Object.keys(rest).length === 0) revoke(revocation);
      return base === undefined ? undefined : Errno.E2BIG;
    };
    const session = newSession(held, held, kernel);
    const stop = new AbortController();
    const end = session.run(stop.signal);
    expect(await revoked).to.deep.equal([{ id: 1n, spiffeId: "spiffe://demo.test/web" }]);
    expect(streams).to.equal(1);
    stop.abort();
    await end;
  });
});
