// SPDX-License-Identifier: Apache-2.0
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { repositoryRoot } from "../../tools/setup/cache.mjs";
import type { ControlPlane } from "./control-plane.js";
import type { Host, Program } from "./host.js";
import { until } from "./until.js";

/** What a node is made of. */
export interface NodeParts {
  readonly host: Host;
  readonly control: ControlPlane;
  readonly trustDomain: string;
  /** Address at which the host reaches the signer. */
  readonly signerAddress: string;
  /** A folder that the host sees. */
  readonly folder: string;
  /** True when the agent is for the host's network namespace only. */
  readonly bindNetns: boolean;
}

/** A host with the module loaded, and its agent. */
export class Node {
  readonly host: Host;
  readonly #parts: NodeParts;
  #agent: Program | undefined;

  constructor(parts: NodeParts) {
    this.host = parts.host;
    this.#parts = parts;
  }

  /** Joins the node: makes a token, writes the agent's configuration, starts the agent. */
  async join(): Promise<void> {
    const { control, host, folder, signerAddress, bindNetns } = this.#parts;
    const { token, caSha256 } = await control.signetJson<{ token: string; caSha256: string }>(
      ...["token", "create", "--node", host.name, "--group", host.name],
    );
    const own = join(folder, host.name);
    await mkdir(own, { recursive: true, mode: 0o700 });
    await writeFile(join(own, "token"), token, { mode: 0o600 });
    const config = {
      signer: {
        address: `${signerAddress}:${String(control.nodePort)}`,
        attestationAddress: `${signerAddress}:${String(control.attestationPort)}`,
      },
      join: { caPin: caSha256, tokenFile: join(own, "token") },
      stateDir: bindNetns ? join(own, "state") : "/var/lib/signet",
      bindNetns,
    };
    await writeFile(join(own, "agent.json"), JSON.stringify(config), { mode: 0o600 });
    await this.startAgent();
  }

  /** Starts the agent and waits until the signer sees it. */
  async startAgent(): Promise<void> {
    const { control, host, folder } = this.#parts;
    const agent = await host.start([
      process.execPath,
      join(repositoryRoot, "agent/bundle/main.js"),
      "--config",
      join(folder, host.name, "agent.json"),
    ]);
    this.#agent = agent;
    const agentState = { ended: false };
    void agent.ended.then(() => (agentState.ended = true));
    try {
      await until(`the agent of ${host.name} is at work`, () => {
        return agentState.ended || this.log().includes("agent registered");
      });
      const connected = async () => {
        const nodes = await control.nodes();
        return agentState.ended || nodes.some((node) => node.id === host.name && node.connected);
      };
      await until(`the agent of ${host.name} is connected`, connected, 180_000, 500);
      if (agentState.ended) throw new Error(`the agent of ${host.name} ended`);
    } catch (cause) {
      throw new Error(`the agent of ${host.name} says:\n${this.log()}`, { cause });
    }
  }

  /** Kills the agent with SIGKILL, and waits until it is gone. */
  async killAgent(): Promise<void> {
    const agent = this.#agent;
    if (agent === undefined) return;
    this.#agent = undefined;
    await agent.kill("SIGKILL");
    await agent.ended;
  }

  /** Runs something while the agent stands still: it answers when that is over. */
  async withoutAnswers<T>(work: () => Promise<T>): Promise<T> {
    await this.#agent?.kill("SIGSTOP");
    try {
      return await work();
    } finally {
      await this.#agent?.kill("SIGCONT");
    }
  }

  /** What the agent has logged since it was last started. */
  log(): string {
    const { stdout, stderr } = this.#agent?.output() ?? { stdout: "", stderr: "" };
    return stdout + stderr;
  }

  /** Runs `signet … --json` on the node, which must succeed. */
  async signetJson<T>(...args: string[]): Promise<T> {
    const cli = join(repositoryRoot, "cli/bundle/main.js");
    const argv = [process.execPath, cli, ...args, "--json"];
    const { status, stdout, stderr } = await this.host.run(argv);
    if (status !== 0) throw new Error(`signet ${args.join(" ")}: ${stderr}`);
    return JSON.parse(stdout) as T;
  }
}
