// SPDX-License-Identifier: Apache-2.0
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir, uptime } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { repositoryRoot } from "../../tools/setup/cache.mjs";
import { kernelProblem } from "../vm/kernel-log.js";
import { bare, plainAddress, protectedAddress } from "./addresses.js";
import type { Host, Machines } from "./host.js";
import { loadCommand, unloadCommand } from "./module.js";
import { NamespacePrograms } from "./namespace-programs.js";

const exec = promisify(execFile);

/*
 *   web ──eth0──┐                            10.77.0.0/24 protected, 192.168.77.0/24 not
 *   client ─eth0┼── bridge in netns "wire"
 *   outsider ───┘
 *     └─eth1── bridge on this machine ── signer   10.78.0.0/24
 */

/**
 * Hosts as network namespaces of this machine, which share its kernel. Needs root.
 *
 * @param modulePath signet.ko for this machine's kernel.
 */
export async function startNamespaces(
  names: readonly string[],
  modulePath: string,
): Promise<Machines> {
  const lab = new Namespaces(`sgn${String(process.pid)}`, modulePath);
  try {
    await lab.build(names);
  } catch (error) {
    await lab.stop();
    throw error;
  }
  return lab;
}

class Namespaces implements Machines {
  readonly hosts = new Map<string, Host>();
  readonly gatewayAddress = "10.78.0.254";
  readonly serverAddress = "10.78.0.254";
  readonly ownKernels = false;
  readonly #prefix: string;
  readonly #modulePath: string;
  readonly #startedAt = uptime();
  readonly #programs = new NamespacePrograms();
  #loaded = false;

  constructor(prefix: string, modulePath: string) {
    this.#prefix = prefix;
    this.#modulePath = modulePath;
  }

  async build(names: readonly string[]): Promise<void> {
    const wire = this.#netns("wire");
    const bridge = `${this.#prefix}b`;
    await ip("netns", "add", wire);
    await ip("-n", wire, "link", "add", "wire", "type", "bridge");
    await ip("-n", wire, "link", "set", "wire", "up");
    await ip("link", "add", bridge, "type", "bridge");
    await ip("addr", "add", `${this.gatewayAddress}/24`, "dev", bridge);
    await ip("link", "set", bridge, "up");
    for (const [index, name] of names.entries()) await this.#addHost(name, index + 1, wire, bridge);
  }

  async #addHost(name: string, number: number, wire: string, bridge: string): Promise<void> {
    const netns = this.#netns(name);
    const n = String(number);
    await ip("netns", "add", netns);
    await ip("-n", netns, "link", "set", "lo", "up");
    await ip(
      "-n",
      netns,
      "link",
      "add",
      "eth0",
      "type",
      "veth",
      "peer",
      "name",
      `w${n}`,
      "netns",
      wire,
    );
    await ip("-n", wire, "link", "set", `w${n}`, "master", "wire", "up");
    const outer = `${this.#prefix}e${n}`;
    await ip("link", "add", outer, "type", "veth", "peer", "name", "eth1", "netns", netns);
    await ip("link", "set", outer, "master", bridge, "up");
    for (const [device, address] of [
      ["eth0", protectedAddress(number)],
      ["eth0", plainAddress(number)],
      ["eth1", `10.78.0.${n}/24`],
    ] as const) {
      await ip("-n", netns, "addr", "add", address, "dev", device);
      await ip("-n", netns, "link", "set", device, "up");
    }
    this.hosts.set(name, {
      name,
      address: bare(protectedAddress(number)),
      plainAddress: bare(plainAddress(number)),
      run: (argv, options) => this.#programs.run(netns, argv, options),
      start: (argv, options) => Promise.resolve(this.#programs.start(netns, argv, options)),
    });
  }

  async capture(): Promise<{ stop(): Promise<Buffer> }> {
    const folder = await mkdtemp(join(tmpdir(), "signet-capture-"));
    const file = join(folder, "wire.pcap");
    const dump = this.#programs.start(this.#netns("wire"), [
      ...["tcpdump", "-i", "wire", "--immediate-mode", "-U", "-Z", "root"],
      ...["-s", "0", "-w", file, "tcp"],
    ]);
    while (!dump.output().stderr.includes("listening on")) await delay(20);
    return {
      stop: async () => {
        await delay(200);
        await dump.kill("SIGINT");
        await dump.ended;
        const packets = await readFile(file);
        await rm(folder, { recursive: true });
        return packets;
      },
    };
  }

  async loadModule(): Promise<void> {
    const [command, ...args] = loadCommand(this.#modulePath);
    await exec(command, args);
    this.#loaded = true;
  }

  async checkKernels(): Promise<void> {
    const { stdout } = await exec("dmesg", { maxBuffer: 64 << 20 });
    const seconds = (line: string) => Number(/^\[ *([\d.]+)\]/.exec(line)?.[1] ?? 0);
    const since = stdout.split("\n").filter((line) => seconds(line) >= this.#startedAt);
    const problem = kernelProblem(since.join("\n"));
    if (problem !== undefined) throw new Error(`the kernel reported:\n${problem}`);
  }

  async stop(): Promise<void> {
    await this.#programs.stop();
    for (const name of [...this.hosts.keys(), "wire"]) {
      await ip("netns", "del", this.#netns(name)).catch(() => undefined);
    }
    await ip("link", "del", `${this.#prefix}b`).catch(() => undefined);
    if (!this.#loaded) return;
    const [command, ...args] = unloadCommand(join(repositoryRoot, "cli/bundle/main.js"));
    await exec(command, args);
  }

  #netns(name: string): string {
    return `${this.#prefix}-${name}`;
  }
}

async function ip(...args: string[]): Promise<void> {
  await exec("ip", args);
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
