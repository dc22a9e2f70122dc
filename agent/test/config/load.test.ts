// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { joinOptionsOf } from "../../src/config/join-options.js";
import { parseCommandLine } from "@signet/runtime/command-line.js";
import { loadConfig } from "../../src/config/load.js";
import { parseHostPort } from "../../src/config/schema.js";

const PIN = "ab".repeat(32);

describe("the agent's configuration", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "signet-config-"));
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  function file(content: string): string {
    const path = join(folder, "agent.yaml");
    writeFileSync(path, content);
    return path;
  }

  async function fault(run: () => unknown): Promise<string> {
    try {
      await run();
    } catch (error) {
      const { code, message } = error as { code: string; message: string };
      return `${code} ${message}`;
    }
    return "accepted";
  }

  it("comes from a file, and the environment wins", async () => {
    const path = file("signer: {address: 'signer:8443'}\nstateDir: /run/a\nbindNetns: true\n");
    const config = await loadConfig(path, { SIGNET_STATE_DIR: "/run/b" });
    expect(config.signer.address).to.equal("signer:8443");
    expect(config.stateDir).to.equal("/run/b");
    expect(config.bindNetns).to.equal(true);
    expect(config.log.level).to.equal("info");
  });

  const bad: Record<string, [content: string, fault: RegExp]> = {
    "a key that does not exist": ["signer: {address: 'a:1', port: 1}", /^CONFIG_INVALID .*port/],
    "an address without a port": ["signer: {address: a}", /^CONFIG_INVALID .*signer\.address/],
    "no address": ["stateDir: /a", /^CONFIG_INVALID .*signer\.address/],
    "a relative state folder": [
      "{signer: {address: 'a:1'}, stateDir: a}",
      /^CONFIG_INVALID .*stateDir/,
    ],
    "a pin that is no SHA-256": [
      "{signer: {address: 'a:1'}, join: {caPin: 12ab}}",
      /^CONFIG_INVALID .*join\.caPin/,
    ],
    "a list": ["[]", /^CONFIG_INVALID .*must hold keys/],
    "no YAML": ["a: [", /^CONFIG_INVALID .*not valid YAML/],
  };
  for (const [name, [content, expected]] of Object.entries(bad)) {
    it(`is refused with ${name}`, async () => {
      expect(await fault(() => loadConfig(file(content), {}))).to.match(expected);
    });
  }

  it("is refused when its file is absent", async () => {
    expect(await fault(() => loadConfig(join(folder, "absent"), {}))).to.match(
      /^CONFIG_UNREADABLE/,
    );
  });

  it("says how to join, the token from a file or the environment and never from a flag", async () => {
    const token = join(folder, "token");
    writeFileSync(token, "secret\n");
    const text = `{signer: {address: 'a:1', attestationAddress: '[::1]:2'}, join: {caPin: ${PIN}, tokenFile: ${token}}}`;
    expect(joinOptionsOf(await loadConfig(file(text), {}))).to.deep.equal({
      address: { host: "::1", port: 2 },
      caPin: PIN,
      token: "secret",
    });
    const other = await loadConfig(file(text), { SIGNET_JOIN_TOKEN: "other" });
    expect(joinOptionsOf(other).token).to.equal("other");
    expect(await fault(() => parseCommandLine(["--join-token", "x"]))).to.match(/^USAGE/);
  });

  it("names what is missing to join", async () => {
    const config = await loadConfig(
      file("signer: {address: 'a:1', attestationAddress: 'a:2'}"),
      {},
    );
    expect(await fault(() => joinOptionsOf(config))).to.match(/^CONFIG_INVALID join\.caPin/);
  });

  it("has addresses with names, IPv4 and IPv6", () => {
    expect(parseHostPort("signer.example:443")).to.deep.equal({
      host: "signer.example",
      port: 443,
    });
    expect(parseHostPort("[fd00::1]:443")).to.deep.equal({ host: "fd00::1", port: 443 });
    expect(() => parseHostPort("a:65536")).to.throw();
  });
});
