// SPDX-License-Identifier: Apache-2.0
import { SignetError } from "@signet/contract/signet-error.js";
import { demandSameAbi, registrationError } from "./abi.js";
import { decodeAttributes, encodeAttributes, type AttributeTable } from "./attributes.js";
import { NetlinkClient, type NetlinkListener } from "./client.js";
import {
  Command,
  connectionTable,
  FAMILY,
  identityTable,
  Limits,
  nodeTable,
  policyTable,
  processTable,
  type AgentRegisterReply,
  type ConnectionEventEvent,
  type ConnectionGetReply,
  type IdentityGetReply,
  type NodeGetReply,
  type PolicyAttributes,
  type PolicyChangeReply,
  type PolicyChangeRequest,
  type PolicyGetReply,
  type ProcessAnswerRequest,
  type ProcessGetReply,
  type ProcessIdentifyEvent,
  type SvidInstallRequest,
  type SvidRefuseRequest,
  type SvidRequestEvent,
} from "./family.generated.js";
import { resolveFamily, type Family } from "./family.js";
import type { GenericMessage } from "./message.js";

/** What the module tells without having been asked. */
export interface ModuleListener {
  readonly onProcessIdentify?: (event: ProcessIdentifyEvent) => void;
  readonly onSvidRequest?: (event: SvidRequestEvent) => void;
  readonly onConnectionEvent?: (event: ConnectionEventEvent) => void;
  /** Messages were lost: what was asked may have to be asked for again. */
  readonly onOverrun?: () => void;
  readonly onFault?: (error: SignetError) => void;
}

/**
 * The kernel module, over one netlink socket. kmod/signet.yaml describes each operation; all of
 * them throw SignetError NETLINK_REFUSED with the kernel's sentence, and PERMISSION_DENIED.
 */
export class KernelModule {
  readonly #client: NetlinkClient;
  readonly #family: Family;

  private constructor(client: NetlinkClient, family: Family) {
    this.#client = client;
    this.#family = family;
  }

  /** Opens a socket to the module. @throws SignetError MODULE_MISSING */
  static async connect(listener: ModuleListener = {}): Promise<KernelModule> {
    const client = new NetlinkClient(dispatcher(listener));
    try {
      return new KernelModule(client, await resolveFamily(client, FAMILY.name));
    } catch (error) {
      client.close();
      throw error;
    }
  }

  /** Makes this socket the node's agent. @throws SignetError MODULE_ABI, NETLINK_BUSY */
  async register(bindNetns: boolean): Promise<AgentRegisterReply> {
    try {
      const reply = await this.#do("agentRegister", nodeTable, {
        abiVersion: Limits.abiVersion,
        bindNetns,
      });
      return reply ?? {};
    } catch (cause) {
      throw registrationError(cause);
    }
  }

  /** The node of this network namespace. @throws SignetError MODULE_ABI */
  async node(): Promise<NodeGetReply> {
    const node = (await this.#do("nodeGet", nodeTable, {})) ?? {};
    demandSameAbi(node.abiVersion);
    return node;
  }

  /** Says who a process is. Refused with ENOENT when nobody waits any more. */
  async answerProcess(answer: ProcessAnswerRequest): Promise<void> {
    await this.#do("processAnswer", processTable, answer);
  }

  /** Has every process asked about again. */
  async flushProcesses(): Promise<void> {
    await this.#do("processFlush", processTable, {});
  }

  processes(): Promise<readonly ProcessGetReply[]> {
    return this.#list("processGet", processTable);
  }

  /** Hands over a chain. Refused with ESTALE when its request is no longer the one that waits. */
  async installSvid(svid: SvidInstallRequest): Promise<void> {
    await this.#do("svidInstall", identityTable, svid);
  }

  async refuseSvid(refused: SvidRefuseRequest): Promise<void> {
    await this.#do("svidRefuse", identityTable, refused);
  }

  /** Asks for a new key and a request for it. */
  async renewSvid(id: number): Promise<void> {
    await this.#do("svidRenew", identityTable, { id });
  }

  identities(): Promise<readonly IdentityGetReply[]> {
    return this.#list("identityGet", identityTable);
  }

  /**
   * Changes policy and revocations, or sends a part of a change. Nothing is read or written any more
   * in the sessions that are refused now.
   *
   * @returns what is in force, and how many sessions of the node are still to be closed.
   */
  async changePolicy(request: PolicyChangeRequest): Promise<PolicyChangeReply> {
    return (await this.#do<PolicyAttributes>("policyChange", policyTable, request)) ?? {};
  }

  /** Drops a change whose last part wasn't sent. */
  async abortPolicy(): Promise<void> {
    await this.#do("policyAbort", policyTable, {});
  }

  /** The items of the policy in force. */
  policy(): Promise<readonly PolicyGetReply[]> {
    return this.#list("policyGet", policyTable);
  }

  connections(): Promise<readonly ConnectionGetReply[]> {
    return this.#list("connectionGet", connectionTable);
  }

  /** From now on, onConnectionEvent is told of each connection. */
  subscribe(): void {
    const group = this.#family.groups.get(FAMILY.groups.events);
    if (group === undefined) throw new SignetError("MODULE_ABI", "The module has no event group.");
    this.#client.join(group);
  }

  /**
   * Unhooks unprotected sockets for good, so that the module can be removed.
   *
   * @returns how many could not be, as a program holds their lock.
   */
  async drain(): Promise<number> {
    return (await this.#do("drain", nodeTable, {}))?.held ?? 0;
  }

  close(): void {
    this.#client.close();
  }

  async #do<T extends object>(
    command: keyof typeof Command,
    table: AttributeTable<T>,
    values: T,
  ): Promise<T | undefined> {
    const message = this.#message(command, encodeAttributes(table, values));
    const [reply] = await this.#client.request(this.#family.id, command, message);
    return reply === undefined ? undefined : decodeAttributes(table, reply.attributes);
  }

  async #list<T extends object>(
    command: keyof typeof Command,
    table: AttributeTable<T>,
  ): Promise<readonly T[]> {
    const message = this.#message(command, Buffer.alloc(0));
    const replies = await this.#client.dump(this.#family.id, command, message);
    return replies.map((reply) => decodeAttributes(table, reply.attributes));
  }

  #message(command: keyof typeof Command, attributes: Buffer): GenericMessage {
    return { command: Command[command], version: FAMILY.version, attributes };
  }
}

function dispatcher(listener: ModuleListener): NetlinkListener {
  return {
    onOverrun: () => listener.onOverrun?.(),
    onFault: (error) => listener.onFault?.(error),
    onEvent: (_family, { command, attributes }) => {
      switch (command) {
        case Command.processIdentify:
          listener.onProcessIdentify?.(decodeAttributes(processTable, attributes));
          break;
        case Command.svidRequest:
          listener.onSvidRequest?.(decodeAttributes(identityTable, attributes));
          break;
        case Command.connectionEvent:
          listener.onConnectionEvent?.(decodeAttributes(connectionTable, attributes));
          break;
        default:
      }
    },
  };
}
