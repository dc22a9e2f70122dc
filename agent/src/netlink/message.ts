// SPDX-License-Identifier: Apache-2.0
import { SignetError } from "@signet/contract/signet-error.js";
import { readAttributes } from "./attributes.js";
import { align, LITTLE_ENDIAN, viewOf } from "./byte-order.js";

/** Flags of nlmsghdr (linux/netlink.h). */
export const Flag = {
  request: 0x1,
  ack: 0x4,
  dumpInterrupted: 0x10,
  dump: 0x300,
  capped: 0x100,
  ackAttributes: 0x200,
} as const;

/** Types of the messages that netlink itself has (linux/netlink.h). */
export const ControlType = { noop: 1, error: 2, done: 3, overrun: 4 } as const;

/** One netlink message. */
export interface Message {
  readonly type: number;
  readonly flags: number;
  readonly sequence: number;
  readonly payload: Buffer;
}

/** A generic netlink message: command and attributes. */
export interface GenericMessage {
  readonly command: number;
  readonly version: number;
  readonly attributes: Buffer;
}

/** What an NLMSG_ERROR or NLMSG_DONE says. */
export interface Acknowledgement {
  /** Positive errno; 0: success. */
  readonly errno: number;
  /** The kernel's sentence, when it gave one. */
  readonly text?: string;
  /** Where in the request's attributes the fault is, when the kernel says so. */
  readonly offset?: number;
}

const HEADER = 16;
const GENERIC_HEADER = 4;
const ACK_TEXT = 1;
const ACK_OFFSET = 2;

/** Writes one message. */
export function encodeMessage(message: Message): Buffer {
  const data = Buffer.alloc(align(HEADER + message.payload.length));
  const view = viewOf(data);
  view.setUint32(0, HEADER + message.payload.length, LITTLE_ENDIAN);
  view.setUint16(4, message.type, LITTLE_ENDIAN);
  view.setUint16(6, message.flags, LITTLE_ENDIAN);
  view.setUint32(8, message.sequence, LITTLE_ENDIAN);
  message.payload.copy(data, HEADER);
  return data;
}

/**
 * The messages of one datagram, in order.
 *
 * @throws SignetError NETLINK_MALFORMED when a length leads outside.
 */
export function decodeMessages(data: Buffer): readonly Message[] {
  const messages: Message[] = [];
  const view = viewOf(data);
  let offset = 0;
  while (offset + HEADER <= data.length) {
    const length = view.getUint32(offset, LITTLE_ENDIAN);
    if (length < HEADER || length > data.length - offset) {
      throw new SignetError("NETLINK_MALFORMED", "A message has a wrong length.");
    }
    messages.push({
      type: view.getUint16(offset + 4, LITTLE_ENDIAN),
      flags: view.getUint16(offset + 6, LITTLE_ENDIAN),
      sequence: view.getUint32(offset + 8, LITTLE_ENDIAN),
      payload: data.subarray(offset + HEADER, offset + length),
    });
    offset += align(length);
  }
  if (offset < data.length) {
    throw new SignetError("NETLINK_MALFORMED", "Bytes are left after the last message.");
  }
  return messages;
}

/** Writes the generic header and the attributes: the payload of a message. */
export function encodeGeneric(message: GenericMessage): Buffer {
  const header = Buffer.from([message.command, message.version, 0, 0]);
  return Buffer.concat([header, message.attributes]);
}

/**
 * Reads the payload of a generic netlink message.
 *
 * @throws SignetError NETLINK_MALFORMED when it is too short.
 */
export function decodeGeneric(payload: Buffer): GenericMessage {
  const [command, version] = payload;
  if (command === undefined || version === undefined || payload.length < GENERIC_HEADER) {
    throw new SignetError("NETLINK_MALFORMED", "A generic netlink header is cut short.");
  }
  return { command, version, attributes: payload.subarray(GENERIC_HEADER) };
}

/**
 * Reads an NLMSG_ERROR or NLMSG_DONE, with what the extended acknowledgement says.
 *
 * @throws SignetError NETLINK_MALFORMED when it is too short.
 */
export function decodeAcknowledgement(message: Message): Acknowledgement {
  const { payload, flags, type } = message;
  if (payload.length < 4) {
    throw new SignetError("NETLINK_MALFORMED", "An acknowledgement is cut short.");
  }
  const view = viewOf(payload);
  const errno = Math.max(0, -view.getInt32(0, LITTLE_ENDIAN));
  if ((flags & Flag.ackAttributes) === 0) return { errno };
  return { errno, ...readExtended(payload.subarray(attributesStart(view, type, flags))) };
}

function attributesStart(view: DataView, type: number, flags: number): number {
  if (type === ControlType.done) return 4;
  if (view.byteLength < 4 + HEADER) return view.byteLength;
  // The request is repeated after the error: its header alone when capped.
  const echoed = (flags & Flag.capped) !== 0 ? HEADER : view.getUint32(4, LITTLE_ENDIAN);
  return 4 + align(echoed);
}

function readExtended(attributes: Buffer): Pick<Acknowledgement, "text" | "offset"> {
  const extended: { text?: string; offset?: number } = {};
  for (const { id, payload } of readAttributes(attributes)) {
    if (id === ACK_TEXT) extended.text = payload.toString("utf8").replace(/\0+$/, "");
    if (id === ACK_OFFSET && payload.length === 4) {
      const fromHeader = viewOf(payload).getUint32(0, LITTLE_ENDIAN);
      if (fromHeader >= HEADER + GENERIC_HEADER) {
        extended.offset = fromHeader - HEADER - GENERIC_HEADER;
      }
    }
  }
  return extended;
}
