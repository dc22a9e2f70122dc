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

const DEADLINE_MS = 30_000;

/** Where a signer is, and the files with which an operator reaches one elsewhere. */
export interface SignerPlace {
  readonly socket: string;
  readonly signer?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly ca?: string;
}

/** The calls of the administration service, with the types of their messages. */
export type Calls = {
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

/** A client of the administration service. */
export class AdminClient {
  readonly #grpc: messages.AdminServiceClient;

  constructor(grpc: messages.AdminServiceClient) {
    this.#grpc = grpc;
  }

  /**
   * One call as a promise, with the deadline of all calls.
   * @throws SignetError as the signer or the transport says
   */
  call<Name extends keyof Calls>(
    name: Name,
    request: Calls[Name]["request"],
  ): Promise<Calls[Name]["response"]> {
    const { path, requestSerialize, responseDeserialize } = AdminService.service[
      name
    ] as MethodDefinition<Calls[Name]["request"], unknown, unknown, Calls[Name]["response"]>;
    const options = { deadline: Date.now() + DEADLINE_MS };
    return new Promise((resolve, reject) => {
      this.#grpc.makeUnaryRequest(
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

  close(): void {
    this.#grpc.close();
  }
}

/**
 * A client of the signer that the options name.
 * @throws SignetError USAGE, FILE_UNREADABLE, PERMISSION_DENIED, SIGNER_UNAVAILABLE
 */
export function openAdmin(options: SignerPlace): AdminClient {
  return new AdminClient(
    options.signer === undefined ? overSocket(options.socket) : overTls(options),
  );
}

function overSocket(path: string): messages.AdminServiceClient {
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

function overTls({ signer, cert, key, ca }: SignerPlace): messages.AdminServiceClient {
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
