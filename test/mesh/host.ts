// SPDX-License-Identifier: Apache-2.0

/** How a program ended. */
export interface Outcome {
  /** Exit status; 128 + the signal's number when a signal ended it. */
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How to run a program. */
export interface RunOptions {
  /** Numeric user and group; default 0. */
  readonly uid?: number;
  /** Milliseconds after which it is killed and the call fails; default 60,000. */
  readonly timeoutMs?: number;
}

/** A program that runs on a host. */
export interface Program {
  /** Resolves when it has ended, whatever its status. */
  readonly ended: Promise<Outcome>;
  /** What it has printed so far. */
  output(): { readonly stdout: string; readonly stderr: string };
  /** Sends a signal to it; default SIGTERM. Resolves when the signal was sent. */
  kill(signal?: "SIGTERM" | "SIGKILL" | "SIGINT" | "SIGSTOP" | "SIGCONT"): Promise<void>;
}

/** A machine of a mesh: a virtual machine, or a network namespace. */
export interface Host {
  readonly name: string;
  /** Its IPv4 address on the mesh's protected network. */
  readonly address: string;
  /** Its IPv4 address on the same wire, in a network that no document names. */
  readonly plainAddress: string;
  /** Runs a program to its end. Rejects when it takes longer than the timeout. */
  run(argv: readonly string[], options?: RunOptions): Promise<Outcome>;
  /** Starts a program. */
  start(argv: readonly string[], options?: Omit<RunOptions, "timeoutMs">): Promise<Program>;
}

/** The machines of a mesh and the wire between them. */
export interface Machines {
  readonly hosts: ReadonlyMap<string, Host>;
  /** Address at which the hosts reach a server on this machine's `serverAddress`. */
  readonly gatewayAddress: string;
  /** Address that a server on this machine must listen on for the hosts to reach it. */
  readonly serverAddress: string;
  /** True when every host has a kernel of its own; false when they share this machine's. */
  readonly ownKernels: boolean;
  /** Loads signet.ko on hosts: into each one's kernel, or once where they share one. */
  loadModule(names: readonly string[]): Promise<void>;
  /** Records what crosses the wire until `stop`, which gives the packets as a pcap file's bytes. */
  capture(): Promise<{ stop(): Promise<Buffer> }>;
  /** Fails with the lines when a kernel reported a bug, a stall or a leak. */
  checkKernels(): Promise<void>;
  /** Ends every program and machine, and removes the module from a shared kernel. */
  stop(): Promise<void>;
}
