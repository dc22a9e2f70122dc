// SPDX-License-Identifier: Apache-2.0

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { SignetError } from "@signet/contract";
import { loadConfig } from "../../src/config/load.js";
import { configurationReference } from "../../src/config/reference.js";

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

  function fault(content: unknown, env: NodeJS.ProcessEnv = {}): string {
    try {
      load(content, env);
      return "none";
    } catch (error) {
      return error instanceof SignetError ? `${error.code} ${error.message}` : String(error);
    }
  }

  it("comes from a file, JSON or YAML, and the environment, which wins", () => {
    expect(load(GOOD).listen.nodes).to.equal("0.0.0.0:8443");
    const yaml = JSON.stringify({ vault: GOOD.vault }).slice(1, -1);
    expect(load(`{trustDomain: a.test, ${yaml}}`).trustDomain).to.equal("a.test");
    expect(load(GOOD, { SIGNET_TRUST_DOMAIN: "b.test" }).trustDomain).to.equal("b.test");
    expect(load(GOOD, { SIGNET_NODE_TTL: "600" }).certificates.nodeTtl).to.equal(600);
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
    it(`names the key of ${what}`, () => {
      expect(fault(content))
        .to.match(/^CONFIG_INVALID /)
        .and.match(message);
    });
  }

  it("says when its file can't be read or is no YAML", () => {
    expect(fault("a: [")).to.match(/^CONFIG_INVALID .*signer\.yaml/);
    const missing = () => loadConfig(join(folder, "missing"), {});
    expect(missing).to.throw(SignetError).with.property("code", "CONFIG_UNREADABLE");
  });

  it("is documented, key by key, in docs/configuration-signer.md", () => {
    const page = new URL("../../../docs/configuration-signer.md", import.meta.url);
    expect(readFileSync(page, "utf8")).to.equal(configurationReference());
  });
});
