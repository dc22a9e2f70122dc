// SPDX-License-Identifier: Apache-2.0

import { expect } from "chai";
import { startGatedSigner, type GatedSigner } from "../gated-signer.js";
import { makeRequest } from "../certificate-requests.js";
import { TRUST_DOMAIN, workload, type JoinedNode } from "../running-signer.js";

const QUOTA = "sys/quotas/rate-limit/of-this-test";
const AT_ONCE = 60;

describe("a rate-limit quota on one mount of Vault", function () {
  this.timeout(60_000);
  let running: GatedSigner;
  let node: JoinedNode;

  before(async () => {
    running = await startGatedSigner();
    await running.signer.apply(workload("web", "web"));
    node = await running.signer.join("web-1", ["web"]);
  });

  after(() => running.stop());

  /** So many requests in so many seconds. */
  async function limit(rate: number, seconds: number): Promise<void> {
    const quota = { path: "signet-workload/", rate, interval: `${seconds}s` };
    await running.vault.operator.write(QUOTA, quota);
  }

  /** What came of requests that are made at the same time. */
  async function outcomes(count: number): Promise<Set<string>> {
    const { csr } = await makeRequest({ uris: [`spiffe://${TRUST_DOMAIN}/app/web`] });
    const entryId = await running.signer.entry("web");
    const results = await node.sign(...Array.from({ length: count }, () => ({ entryId, csr })));
    return new Set(results.map((one) => one.refusal?.code ?? (one.svid ? "signed" : "nothing")));
  }

  it("delays what is over it, and no join on another mount", async () => {
    await limit(AT_ONCE / 3, 1);
    const all = outcomes(AT_ONCE);
    await Promise.all(["a", "b", "c", "d"].map((name) => running.signer.join(`during-${name}`)));
    expect([...(await all)]).to.deep.equal(["signed"]);
  });

  it("refuses at once what Vault asks to wait too long for, and is no outage", async () => {
    const headers = { enable_rate_limit_response_headers: true };
    await running.vault.operator.write("sys/quotas/config", headers);
    await limit(1, 3_600);
    await outcomes(1);
    expect([...(await outcomes(AT_ONCE))]).to.deep.equal(["VAULT_UNAVAILABLE"]);
    await running.signer.join("meanwhile");
    await running.vault.operator.write(QUOTA, { path: "signet-control/", rate: 1_000 });
    expect([...(await outcomes(1))]).to.deep.equal(["signed"]);
  });
});
