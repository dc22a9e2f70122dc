// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SignetError } from "@signet/contract/signet-error.js";
import { expect } from "chai";
import { Enrolment } from "../../src/signer/enrolment.js";
import { CredentialsFile, type IssuedCredentials } from "../../src/signer/node-credentials.js";
import { ManualClock } from "../../../runtime/test/manual-clock.js";
import { silentLog } from "../../../runtime/test/silent-log.js";
import { TestSigner } from "./test-signer.js";

describe("enrolment", () => {
  const never = new AbortController().signal;
  let signer: TestSigner;
  let folder: string;
  let file: CredentialsFile;
  let token: string;
  let tried: string[];
  let answer: IssuedCredentials | SignetError;
  before(async () => {
    signer = await TestSigner.start({});
  });
  after(() => {
    signer.stop();
  });
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "signet-enrolment-"));
    file = new CredentialsFile(join(folder, "node.json"));
    token = "first";
    tried = [];
    answer = await signer.issue("web-1");
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  function newEnrolment(): Enrolment {
    return new Enrolment({
      file,
      joinOptions: () => {
        if (token === "") throw new SignetError("CONFIG_INVALID");
        return { address: { host: "localhost", port: 1 }, caPin: "", token };
      },
      join: (options) => {
        tried.push(options.token);
        return answer instanceof SignetError ? Promise.reject(answer) : Promise.resolve(answer);
      },
      clock: new ManualClock(1_000_000),
      log: silentLog,
    });
  }

  it("joins once, and takes what is on disk from then on", async () => {
    const joined = await newEnrolment().credentials(never);
    token = "";
    expect(await newEnrolment().credentials(never)).to.deep.equal(joined);
    expect(tried).to.deep.equal(["first"]);
  });

  it("joins again with a new token, and never tries the one it has used", async () => {
    const enrolment = newEnrolment();
    const held = await enrolment.credentials(never);
    if (held === undefined) return expect.fail("not joined");
    expect(await enrolment.again(held)).to.equal(undefined);
    expect(await newEnrolment().again(held)).to.equal(undefined);
    token = "second";
    answer = await signer.issue("web-1");
    const joined = await enrolment.again(held);
    expect(joined?.chain).to.equal(answer.chain);
    expect(await file.read()).to.deep.equal(joined);
    expect(tried).to.deep.equal(["first", "second"]);
    return undefined;
  });

  it("tries a token again that no signer judged, and no token that one refused", async () => {
    const enrolment = newEnrolment();
    const held = await signer.credentials("web-1");
    answer = new SignetError("SIGNER_UNAVAILABLE");
    await enrolment.again(held);
    answer = new SignetError("TOKEN_EXPIRED");
    await enrolment.again(held);
    expect(await enrolment.again(held)).to.equal(undefined);
    expect(tried).to.deep.equal(["first", "first"]);
    token = "second";
    await enrolment.again(held);
    expect(tried).to.deep.equal(["first", "first", "second"]);
  });

  it("is none without a token", async () => {
    token = "";
    expect(await newEnrolment().again(await signer.credentials("web-1"))).to.equal(undefined);
  });
});
