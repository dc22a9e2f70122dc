// SPDX-License-Identifier: Apache-2.0

import { accessSync, constants, readFileSync } from "node:fs";
import { credentials } from "@grpc/grpc-js";
import type { MethodDefinition } from "@grpc/proto-loader";
import {
  AdminService,
  checkSvid,
  fromGrpcError,
  fromPem,
  SIGNER_CHANNEL_OPTIONS,
  SignetError,
  signerChannelCredentials,
  trustDomainOf,
  type messages,
} from "@signet/contract";
import { Option, type Command } from "commander";
import type { OutputOptions } from "./io.js";

/** Where the signer is, and what the operator shows it. */
export interface SignerOptions extends OutputOptions {
  readonly socket: string;
  readonly signer?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly ca?: string;
}

/** A client of the administration service. */
export type Admin = messages.AdminServiceClient;

const DEADLINE_MS = 30_000;

/** Adds the options that say where the signer is. */
export function addSignerOptions(command: Command): Command {
  const option = (flags: string, description: string, env: string) =>
    new Option(flags, description).env(env);
  return command
    .addOption(
      option(
        "--socket <path>",
        "the signer's Unix socket, which only root opens",
        "SIGNET_ADMIN_SOCKET",
      ).default("/run/signet-signer/admin.sock"),
    )
    .addOption(option("--signer <host:port>", "a signer elsewhere, by mutual TLS", "SIGNET_SIGNER"))
    .addOption(option("--cert <file>", "administrator's certificate chain, PEM", "SIGNET_CERT"))
    .addOption(option("--key <file>", "its private key, PEM", "SIGNET_KEY"))
    .addOption(option("--ca <file>", "control-plane root, PEM", "SIGNET_CA"))
    .option("--json", "print JSON");
}

/**
 * Opens a client, has it used, and closes it.
 * @throws SignetError USAGE, FILE_UNREADABLE, PERMISSION_DENIED, SIGNER_*, and what `use` throws
 */
export async function withAdmin<T>(
  options: SignerOptions,
  use: (admin: Admin) => Promise<T>,
): Promise<T> {
  const admin = options.signer === undefined ? overSocket(options.socket) : overTls(options);
  try {
    return await use(admin);
  } finally {
    admin.close();
  }
}

/** The calls of the administration service, with the types of their messages. */
type Calls = {
  [
    Name in keyof messages.AdminServiceDefinition
  ]: messages.AdminServiceDefinition[Name] extends MethodDefinition<
    infer Request,
    never,
    unknown,
    infer Response
  >
    ? { request: Request; response: Response }
    : never;
};

/**
 * One call as a promise, with the deadline of all calls.
 * @throws SignetError as the signer or the transport says
 */
export function call<Name extends keyof Calls>(
  admin: Admin,
  name: Name,
  request: Calls[Name]["request"],
): Promise<Calls[Name]["response"]> {
  const { path, requestSerialize, responseDeserialize } = AdminService.service[
    name
  ] as MethodDefinition<Calls[Name]["request"], unknown, unknown, Calls[Name]["response"]>;
  const options = { deadline: Date.now() + DEADLINE_MS };
  return new Promise((resolve, reject) => {
    admin.makeUnaryRequest(
      path,
      requestSerialize,
      responseDeserialize,
      request,
      options,
      (error, response) => {
        if (error !== null) reject(fromGrpcError(error));
        else if (response === undefined) reject(new SignetError("INTERNAL"));
        else resolve(response);
      },
    );
  });
}

function overSocket(path: string): Admin {
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "EACCES") {
      throw new SignetError("PERMISSION_DENIED", `This user may not open ${path}.`, { cause });
    }
    throw new SignetError("SIGNER_UNAVAILABLE", `No signer listens at ${path}.`, { cause });
  }
  // The socket's permissions are the authentication.
  return new AdminService(`unix:${path}`, credentials.createInsecure(), {
    "grpc.default_authority": "localhost",
  });
}

function overTls({ signer, cert, key, ca }: SignerOptions): Admin {
  if (signer === undefined || cert === undefined || key === undefined || ca === undefined) {
    throw new SignetError("USAGE", "--signer needs --cert, --key and --ca too.");
  }
  const chain = read(cert);
  const [leaf] = fromPem(chain.toString());
  if (leaf === undefined) {
    throw new SignetError("FILE_UNREADABLE", `${cert} holds no certificate in PEM.`);
  }
  const trust = {
    roots: read(ca),
    trustDomain: trustDomainOf(checkSvid(leaf).spiffeId),
    identity: { chain, key: read(key) },
  };
  return new AdminService(signer, secured(trust), SIGNER_CHANNEL_OPTIONS);
}

function secured(trust: Parameters<typeof signerChannelCredentials>[0]) {
  try {
    return signerChannelCredentials(trust);
  } catch (cause) {
    const message = "--cert, --key and --ca do not fit together, or one of them is no PEM file.";
    throw new SignetError("FILE_UNREADABLE", message, { cause });
  }
}

function read(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new SignetError("FILE_UNREADABLE", `${path} cannot be read.`, { cause });
  }
}
