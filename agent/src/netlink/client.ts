// SPDX-License-Identifier: Apache-2.0
import { SignetError } from "@signet/contract/signet-error.js";
import { isSystemError, native, type NetlinkSocket } from "../native.js";
import {
  ControlType,
  decodeAcknowledgement,
  decodeGeneric,
  decodeMessages,
  encodeGeneric,
  encodeMessage,
  Flag,
  type Acknowledgement,
  type GenericMessage,
  type Message,
} from "./message.js";
import { errnoName, NetlinkRefusal, refusal } from "./refusal.js";

/** What comes without having been asked for. */
export interface NetlinkListener {
  /** A message of a family that answers no request. */
  readonly onEvent: (family: number, message: GenericMessage) => void;
  /** The kernel dropped messages because the receive buffer was full. */
  readonly onOverrun: () => void;
  /** A datagram that can't be read. */
  readonly onFault: (error: SignetError) => void;
}

interface Pending {
  readonly replies: GenericMessage[];
  readonly operation: string;
  readonly resolve: (replies: readonly GenericMessage[]) => void;
  readonly reject: (error: Error) => void;
}

const RECEIVE_BUFFER = 8 * 1024 * 1024;
const DUMP_ATTEMPTS = 5;
const NOTHING: NetlinkListener = { onEvent: ignore, onOverrun: ignore, onFault: ignore };

/** Requests, dumps and notifications on one generic netlink socket. */
export class NetlinkClient {
  readonly #socket: NetlinkSocket;
  readonly #listener: NetlinkListener;
  readonly #pending = new Map<number, Pending>();
  #sequence = 0;
  #closed = false;
  #dumps: Promise<unknown> = Promise.resolve();

  /** @throws SystemError when the socket can't be opened. */
  constructor(listener: NetlinkListener = NOTHING) {
    this.#listener = listener;
    this.#socket = new native.NetlinkSocket(() => {
      this.#drain();
    }, RECEIVE_BUFFER);
  }

  /**
   * Has the kernel do something.
   *
   * @param operation Its name, for messages.
   * @returns The replies, when there are any.
   * @throws SignetError NETLINK_REFUSED (cause: NetlinkRefusal), NETLINK_MALFORMED.
   */
  request(
    family: number,
    operation: string,
    message: GenericMessage,
  ): Promise<readonly GenericMessage[]> {
    return this.#exchange(family, operation, Flag.request | Flag.ack, message);
  }

  /**
   * Lists something. Dumps of one socket wait for each other, and one that a change interrupted is
   * done again.
   *
   * @throws SignetError NETLINK_REFUSED (cause: NetlinkRefusal), NETLINK_MALFORMED.
   */
  dump(
    family: number,
    operation: string,
    message: GenericMessage,
  ): Promise<readonly GenericMessage[]> {
    const turn = this.#dumps.then(() => this.#dumpWhole(family, operation, message));
    this.#dumps = turn.catch(ignore);
    return turn;
  }

  /** Joins a multicast group by its number. @throws SystemError */
  join(group: number): void {
    this.#socket.join(group);
  }

  /** Closes the socket; requests that wait fail. */
  close(): void {
    this.#closed = true;
    this.#socket.close();
    this.#failAll(closed());
  }

  async #dumpWhole(
    family: number,
    operation: string,
    message: GenericMessage,
  ): Promise<readonly GenericMessage[]> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#exchange(family, operation, Flag.request | Flag.dump, message);
      } catch (error) {
        if (!(error instanceof InterruptedDump) || attempt === DUMP_ATTEMPTS) throw error;
      }
    }
  }

  #exchange(
    family: number,
    operation: string,
    flags: number,
    message: GenericMessage,
  ): Promise<readonly GenericMessage[]> {
    if (this.#closed) return Promise.reject(closed());
    const sequence = this.#nextSequence();
    return new Promise((resolve, reject) => {
      this.#pending.set(sequence, { replies: [], operation, resolve, reject });
      try {
        this.#socket.send(
          encodeMessage({ type: family, flags, sequence, payload: encodeGeneric(message) }),
        );
      } catch (error) {
        this.#pending.delete(sequence);
        reject(asRefusal(operation, error));
      }
    });
  }

  /** Never 0: that is what unasked messages carry. */
  #nextSequence(): number {
    this.#sequence = (this.#sequence % 0xffff_ffff) + 1;
    return this.#sequence;
  }

  #drain(): void {
    try {
      for (;;) {
        const received = this.#socket.receive();
        if (received === null) return;
        // Privileged programs can write to this socket too; only the kernel is listened to.
        if (received.port === 0) this.#read(received.data);
      }
    } catch (error) {
      this.#failAll(asRefusal("recvfrom", error));
      this.#listener.onOverrun();
    }
  }

  #read(data: Buffer): void {
    try {
      for (const message of decodeMessages(data)) this.#dispatch(message);
    } catch (error) {
      this.#listener.onFault(SignetError.from(error));
    }
  }

  #dispatch(message: Message): void {
    const pending = this.#pending.get(message.sequence);
    if (pending === undefined) {
      if (message.type > ControlType.overrun) {
        this.#listener.onEvent(message.type, decodeGeneric(message.payload));
      }
      return;
    }
    if (message.type === ControlType.noop) return;
    if ((message.flags & Flag.dumpInterrupted) !== 0 && message.type !== ControlType.error) {
      this.#interrupt(message, pending);
    } else if (message.type === ControlType.error || message.type === ControlType.done) {
      this.#finish(message.sequence, pending, decodeAcknowledgement(message));
    } else {
      pending.replies.push(decodeGeneric(message.payload));
    }
  }

  /** What was listed may be torn; wait for its end, then say so. */
  #interrupt(message: Message, pending: Pending): void {
    const error = new InterruptedDump(pending.operation);
    if (message.type === ControlType.done) {
      this.#pending.delete(message.sequence);
      pending.reject(error);
    } else {
      this.#pending.set(message.sequence, {
        ...pending,
        resolve: () => {
          pending.reject(error);
        },
      });
    }
  }

  #finish(sequence: number, pending: Pending, acknowledged: Acknowledgement): void {
    const { errno, text, offset } = acknowledged;
    this.#pending.delete(sequence);
    if (errno === 0) pending.resolve(pending.replies);
    else pending.reject(refusal(pending.operation, errno, text, offset));
  }

  #failAll(error: Error): void {
    const waiting = [...this.#pending.values()];
    this.#pending.clear();
    for (const { reject } of waiting) reject(error);
  }
}

class InterruptedDump extends SignetError {
  constructor(operation: string) {
    super("NETLINK_REFUSED", `${operation}: the list changed while it was read.`);
  }
}

function asRefusal(operation: string, error: unknown): Error {
  if (!isSystemError(error)) return SignetError.from(error);
  return new SignetError(
    "NETLINK_REFUSED",
    `${operation}: ${error.syscall} failed with ${errnoName(-error.errno)}.`,
    { cause: new NetlinkRefusal(operation, -error.errno, undefined) },
  );
}

function closed(): SignetError {
  return new SignetError("CANCELLED", "The netlink socket was closed.");
}

function ignore(): void {
  // Nobody asked for it.
}
