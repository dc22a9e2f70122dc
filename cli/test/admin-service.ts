// SPDX-License-Identifier: Apache-2.0

import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  Server,
  ServerCredentials,
  type sendUnaryData,
  type ServerUnaryCall,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { AdminService, toGrpcStatus } from "@signet/contract";
import { run } from "../src/run.js";

type Answer = (request: never) => unknown;

/**
 * A gRPC server of the administration service on a Unix socket, whose answers a test decides: for
 * what the command makes of them. What a signer does is tested with a signer.
 */
export class AdminServer {
  readonly directory = mkdtempSync(join(tmpdir(), "signet-cli-"));
  readonly socket = join(this.directory, "admin.sock");
  readonly requests: { method: string; request: unknown }[] = [];
  answers: Record<string, Answer> = {};
  readonly #server = new Server();

  async start(): Promise<void> {
    this.#server.addService(AdminService.service, this.#handlers());
    await this.listen(`unix:${this.socket}`, ServerCredentials.createInsecure());
  }

  /** Listens at one more address. @returns the port */
  listen(address: string, credentials: ServerCredentials): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.bindAsync(address, credentials, (error, port) =>
        error === null ? resolve(port) : reject(error),
      );
    });
  }

  stop(): void {
    this.#server.forceShutdown();
    chmodSync(this.directory, 0o700);
    rmSync(this.directory, { recursive: true });
  }

  #handlers(): UntypedServiceImplementation {
    return Object.fromEntries(
      Object.keys(AdminService.service).map((method) => [
        method,
        (call: ServerUnaryCall<unknown, unknown>, done: sendUnaryData<unknown>) => {
          this.requests.push({ method, request: call.request });
          try {
            const answer = this.answers[method];
            if (answer === undefined) throw new Error(`the test has no answer to ${method}`);
            done(null, answer(call.request as never));
          } catch (error) {
            done(toGrpcStatus(error));
          }
        },
      ]),
    );
  }
}

/** What one run of the command printed, and its exit code. */
export interface Outcome {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The time at which every command of a test runs. */
export const NOW = new Date("2026-11-22T04:00:00Z");

/** Seconds since 1970, so many seconds after NOW, as gRPC carries them. */
export function after(seconds: number): string {
  return String(NOW.getTime() / 1000 + seconds);
}

/** Runs `signet` with these arguments, at NOW unless told otherwise. */
export async function signet(args: readonly string[], stdin = "", now = NOW): Promise<Outcome> {
  let stdout = "";
  let stderr = "";
  const exit = await run(args, {
    stdout: (text) => void (stdout += text),
    stderr: (text) => void (stderr += text),
    stdin: () => Promise.resolve(stdin),
    now: () => now,
    interrupted: new AbortController().signal,
  });
  return { exit, stdout, stderr };
}
