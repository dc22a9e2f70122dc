// SPDX-License-Identifier: Apache-2.0

import "reflect-metadata";
import { webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";

x509.cryptoProvider.set(webcrypto as unknown as never);

const { ExtendedKeyUsage, KeyUsageFlags } = x509;
const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const HOUR = 3_600_000;

/** A certificate and its key, as TLS libraries want them. */
export interface Credential {
  readonly der: Buffer;
  readonly pem: string;
  readonly key: string;
}

/** What a leaf says; the defaults make a right SVID. */
export interface LeafOptions {
  readonly uris?: string[];
  readonly dns?: string[];
  readonly ca?: boolean;
  readonly usage?: x509.KeyUsageFlags | undefined;
  readonly usageCritical?: boolean;
  readonly extUsage?: string[] | undefined;
  readonly curve?: "P-256" | "P-384";
  readonly notBefore?: Date;
  readonly notAfter?: Date;
  readonly extra?: x509.Extension[];
}

/** What a subordinate authority's certificate says. */
export interface IssuerOptions {
  readonly pathLength?: number;
  readonly usage?: x509.KeyUsageFlags;
  readonly extra?: x509.Extension[];
}

/** A certificate authority that signs whatever a test asks of it, wrong things included. */
export class Authority {
  private constructor(
    readonly certificate: x509.X509Certificate,
    private readonly keys: webcrypto.CryptoKeyPair,
  ) {}

  static async create(name: string): Promise<Authority> {
    const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
      name: `CN=${name}`,
      serialNumber: "01",
      keys,
      signingAlgorithm: ALGORITHM,
      notBefore: new Date(Date.now() - HOUR),
      notAfter: new Date(Date.now() + 24 * HOUR),
      extensions: caExtensions(),
    });
    return new Authority(certificate, keys);
  }

  get der(): Buffer {
    return Buffer.from(this.certificate.rawData);
  }

  get pem(): string {
    return `${this.certificate.toString("pem")}\n`;
  }

  /** A subordinate authority. */
  async issuer(name: string, options: IssuerOptions = {}): Promise<Authority> {
    const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
    const certificate = await this.sign(`CN=${name}`, keys.publicKey, caExtensions(options), {});
    return new Authority(certificate, keys);
  }

  /** A leaf; by default a right SVID of the SPIFFE ID. */
  async leaf(spiffeId: string, options: LeafOptions = {}): Promise<Credential> {
    const algorithm = { ...ALGORITHM, namedCurve: options.curve ?? "P-256" };
    const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
    const extensions = leafExtensions(spiffeId, options);
    const certificate = await this.sign("", keys.publicKey, extensions, options);
    const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey));
    return {
      der: Buffer.from(certificate.rawData),
      pem: `${certificate.toString("pem")}\n`,
      key: x509.PemConverter.encode(pkcs8, "PRIVATE KEY"),
    };
  }

  private sign(
    subject: string,
    publicKey: webcrypto.CryptoKey,
    extensions: x509.Extension[],
    { notBefore, notAfter }: LeafOptions,
  ): Promise<x509.X509Certificate> {
    return x509.X509CertificateGenerator.create({
      subject,
      issuer: this.certificate.subject,
      publicKey,
      signingKey: this.keys.privateKey,
      signingAlgorithm: ALGORITHM,
      notBefore: notBefore ?? new Date(Date.now() - 60_000),
      notAfter: notAfter ?? new Date(Date.now() + HOUR),
      extensions,
    });
  }
}

function caExtensions({ pathLength, usage, extra = [] }: IssuerOptions = {}): x509.Extension[] {
  return [
    new x509.BasicConstraintsExtension(true, pathLength, true),
    new x509.KeyUsagesExtension(usage ?? KeyUsageFlags.keyCertSign, true),
    ...extra,
  ];
}

function leafExtensions(spiffeId: string, options: LeafOptions): x509.Extension[] {
  const names: x509.JsonGeneralNames = [
    ...(options.uris ?? [spiffeId]).map((value) => ({ type: "url", value }) as const),
    ...(options.dns ?? []).map((value) => ({ type: "dns", value }) as const),
  ];
  const usage = "usage" in options ? options.usage : KeyUsageFlags.digitalSignature;
  const extUsage =
    "extUsage" in options
      ? options.extUsage
      : [ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth];
  return [
    new x509.BasicConstraintsExtension(options.ca ?? false, undefined, true),
    ...(usage === undefined
      ? []
      : [new x509.KeyUsagesExtension(usage, options.usageCritical ?? true)]),
    ...(extUsage === undefined ? [] : [new x509.ExtendedKeyUsageExtension(extUsage)]),
    ...(names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(names, true)]),
    ...(options.extra ?? []),
  ];
}
