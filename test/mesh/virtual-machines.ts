// SPDX-License-Identifier: Apache-2.0
import { readFile } from "node:fs/promises";

import { debugKernel } from "../../tools/setup/debug-kernel.js";
import type { KernelFlavour } from "../../tools/setup/kernel.js";
import { buildKernelModule, type ModuleVariant } from "../../tools/setup/kernel-module.js";
import { stockKernel } from "../../tools/setup/stock-kernel.js";
import type { GuestCommand } from "../vm/guest-command.js";
import { HOST_GATEWAY } from "../vm/guest-setup.js";
import type { Host as Guest } from "../vm/host.js";
import { startLab, type Lab } from "../vm/lab.js";
import { bare, plainAddress } from "./addresses.js";
import type { Host, Machines, Outcome, Program, RunOptions } from "./host.js";
import { loadCommand } from "./module.js";

// Emulated, with every check of the debug kernel on.
const LOAD_TIMEOUT_MS = 300_000;

/** How the guests are made. */
export interface VirtualMachineOptions {
  readonly kernel?: KernelFlavour;
  readonly memoryMiB?: number;
  readonly cpus?: number;
  /** Another signet.ko than the usual one. */
  readonly module?: ModuleVariant;
}

/** Hosts as virtual machines, each with a kernel of its own. */
export async function startVirtualMachines(
  names: readonly string[],
  options: VirtualMachineOptions = {},
): Promise<Machines> {
  const kernel = await (options.kernel === "debug" ? debugKernel() : stockKernel());
  const modulePath = await buildKernelModule(kernel, options.module);
  const lab = await startLab({ ...options, hosts: names.map((name) => ({ name })) });
  const machines = new VirtualMachines(lab, modulePath);
  try {
    await machines.addPlainNetwork();
  } catch (error) {
    await lab.stop();
    throw error;
  }
  return machines;
}

class VirtualMachines implements Machines {
  readonly hosts: ReadonlyMap<string, Host>;
  readonly gatewayAddress = HOST_GATEWAY;
  readonly serverAddress = "127.0.0.1";
  readonly ownKernels = true;
  readonly #modulePath: string;
  readonly #lab: Lab;

  constructor(lab: Lab, modulePath: string) {
    this.#lab = lab;
    this.#modulePath = modulePath;
    this.hosts = new Map(
      lab.hosts.map((guest, index) => [guest.name, host(guest, bare(plainAddress(index + 1)))]),
    );
  }

  async addPlainNetwork(): Promise<void> {
    for (const [index, guest] of this.#lab.hosts.entries()) {
      await guest.output(["ip", "address", "add", plainAddress(index + 1), "dev", "eth0"]);
    }
  }

  async loadModule(names: readonly string[]): Promise<void> {
    const load = loadCommand(this.#modulePath);
    await Promise.all(
      names.map((name) => this.#lab.host(name).output(load, { timeoutMs: LOAD_TIMEOUT_MS })),
    );
  }

  capture(): Promise<{ stop(): Promise<Buffer> }> {
    const capture = this.#lab.capture();
    return Promise.resolve({
      stop: async () => {
        await capture.stop();
        return readFile(capture.path);
      },
    });
  }

  checkKernels(): Promise<void> {
    return this.#lab.checkKernelLogs();
  }

  stop(): Promise<void> {
    return this.#lab.stop();
  }
}

function host(guest: Guest, plain: string): Host {
  const user = (options: RunOptions) => ({ user: options.uid ?? 0 });
  return {
    name: guest.name,
    address: guest.ipv4,
    plainAddress: plain,
    run: async (argv, options = {}) => {
      const { timeoutMs } = options;
      const time = timeoutMs === undefined ? {} : { timeoutMs };
      return outcome(await guest.run(argv, { ...user(options), ...time }));
    },
    start: (argv, options = {}) => {
      const command = guest.spawn(argv, user(options));
      command.end();
      return Promise.resolve(program(command));
    },
  };
}

function program(command: GuestCommand): Program {
  const output = () => ({ stdout: command.stdout, stderr: command.stderr });
  const ended = command.exited.then((end) => outcome({ ...end, ...output() }));
  ended.catch(() => undefined); // whoever awaits it sees the reason
  return {
    ended,
    output,
    kill: (signal = "SIGTERM") => {
      command.kill(signal);
      return Promise.resolve();
    },
  };
}

function outcome(end: {
  status: number | undefined;
  signal: number | undefined;
  stdout: string;
  stderr: string;
}): Outcome {
  const { status, signal, stdout, stderr } = end;
  return { status: status ?? 128 + (signal ?? 0), stdout, stderr };
}
