// SPDX-License-Identifier: Apache-2.0

/** A DER element (X.690 §8): its tag byte, its content, and all of its bytes. */
export interface DerElement {
  readonly tag: number;
  readonly content: Buffer;
  readonly raw: Buffer;
}

/** Bytes that are not DER. Callers turn it into a SignetError with a code of their own. */
export class DerError extends Error {
  override readonly name = "DerError";
}

/** Tag bytes of the universal class that X.509 uses. */
export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  oid: 0x06,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

/**
 * Reads DER elements one after another from a buffer, strictly: definite, minimal lengths, and
 * tags of one byte, which is all that X.509 and PKCS#10 use.
 */
export class DerReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** True when nothing is left. */
  get done(): boolean {
    return this.#at === this.#bytes.length;
  }

  /** The tag of the next element; undefined when nothing is left. */
  peek(): number | undefined {
    return this.#bytes[this.#at];
  }

  /** The next element. @throws DerError, also when its tag is not the one demanded */
  read(tag?: number): DerElement {
    const start = this.#at;
    const found = this.#byte();
    if ((found & 0x1f) === 0x1f) throw new DerError("a tag of several bytes");
    if (tag !== undefined && found !== tag) {
      throw new DerError(`tag 0x${found.toString(16)} where 0x${tag.toString(16)} must be`);
    }
    const length = this.#length();
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new DerError("an element longer than what holds it");
    const content = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return { tag: found, content, raw: this.#bytes.subarray(start, end) };
  }

  /** A reader of the content of the next element, which must have this tag. @throws DerError */
  enter(tag: number): DerReader {
    return new DerReader(this.read(tag).content);
  }

  /** The next element if it has this tag, else undefined. @throws DerError */
  optional(tag: number): DerElement | undefined {
    return this.peek() === tag ? this.read(tag) : undefined;
  }

  /** @throws DerError when anything is left */
  end(): void {
    if (!this.done) throw new DerError("trailing bytes");
  }

  #byte(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw new DerError("the end where more must be");
    this.#at++;
    return byte;
  }

  #length(): number {
    const first = this.#byte();
    if (first < 0x80) return first;
    const count = first & 0x7f;
    if (count === 0 || count > 3) throw new DerError("an indefinite or huge length");
    let length = 0;
    for (let i = 0; i < count; i++) length = length * 256 + this.#byte();
    if (length < 0x80 || length < 256 ** (count - 1)) throw new DerError("a length not minimal");
    return length;
  }
}

/** An object identifier's content in dotted form: "2.5.29.17". @throws DerError */
export function oidText(content: Uint8Array): string {
  const arcs: number[] = [];
  let arc = 0;
  let fresh = true;
  for (const byte of content) {
    if (fresh && byte === 0x80) throw new DerError("an arc with leading zeros");
    arc = arc * 128 + (byte & 0x7f);
    if (arc > Number.MAX_SAFE_INTEGER / 128) throw new DerError("a huge arc");
    fresh = (byte & 0x80) === 0;
    if (fresh) {
      arcs.push(arc);
      arc = 0;
    }
  }
  const first = arcs.shift();
  if (first === undefined || !fresh) throw new DerError("an object identifier cut off");
  const root = Math.min(Math.floor(first / 40), 2);
  return [root, first - root * 40, ...arcs].join(".");
}
