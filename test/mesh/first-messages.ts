// SPDX-License-Identifier: Apache-2.0

const FILE_HEADER = 24;
const RECORD_HEADER = 16;
const ETHERNET_HEADER = 14;
const IPV4 = 0x0800;
const TCP = 6;
const [SYN, ACK] = [0x02, 0x10];

/**
 * How many clients' second messages a server got at most between its SYN-ACK for another client and
 * that one's first message.
 *
 * @param packets a capture: a pcap file's bytes (little-endian, Ethernet), of which IPv4 is read
 * @param port the server's
 */
export function mostBeforeFirstMessage(packets: Buffer, port: number): number {
  const silentSince = new Map<string, number>();
  const first = new Map<string, number>();
  const second = new Set<string>();
  let most = 0;
  for (const { from, to, flags, sequence, payload } of segments(packets)) {
    if (from.port === port && flags === (SYN | ACK)) silentSince.set(name(to), second.size);
    if (to.port !== port || payload === 0) continue;
    const client = name(from);
    const since = silentSince.get(client);
    if (!first.has(client)) {
      first.set(client, sequence);
      most = Math.max(most, second.size - (since ?? 0));
    } else if (first.get(client) !== sequence) second.add(client); // TCP repeats what is lost.
  }
  return most;
}

interface Endpoint {
  readonly address: string;
  readonly port: number;
}

interface Segment {
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly flags: number;
  readonly sequence: number;
  /** Bytes. */
  readonly payload: number;
}

function name({ address, port }: Endpoint): string {
  return `${address}:${String(port)}`;
}

function* segments(packets: Buffer): Generator<Segment> {
  for (let at = FILE_HEADER; at + RECORD_HEADER <= packets.length;) {
    const start = at + RECORD_HEADER;
    at = start + packets.readUInt32LE(at + 8);
    const segment = read(packets.subarray(start, at));
    if (segment !== undefined) yield segment;
  }
}

function read(frame: Buffer): Segment | undefined {
  const ip = frame.subarray(ETHERNET_HEADER);
  if (frame.readUInt16BE(12) !== IPV4 || ip[9] !== TCP) return undefined;
  const header = 4 * (ip.readUInt8(0) & 0x0f);
  const tcp = ip.subarray(header);
  const endpoint = (address: number, port: number) => ({
    address: ip.subarray(address, address + 4).join("."),
    port: tcp.readUInt16BE(port),
  });
  return {
    from: endpoint(12, 0),
    to: endpoint(16, 2),
    sequence: tcp.readUInt32BE(4),
    flags: tcp.readUInt8(13) & (SYN | ACK),
    payload: ip.readUInt16BE(2) - header - 4 * (tcp.readUInt8(12) >> 4),
  };
}
