// SPDX-License-Identifier: Apache-2.0

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { SignetError } from "@signet/contract";
import { configurationReference } from "@signet/runtime/configuration-reference.js";
import { loadConfig } from "../../src/config/load.js";
import { DOCUMENTED } from "../../src/config/schema.js";

const GOOD = {
  trustDomain: "example.org",
  vault: {
    address: "https://vault.example.org:8200",
    signing: { roleIdFile: "/etc/a", secretIdFile: "/etc/b" },
    revocation: { roleIdFile: "/etc/c", wrappedSecretIdFile: "/etc/d" },
  },
};

describe("the configuration", () => {
  let folder: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "signet-config-"));
  });

  after(() => {
    rmSync(folder, { recursive: true });
  });

  function load(content: unknown, env: NodeJS.ProcessEnv = {}) {
    const file = join(folder, "signer.yaml");
    writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
    return loadConfig(file, env);
  }

  async function fault(content: unknown, env: NodeJS.ProcessEnv = {}): Promise<string> {
    try {
      await load(content, env);
      return "none";
    } catch (error) {
      return error instanceof SignetError ? `${error.code} ${error.message}` : String(error);
    }
  }

  it("comes from a file, JSON or YAML, and the environment, which wins", async () => {
    expect((await load(GOOD)).listen.nodes).to.equal("0.0.0.0:8443");
    const yaml = JSON.stringify({ vault: GOOD.vault }).slice(1, -1);
    expect((await load(`{trustDomain: a.test, ${yaml}}`)).trustDomain).to.equal("a.test");
    const named = await load(GOOD, { SIGNET_TRUST_DOMAIN: "b.test", SIGNET_NODE_TTL: "600" });
    expect(named.trustDomain).to.equal("b.test");
    expect(named.certificates.nodeTtl).to.equal(600);
  });

  const cases: [string, object, RegExp][] = [
    ["an unknown key", { ...GOOD, colour: "red" }, /colour/],
    ["an unknown key inside another", { ...GOOD, listen: { colour: "red" } }, /listen\.colour/],
    ["a bad trust domain", { ...GOOD, trustDomain: "Example Org" }, /trustDomain/],
    ["a missing trust domain", { vault: GOOD.vault }, /trustDomain/],
    ["a number out of range", { ...GOOD, certificates: { nodeTtl: 1 } }, /certificates\.nodeTtl/],
    [
      "a limit that refuses every whole call",
      { ...GOOD, limits: { signaturesInFlightPerNode: 63 } },
      /limits\.signaturesInFlightPerNode/,
    ],
    [
      "a deadline for which agents don't wait",
      { ...GOOD, vault: { ...GOOD.vault, deadlineMs: 15_000 } },
      /vault\.deadlineMs/,
    ],
    [
      "heartbeats too far apart for agents",
      { ...GOOD, sync: { heartbeatSeconds: 16 } },
      /sync\.heartbeatSeconds/,
    ],
    [
      "a string for a number",
      { ...GOOD, sync: { heartbeatSeconds: "x" } },
      /sync\.heartbeatSeconds/,
    ],
    ["a bad address", { ...GOOD, listen: { nodes: "8443" } }, /listen\.nodes/],
    [
      "plain http",
      { ...GOOD, vault: { ...GOOD.vault, address: "http://vault:8200" } },
      /vault\.address/,
    ],
    [
      "no SecretID",
      { ...GOOD, vault: { ...GOOD.vault, signing: { roleIdFile: "a" } } },
      /vault\.signing/,
    ],
    ["a list", [], /must hold keys/],
  ];
  for (const [what, content, message] of cases) {
    it(`names the key of ${what}`, async () => {
      expect(await fault(content))
        .to.match(/^CONFIG_INVALID /)
        .and.match(message);
    });
  }

  it("says when its file can't be read or is no YAML", async () => {
    expect(await fault("a: [")).to.match(/^CONFIG_INVALID .*signer\.yaml/);
    const missing = await loadConfig(join(folder, "missing"), {}).catch((error: unknown) => error);
    expect(missing).to.be.instanceOf(SignetError).with.property("code", "CONFIG_UNREADABLE");
  });

  it("is documented, key by key, in docs/configuration-signer.md", () => {
    const page = new URL("../../../docs/configuration-signer.md", import.meta.url);
    expect(readFileSync(page, "utf8")).to.equal(configurationReference(DOCUMENTED));
  });
});
