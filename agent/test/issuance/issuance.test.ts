// SPDX-License-Identifier: Apache-2.0
import type { messages } from "@signet/contract";
import { SignetError } from "@signet/contract/signet-error.js";
import { expect } from "chai";
import { Issuance } from "../../src/issuance/issuance.js";
import { refusal as kernelRefusal } from "../../src/netlink/refusal.js";
import { ManualClock, settle } from "../../../runtime/test/manual-clock.js";
import { silentLog } from "../../../runtime/test/silent-log.js";

const START = 1_000_000_000_000;
const LIFE = 3600;
const ENOMEM = 12;
const EAGAIN = 11;
const ESTALE = 116;
const ENOKEY = 126;
const EALREADY = 114;

/** Issuance with its two neighbours written down: what the kernel is told, what the signer says. */
function setUp(random?: () => number) {
  const clock = new ManualClock(START, random);
  const kernel: string[] = [];
  const answers: (messages.SvidResult | Error)[] = [];
  let installError: Error | undefined;
  let renewError: Error | undefined;
  let refuseError: Error | undefined;
  const warnings: string[] = [];
  const issuance = new Issuance({
    module: {
      installSvid: ({ id, generation }) => {
        kernel.push(`install ${String(id)}/${String(generation)}`);
        return installError === undefined ? Promise.resolve() : Promise.reject(installError);
      },
      refuseSvid: ({ id, refusal, retryAfterMs, pending }) => {
        const when = pending === true ? "pending" : retryAfterMs === 0 ? "" : "later";
        kernel.push(`refuse ${String(id)} ${String(refusal)} ${when}`.trim());
        return refuseError === undefined ? Promise.resolve() : Promise.reject(refuseError);
      },
      renewSvid: (id) => {
        kernel.push(`renew ${String(id)}`);
        return renewError === undefined ? Promise.resolve() : Promise.reject(renewError);
      },
    },
    sign: () => {
      const answer = answers.shift() ?? signed(clock.now());
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
    clock,
    log: {
      ...silentLog,
      warn: (_fields: unknown, message?: string) => {
        warnings.push(String(message));
      },
    },
  });
  const failInstall = (errno: number | undefined, text?: string) => {
    installError = errno === undefined ? undefined : kernelRefusal("svidInstall", errno, text);
  };
  const failRenewal = (errno: number | undefined) => {
    renewError = errno === undefined ? undefined : kernelRefusal("svidRenew", errno, undefined);
  };
  const failRefusal = (errno: number) => {
    refuseError = kernelRefusal("svidRefuse", errno, undefined);
  };
  const fail = { failInstall, failRenewal, failRefusal };
  return { clock, kernel, answers, warnings, issuance, ...fail };
}

function signed(now: number): messages.SvidResult {
  const issuedAt = Math.floor(now / 1000);
  return {
    result: "svid",
    svid: {
      spiffeId: "spiffe://demo.test/web",
      chain: [Buffer.from("leaf")],
      serial: "01",
      notBefore: String(issuedAt - 30),
      notAfter: String(issuedAt + LIFE),
      issuedAt: String(issuedAt),
    },
  };
}

function refused(code: string, retryable: boolean): messages.SvidResult {
  return { result: "refusal", refusal: { code, message: "", retryable } };
}

const event = (generation: number, id = 1) => ({
  id,
  generation,
  spiffeId: "spiffe://demo.test/web",
  entryId: "web",
  csr: Buffer.from("csr"),
});

describe("issuance", () => {
  it("installs what the signer signed, and renews before half of its life", async () => {
    const { clock, kernel, issuance } = setUp(() => 0.999);
    issuance.request(event(1));
    await settle();
    expect(kernel).to.deep.equal(["install 1/1"]);
    await clock.advance((LIFE * 1000) / 3);
    expect(kernel).to.have.length(1);
    await clock.advance((LIFE * 1000) / 2 - (LIFE * 1000) / 3);
    expect(kernel[1]).to.equal("renew 1");
  });

  it("draws the moment once for each certificate", async () => {
    const drawn: number[] = [];
    const { clock, issuance } = setUp(() => {
      drawn.push(0.25);
      return 0.25;
    });
    issuance.request(event(1));
    await settle();
    const before = drawn.length;
    const [at] = clock.due;
    await clock.advance(((at ?? 0) - clock.now()) / 2);
    expect(drawn).to.have.length(before);
    expect(clock.due).to.deep.equal([at]);
  });

  it("keeps trying a renewal while the old certificate serves", async () => {
    const { clock, kernel, answers, issuance } = setUp();
    issuance.request(event(1));
    await settle();
    for (let i = 0; i < 6; i++) answers.push(new SignetError("SIGNER_UNAVAILABLE"));
    issuance.request(event(2));
    await clock.advance(60_000);
    expect(kernel).to.deep.equal(["install 1/1", "install 1/2"]);
  });

  it("lets connections fail after a few attempts when there is no certificate yet", async () => {
    const { clock, kernel, answers, issuance } = setUp();
    for (let i = 0; i < 3; i++) answers.push(refused("VAULT_UNAVAILABLE", true));
    issuance.request(event(1));
    await clock.advance(5000);
    expect(kernel).to.deep.equal(["refuse 1 VAULT_UNAVAILABLE later"]);
  });

  it("passes a final refusal on, and asks again when something changed", async () => {
    const { clock, kernel, answers, issuance } = setUp();
    answers.push(refused("ENTRY_NOT_ON_NODE", false));
    issuance.request(event(1));
    await clock.advance(3_600_000);
    expect(kernel).to.deep.equal(["refuse 1 ENTRY_NOT_ON_NODE"]);
    issuance.reconsider();
    await settle();
    expect(kernel.at(-1)).to.equal("renew 1");
  });

  it("tries a renewal again that only a fault of signer or Vault refused", async () => {
    const { clock, kernel, answers, issuance } = setUp();
    issuance.request(event(1));
    await settle();
    for (const code of ["VAULT_DENIED", "VAULT_REFUSED", "VAULT_BAD_CERTIFICATE", "INTERNAL"]) {
      answers.push(refused(code, false));
    }
    issuance.request(event(2));
    await clock.advance(60_000);
    expect(answers.length, "with the largest delay").to.be.within(1, 2);
    await clock.advance(60_000);
    expect(kernel).to.deep.equal(["install 1/1", "install 1/2"]);
  });

  it("lets connections fail at once without a certificate, but not for good", async () => {
    const { kernel, answers, issuance } = setUp();
    answers.push(refused("VAULT_DENIED", false));
    issuance.request(event(1));
    await settle();
    expect(kernel).to.deep.equal(["refuse 1 VAULT_DENIED later"]);
  });

  it("drops a certificate that the kernel no longer waits for", async () => {
    const { clock, kernel, issuance, failInstall } = setUp();
    failInstall(ESTALE);
    issuance.request(event(1));
    await clock.advance(60_000);
    expect(kernel).to.deep.equal(["install 1/1"]);
  });

  it("withdraws what the kernel rejects, and asks for a new request", async () => {
    const { clock, kernel, issuance, failInstall } = setUp();
    failInstall(129, "the certificate is for another key");
    issuance.request(event(1));
    await clock.advance(1000);
    expect(kernel).to.deep.equal(["install 1/1", "refuse 1 NETLINK_REFUSED later", "renew 1"]);
  });

  it("offers a certificate that is not valid yet until the clock is right, and says so once", async () => {
    const { clock, kernel, warnings, issuance, failInstall } = setUp();
    failInstall(EAGAIN);
    issuance.request(event(1));
    await clock.advance(60_000);
    const tries = kernel.filter((line) => line === "install 1/1");
    expect(tries.length).to.be.greaterThan(5);
    expect(kernel.filter((line) => line !== "install 1/1")).to.deep.equal(
      tries.map(() => "refuse 1 SVID_NOT_YET_VALID pending"),
    );
    expect(warnings).to.have.length(1);
    failInstall(undefined);
    await clock.advance(10_000);
    expect(kernel.slice(2 * tries.length)).to.deep.equal(["install 1/1"]);
    await clock.advance((LIFE * 1000) / 2);
    expect(kernel.at(-1), "and renews it in time").to.equal("renew 1");
  });

  it("offers a certificate at once when the policy changed", async () => {
    const { kernel, issuance, failInstall } = setUp();
    failInstall(ENOKEY);
    issuance.request(event(1));
    await settle();
    failInstall(undefined);
    issuance.offerAgain();
    await settle();
    expect(kernel).to.deep.equal(["install 1/1", "refuse 1 SVID_CHAIN pending", "install 1/1"]);
  });

  it("has another certificate signed when no root comes for one", async () => {
    const { clock, kernel, issuance, failInstall } = setUp();
    failInstall(ENOKEY);
    issuance.request(event(1));
    await clock.advance(90_000);
    const last = kernel.filter((line) => !/install|pending/.test(line));
    expect(last.slice(0, 2)).to.deep.equal(["refuse 1 SVID_CHAIN later", "renew 1"]);
    failInstall(undefined);
    issuance.request(event(2));
    await settle();
    expect(kernel.at(-1)).to.equal("install 1/2");
  });

  it("withdraws a certificate that expired before the kernel could take it", async () => {
    const { clock, kernel, issuance, failInstall } = setUp();
    failInstall(ENOMEM);
    issuance.request(event(1));
    await clock.advance((LIFE + 60) * 1000);
    const last = kernel.filter((line) => !/install|pending/.test(line));
    expect(last.slice(0, 2)).to.deep.equal(["refuse 1 SVID_EXPIRED later", "renew 1"]);
  });

  it("offers no more what a newer request has made useless", async () => {
    const { clock, kernel, issuance, failInstall } = setUp();
    failInstall(EAGAIN);
    issuance.request(event(1));
    await settle();
    failInstall(undefined);
    issuance.request(event(2));
    await clock.advance(60_000);
    expect(kernel.slice(2)).to.deep.equal(["install 1/2"]);
  });

  it("offers nothing more once it was stopped", async () => {
    const { clock, kernel, issuance, failInstall } = setUp();
    failInstall(EAGAIN);
    issuance.request(event(1));
    await settle();
    issuance.stop();
    await clock.advance(60_000);
    expect(kernel).to.have.length(2);
    expect(clock.due).to.deep.equal([]);
  });

  it("asks the kernel anew when it could not tell it that there is no certificate", async () => {
    const { clock, kernel, answers, issuance, failRefusal } = setUp();
    answers.push(refused("VAULT_DENIED", false));
    failRefusal(ENOMEM);
    issuance.request(event(1));
    await clock.advance(5000);
    expect(kernel).to.deep.equal(["refuse 1 VAULT_DENIED later", "renew 1"]);
    issuance.request(event(1));
    await settle();
    expect(kernel.at(-1)).to.equal("install 1/1");
  });

  it("has a request signed once, though the kernel sends it again", async () => {
    const { clock, kernel, answers, issuance } = setUp();
    answers.push(new SignetError("SIGNER_UNAVAILABLE"));
    issuance.request(event(1));
    await settle();
    issuance.request(event(1));
    await clock.advance(10_000);
    expect(kernel).to.deep.equal(["install 1/1"]);
  });

  it("takes the request that the kernel sends again when one waits that it lost", async () => {
    const { clock, kernel, issuance, failRenewal } = setUp();
    failRenewal(EALREADY);
    issuance.resume([{ id: 1, generation: 3, pending: true }]);
    await clock.advance(5000);
    expect(kernel).to.deep.equal(["renew 1"]);
    issuance.request(event(3));
    await clock.advance(60_000);
    expect(kernel).to.deep.equal(["renew 1", "install 1/3"]);
  });

  it("signs only the newest request of an identity", async () => {
    const { clock, kernel, answers, issuance } = setUp();
    answers.push(new SignetError("SIGNER_UNAVAILABLE"));
    issuance.request(event(1));
    await settle();
    issuance.request(event(2));
    await clock.advance(10_000);
    expect(kernel).to.deep.equal(["install 1/2"]);
  });

  it("asks the kernel again when a request got lost", async () => {
    const { clock, kernel, issuance } = setUp();
    issuance.request(event(1));
    await settle();
    await clock.advance((LIFE * 1000) / 2);
    expect(kernel.filter((line) => line === "renew 1").length).to.be.greaterThan(1);
  });

  it("replaces a certificate that was revoked, and leaves the moments of others alone", async () => {
    const { clock, kernel, issuance } = setUp();
    const now = BigInt(START / 1000);
    const other = { id: 2, notBefore: now, notAfter: now + 3600n };
    issuance.resume([{ id: 1, notBefore: now, notAfter: now + 3600n }, other]);
    const [, drawn] = clock.due;
    issuance.resume([{ id: 1, notBefore: now, notAfter: now + 3600n, revoked: true }, other]);
    expect(clock.due).to.deep.equal([drawn]);
    issuance.reconsider();
    await settle();
    expect(kernel).to.deep.equal(["renew 1"]);
  });

  it("replaces the certificates of an entry whose lifetime changed, and no others", async () => {
    const { clock, kernel, issuance } = setUp();
    issuance.request(event(1));
    issuance.request({ ...event(1, 2), entryId: "other" });
    await settle();
    issuance.replace(new Set(["web"]));
    await clock.advance(5000);
    expect(kernel.slice(2)).to.deep.equal(["renew 1"]);
  });

  it("replaces a certificate that was being signed when its lifetime changed", async () => {
    const { clock, kernel, issuance } = setUp();
    issuance.request(event(1));
    issuance.replace(new Set(["web"]));
    await settle();
    await clock.advance(5000);
    expect(kernel).to.deep.equal(["install 1/1", "renew 1"]);
  });

  it("resumes after a restart: certificates in force by their time, what waits at once", async () => {
    const { clock, kernel, issuance } = setUp();
    const now = BigInt(START / 1000);
    issuance.resume([
      { id: 1, notBefore: now - 100n, notAfter: now + 3500n },
      { id: 2, notBefore: now - 3000n, notAfter: now + 600n },
      { id: 3, pending: true },
      { id: 4, notBefore: now - 3000n, notAfter: now + 600n, revoked: true },
    ]);
    await clock.advance(5000);
    expect(kernel).to.have.members(["renew 2", "renew 3"]);
    await clock.advance(1_800_000 - 100_000);
    expect(kernel).to.include("renew 1");
    expect(kernel).to.not.include("renew 4");
  });
});
