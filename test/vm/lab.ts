// SPDX-License-Identifier: Apache-2.0
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cacheRoot, repositoryRoot } from "../../tools/setup/cache.mjs";
import { debugKernel } from "../../tools/setup/debug-kernel.js";
import { guestImage } from "../../tools/setup/guest-image.js";
import type { Kernel, KernelFlavour } from "../../tools/setup/kernel.js";
import { stockKernel } from "../../tools/setup/stock-kernel.js";
import { ControlChannel } from "./control-channel.js";
import { EthernetSwitch } from "./ethernet-switch.js";
import { guestSetupScript, hostAddress, type HostAddress } from "./guest-setup.js";
import { Host } from "./host.js";
import { PacketCapture } from "./packet-capture.js";
import { startQemu, type MachinePaths } from "./qemu.js";

const BOOT_TIMEOUT_MS = 180_000;
const LOG_TAIL_LINES = 30;

/** What a lab is made of. */
export interface LabOptions {
  /** One guest each; the first has 10.77.0.11 and fd77::11. */
  readonly hosts: readonly { readonly name: string }[];
  readonly kernel?: KernelFlavour;
  /** Virtual CPUs of each guest; 2 unless said otherwise. */
  readonly cpus?: number;
  /** Memory of each guest in MiB; 1024 unless said otherwise. */
  readonly memoryMiB?: number;
  /** KVM instead of emulation. */
  readonly kvm?: boolean;
  /** More folders of this machine that guests must see though they are under /tmp or /run. */
  readonly shared?: readonly string[];
}

/**
 * Boots guests that share this machine's files (read-only) and a network of their own.
 * @throws Error with the end of a guest's log when it doesn't come up
 */
export async function startLab(options: LabOptions): Promise<Lab> {
  const kernel = await (options.kernel === "debug" ? debugKernel() : stockKernel());
  const lab = new Lab(options, kernel, await guestImage(kernel));
  try {
    await lab.boot();
    return lab;
  } catch (error) {
    await lab.stop();
    throw error;
  }
}

/** Guests on one network. */
export class Lab {
  /** The switch between the guests. */
  readonly network = new EthernetSwitch();
  /** The lab's own folder: consoles, captures, sockets. It goes away with the lab. */
  readonly folder = mkdtempSync(join(tmpdir(), "signet-lab-"));
  readonly #hosts = new Map<string, Host>();
  readonly #machines = new Set<ChildProcess>();
  readonly #options: LabOptions;
  readonly #kernel: Kernel;
  readonly #image: string;
  readonly #onExit = () => this.#endNow();
  #captures = 0;
  #stopping = false;

  constructor(options: LabOptions, kernel: Kernel, image: string) {
    this.#options = options;
    this.#kernel = kernel;
    this.#image = image;
    process.once("exit", this.#onExit);
  }

  /** All guests, in the order in which they were named. */
  get hosts(): readonly Host[] {
    return [...this.#hosts.values()];
  }

  /** @throws Error when no guest has that name */
  host(name: string): Host {
    const host = this.#hosts.get(name);
    if (host === undefined) throw new Error(`no host is called "${name}"`);
    return host;
  }

  /** Captures what goes over the network between the guests from now on. */
  capture(): PacketCapture {
    const capture = new PacketCapture(join(this.folder, `capture-${++this.#captures}.pcap`));
    this.network.startCapture(capture);
    return capture;
  }

  /** @throws Error when a guest's kernel reported a bug (or, debug kernel, a leak) */
  async checkKernelLogs(): Promise<void> {
    await Promise.all(this.hosts.map((host) => host.checkKernelLog()));
  }

  /** Ends the guests and removes the lab's folder. */
  async stop(): Promise<void> {
    this.#stopping = true;
    const ended = [...this.#machines].map((machine) => once(machine, "close"));
    for (const machine of this.#machines) machine.kill("SIGKILL");
    await Promise.all(ended);
    await this.network.close();
    process.off("exit", this.#onExit);
    this.#endNow();
  }

  /** For startLab: boots every guest. */
  async boot(): Promise<void> {
    const addresses = this.#options.hosts.map(({ name }, index) => hostAddress(name, index));
    const hosts = await Promise.all(addresses.map((address) => this.#bootHost(address, addresses)));
    for (const host of hosts) this.#hosts.set(host.name, host);
  }

  async #bootHost(address: HostAddress, all: readonly HostAddress[]): Promise<Host> {
    const paths = this.#paths(address.name);
    await this.network.addPort(address.name, address.mac, paths.network);
    const connected = connection(paths.control);
    const machine = startQemu({
      kernel: this.#kernel,
      image: this.#image,
      cpus: this.#options.cpus ?? 2,
      memoryMiB: this.#options.memoryMiB ?? 1024,
      kvm: this.#options.kvm ?? false,
      mac: address.mac,
      paths,
    });
    this.#machines.add(machine);
    const gone = this.#gone(machine, address.name, paths);
    const channel = new ControlChannel(await Promise.race([connected, gone]));
    gone.catch((reason: unknown) => channel.fail(reason as Error));
    await Promise.race([channel.ready, gone, bootTimeout(address.name, paths)]);
    const parts = { address, channel, consolePath: paths.console, flavour: this.#kernel.flavour };
    const host = new Host(parts);
    const shared = [repositoryRoot, cacheRoot, this.folder, ...(this.#options.shared ?? [])];
    const script = guestSetupScript(address, all, this.#kernel, shared);
    await host.output(["busybox", "sh", "-c", script], { cwd: "/" });
    return host;
  }

  /** Rejects when the machine ends, and says why. */
  async #gone(machine: ChildProcess, name: string, paths: MachinePaths): Promise<never> {
    await Promise.race([once(machine, "close"), once(machine, "error")]);
    this.#machines.delete(machine);
    if (this.#stopping) throw new Error(`${name}: the lab was stopped`);
    throw new Error(`${name} went down:\n${readFileSync(paths.errors, "utf8")}${tail(paths)}`);
  }

  #paths(name: string): MachinePaths {
    const path = (kind: string) => join(this.folder, `${name}.${kind}`);
    return {
      console: path("console"),
      errors: path("qemu"),
      control: path("control"),
      network: path("lan"),
    };
  }

  #endNow(): void {
    for (const machine of this.#machines) machine.kill("SIGKILL");
    rmSync(this.folder, { recursive: true, force: true });
  }
}

async function connection(path: string): Promise<Socket> {
  const server = createServer().listen(path);
  const [socket] = (await once(server, "connection")) as [Socket];
  server.close();
  return socket;
}

async function bootTimeout(name: string, paths: MachinePaths): Promise<never> {
  return new Promise((_, reject) => {
    const expired = () => reject(new Error(`${name} did not boot in time:\n${tail(paths)}`));
    setTimeout(expired, BOOT_TIMEOUT_MS).unref();
  });
}

function tail(paths: MachinePaths): string {
  try {
    return readFileSync(paths.console, "utf8").split("\n").slice(-LOG_TAIL_LINES).join("\n");
  } catch {
    return "";
  }
}
