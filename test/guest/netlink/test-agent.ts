// SPDX-License-Identifier: Apache-2.0
import { spawn } from "node:child_process";
import { once } from "node:events";
import { demand } from "../../../agent/src/netlink/attributes.js";
import type {
  PolicyChangeRequest,
  ProcessIdentifyEvent,
  SvidRequestEvent,
} from "../../../agent/src/netlink/family.generated.js";
import { KernelModule } from "../../../agent/src/netlink/kernel-module.js";
import { until } from "../../mesh/until.js";

/** The trust domain of these tests. */
export const TRUST_DOMAIN = "test.example";
/** What connect() prints with its credential: it gets as far as TCP, where nobody listens. */
export const CONNECTED = /failed: Connection refused/;
/** What it prints while its identity has no certificate. */
export const NO_KEY = /Required key not available/;

type Have<T, K extends keyof T> = T & { readonly [Name in K]-?: NonNullable<T[Name]> };

/** "Who is this?" */
export type Question = Have<
  ProcessIdentifyEvent,
  "request" | "pid" | "startTimeNs" | "generation" | "exeInode"
>;
/** "Have this signed." */
export type Request = Have<SvidRequestEvent, "id" | "generation" | "csr">;

interface Asked {
  readonly questions: Question[];
  readonly requests: Request[];
}

/** An agent that a test drives by hand. */
export class TestAgent {
  readonly module: KernelModule;
  readonly questions: Question[];
  readonly requests: Request[];

  private constructor(module: KernelModule, asked: Asked) {
    this.module = module;
    this.questions = asked.questions;
    this.requests = asked.requests;
  }

  static async register(): Promise<TestAgent> {
    const asked: Asked = { questions: [], requests: [] };
    const module = await KernelModule.connect({
      onProcessIdentify: (event) =>
        asked.questions.push(
          demand(event, "request", "pid", "startTimeNs", "generation", "exeInode"),
        ),
      onSvidRequest: (event) => asked.requests.push(demand(event, "id", "generation", "csr")),
    });
    await module.register(false);
    return new TestAgent(module, asked);
  }

  /** The next question; only those that come within `timeoutMs` count. */
  question(timeoutMs = 30_000): Promise<Question> {
    return next("a question", this.questions, timeoutMs);
  }

  request(timeoutMs = 30_000): Promise<Request> {
    return next("a certificate request", this.requests, timeoutMs);
  }

  /** Puts the next policy in force: the guests' network inside, and what is given. */
  async enforce(items: PolicyChangeRequest): Promise<void> {
    const { revision = 0n } = await this.module.node();
    await this.module.changePolicy({
      databaseEpoch: "epoch-1",
      revision: revision + 1n,
      trustDomain: TRUST_DOMAIN,
      // Signing by hand takes long in an emulated machine.
      handshakeTimeoutMs: 60_000,
      meshCidr: [{ address: Buffer.from([10, 77, 0, 0]), prefixLength: 24 }],
      ...items,
    });
  }

  /** As when the agent ends: its socket is closed. */
  leave(): void {
    this.module.close();
  }
}

async function next<T>(what: string, queue: T[], timeoutMs: number): Promise<T> {
  await until(what, () => Promise.resolve(queue.length > 0), timeoutMs);
  return queue.shift() as T;
}

/** A program that a test started. */
export interface Program {
  readonly pid: number;
  readonly ended: Promise<{ readonly status: number | null; readonly stderr: string }>;
}

/** Starts a program; proxies of the environment don't reach it. */
export function start(argv: readonly string[], uid = 1000): Program {
  const [command = "", ...rest] = argv;
  const child = spawn(command, rest, {
    uid,
    gid: uid,
    env: { PATH: process.env["PATH"] ?? "" },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const ended = once(child, "close").then(([status]) => ({
    status: status as number | null,
    stderr,
  }));
  return { pid: child.pid ?? 0, ended };
}

// Inside the scope, and nobody listens there. Starts in a fraction of the time that curl needs in an
// emulated machine.
const CONNECT = `socket(my $s, PF_INET, SOCK_STREAM, 0) or die;
connect($s, sockaddr_in(7, inet_aton("10.77.0.11"))) or print STDERR "failed: $!";`;

/** Has a program connect into the scope; it says on stderr with what error the kernel refuses. */
export function connect(uid = 1000): Program {
  return start(["perl", "-MSocket", "-e", CONNECT], uid);
}
