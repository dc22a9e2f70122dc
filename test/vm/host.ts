// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { KernelFlavour } from "../../tools/setup/kernel.js";
import type { ControlChannel } from "./control-channel.js";
import type { ExitStatus, GuestCommand } from "./guest-command.js";
import type { HostAddress } from "./guest-setup.js";
import { guestUser } from "./guest-user.js";
import { kernelProblem } from "./kernel-log.js";

const DEFAULT_TIMEOUT_MS = 60_000;
// kmemleak reports nothing that is younger than five seconds.
const LEAK_AGE_MS = 6_000;
const LEAK_SCAN_TIMEOUT_MS = 240_000;
const SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** How a command is started; by root, in /tmp, unless said otherwise. */
export interface StartOptions {
  /** A name of /etc/passwd, or a uid. */
  readonly user?: string | number;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** How a command is run to its end. */
export interface RunOptions extends StartOptions {
  /** In milliseconds; a minute unless said otherwise. */
  readonly timeoutMs?: number;
  /** Its standard input; none unless given. */
  readonly input?: Buffer | string;
}

/** What a command that ended left. */
export interface RunResult extends ExitStatus {
  readonly stdout: string;
  readonly stderr: string;
}

interface HostParts {
  readonly address: HostAddress;
  readonly channel: ControlChannel;
  readonly consolePath: string;
  readonly flavour: KernelFlavour;
}

/** One guest of a lab. Commands are shell lines, or arguments that no shell sees. */
export class Host {
  readonly name: string;
  readonly ipv4: string;
  readonly ipv6: string;
  readonly #parts: HostParts;

  constructor(parts: HostParts) {
    ({ name: this.name, ipv4: this.ipv4, ipv6: this.ipv6 } = parts.address);
    this.#parts = parts;
  }

  /** Starts a command that goes on by itself. */
  spawn(command: string | readonly string[], options: StartOptions = {}): GuestCommand {
    const { uid, gid } = guestUser(options.user ?? 0);
    return this.#parts.channel.start({
      argv: typeof command === "string" ? ["/bin/sh", "-c", command] : command,
      uid,
      gid,
      folder: options.cwd ?? "/tmp",
      env: {
        PATH: `${SYSTEM_PATH}:${dirname(process.execPath)}`,
        HOME: "/run/home",
        LANG: "C.UTF-8",
        ...options.env,
      },
    });
  }

  /**
   * Runs a command to its end, whatever that is.
   * @throws Error when it takes longer than its time, or the guest is gone
   */
  async run(command: string | readonly string[], options: RunOptions = {}): Promise<RunResult> {
    const running = this.spawn(command, options);
    if (options.input !== undefined) running.write(options.input);
    running.end();
    const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    const expiry = new AbortController();
    const timer = setTimeout(() => {
      expiry.abort();
      running.kill("SIGKILL");
    }, timeoutMs);
    const ended = await running.exited.finally(() => clearTimeout(timer));
    const { stdout, stderr } = running;
    if (expiry.signal.aborted) {
      const what = `${this.name}: ${shown(command)} took over ${timeoutMs} ms`;
      throw new Error(`${what}:\n${stdout}${stderr}`);
    }
    return { ...ended, stdout, stderr };
  }

  /**
   * Runs a command that must succeed.
   * @returns its output
   * @throws Error with all that it wrote, when its exit status isn't 0
   */
  async output(command: string | readonly string[], options: RunOptions = {}): Promise<string> {
    const { status, signal, stdout, stderr } = await this.run(command, options);
    if (status === 0) return stdout;
    const end = status === undefined ? `died of signal ${signal ?? 0}` : `ended with ${status}`;
    throw new Error(`${this.name}: ${shown(command)} ${end}:\n${stdout}${stderr}`);
  }

  /** The kernel's log since boot. */
  log(): string {
    return readFileSync(this.#parts.consolePath, "utf8");
  }

  /**
   * Looks for a bug in the kernel's log, and on the debug kernel for leaked memory.
   * @throws Error that quotes the report
   */
  async checkKernelLog(): Promise<void> {
    const leaks = this.#parts.flavour === "debug" ? await this.#leaks() : "";
    const problem = leaks === "" ? kernelProblem(this.log()) : leaks;
    if (problem !== undefined) throw new Error(`${this.name}'s kernel reports:\n${problem}`);
  }

  async #leaks(): Promise<string> {
    const scan = () =>
      this.output("echo scan > /sys/kernel/debug/kmemleak", { timeoutMs: LEAK_SCAN_TIMEOUT_MS });
    await scan();
    await sleep(LEAK_AGE_MS);
    await scan();
    return this.output("cat /sys/kernel/debug/kmemleak", { timeoutMs: LEAK_SCAN_TIMEOUT_MS });
  }
}

function shown(command: string | readonly string[]): string {
  return `"${typeof command === "string" ? command : command.join(" ")}"`;
}
