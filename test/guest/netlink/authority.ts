// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What a certificate says; a good one, for an hour, unless said otherwise. */
export interface Wanted {
  readonly id: string;
  readonly days?: number;
  /** Days from now when it is signed; the guest's clock is turned for that. */
  readonly inDays?: number;
  readonly extensions?: string;
  /** Another key than the request's. */
  readonly otherKey?: boolean;
}

const LEAF = `basicConstraints=critical,CA:FALSE
keyUsage=critical,digitalSignature
extendedKeyUsage=serverAuth,clientAuth`;

/** A root that signs directly, by the openssl command. */
export class Authority {
  readonly #folder = mkdtempSync(join(tmpdir(), "authority-"));
  readonly root: Buffer;

  constructor(name: string) {
    this.#openssl(
      ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"],
      ...["-keyout", "root.key", "-out", "root.pem", "-days", "30", "-subj", `/CN=${name}`],
      ...["-addext", "keyUsage=critical,keyCertSign,cRLSign"],
    );
    this.#openssl("x509", "-in", "root.pem", "-outform", "der", "-out", "root.der");
    this.root = this.#read("root.der");
  }

  /** Signs a request (DER): the leaf, DER. */
  sign(csr: Buffer, { inDays = 0, ...wanted }: Wanted): Buffer {
    if (inDays === 0) return this.#signNow(csr, wanted);
    turnClock(inDays);
    try {
      return this.#signNow(csr, wanted);
    } finally {
      turnClock(-inDays);
    }
  }

  #signNow(
    csr: Buffer,
    { id, days = 1, extensions = LEAF, otherKey = false }: Omit<Wanted, "inDays">,
  ): Buffer {
    this.#write("csr.der", csr);
    this.#write("extensions", `${extensions}\nsubjectAltName=critical,URI:${id}\n`);
    if (otherKey) {
      this.#openssl(
        "genpkey",
        "-algorithm",
        "EC",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-out",
        "x",
      );
      this.#openssl("pkey", "-in", "x", "-pubout", "-out", "x.pub");
    }
    this.#openssl(
      ...[
        "x509",
        "-req",
        "-inform",
        "der",
        "-in",
        "csr.der",
        "-outform",
        "der",
        "-out",
        "leaf.der",
      ],
      ...["-CA", "root.pem", "-CAkey", "root.key", "-days", String(days), "-set_serial"],
      ...[`0x7${Date.now().toString(16).padStart(13, "0")}`, "-extfile", "extensions"],
      ...(otherKey ? ["-force_pubkey", "x.pub"] : []),
    );
    return this.#read("leaf.der");
  }

  /** What the openssl command reads in a request, as text; it checks the signature too. */
  describe(csr: Buffer): string {
    this.#write("csr.der", csr);
    return this.#openssl("req", "-inform", "der", "-in", "csr.der", "-noout", "-text", "-verify");
  }

  #openssl(...args: string[]): string {
    return execFileSync("openssl", args, {
      cwd: this.#folder,
      stdio: ["ignore", "pipe", "pipe"],
      encoding: "utf8",
    });
  }

  #write(name: string, data: Buffer | string): void {
    writeFileSync(join(this.#folder, name), data);
  }

  #read(name: string): Buffer {
    return readFileSync(join(this.#folder, name));
  }
}

function turnClock(days: number): void {
  const seconds = Math.round(Date.now() / 1000) + days * 86_400;
  execFileSync("date", ["-s", `@${String(seconds)}`]);
}
