// SPDX-License-Identifier: Apache-2.0

import type { DrainedNode } from "@signet/agent/netlink";
import type { Command } from "commander";
import { print, type Io, type OutputOptions } from "../io.js";
import { loadNetlink } from "../kernel-module.js";

const EXAMPLES = `
Examples:
  signet drain && rmmod signet      # the agent has stopped, and so have the programs

From now on this node protects no new connection and refuses none: stop first what must not talk in
plaintext. Protected connections go on, and keep the module loaded until they end. There is no way
back but to load the module again.`;

/** signet drain: makes the kernel module of this node ready to be removed. */
export function drain(parent: Command, io: Io): void {
  parent
    .command("drain")
    .description("protect nothing new on this node, so that the kernel module can be removed")
    .option("--json", "print JSON")
    .addHelpText("after", EXAMPLES)
    .action((options: OutputOptions) => act(options, io));
}

async function act(options: OutputOptions, io: Io): Promise<void> {
  const node = await (await loadNetlink()).drain();
  print(io, options, drainedJson(node), () => drainedText(node));
}

/** What is left, as JSON output has it. */
export function drainedJson(node: DrainedNode) {
  return {
    agentRegistered: node.registered ?? false,
    connections: node.connections ?? 0,
    socketsHeld: node.held ?? 0,
  };
}

/** What is left, in words, with what to do about it. */
export function drainedText(node: DrainedNode): string {
  const { connections, agentRegistered, socketsHeld } = drainedJson(node);
  const left = [
    ...(agentRegistered ? ["the agent, which must stop"] : []),
    ...(connections > 0 ? [`protected connections, which must end: ${connections}`] : []),
    ...(socketsHeld > 0
      ? [`sockets whose program holds them, to be drained again: ${socketsHeld}`]
      : []),
  ];
  const module = "Drained: nothing new is protected on this node.";
  return left.length === 0
    ? `${module} The module can be removed: rmmod signet\n`
    : `${module} What keeps the module loaded:\n${left.map((what) => `  ${what}\n`).join("")}`;
}
