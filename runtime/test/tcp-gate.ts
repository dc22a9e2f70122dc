// SPDX-License-Identifier: Apache-2.0

import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";

/** A TCP relay in front of a server, which can be closed: bytes wait or vanish, or connections are refused. */
export class TcpGate {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #silenced = new Set<Socket>();
  readonly #waiting: (() => void)[] = [];
  #state: "open" | "holding one" | "held" | "refusing" = "open";
  #held = 0;

  private constructor(port: number) {
    this.#server = createServer((client) => {
      if (this.#state === "refusing") {
        client.resetAndDestroy();
        return;
      }
      this.#relay(client, connect(port, "127.0.0.1"));
    });
  }

  /** Opens a gate to a port of loopback. */
  static async to(port: number): Promise<TcpGate> {
    const gate = new TcpGate(port);
    gate.#server.listen(0, "127.0.0.1");
    await once(gate.#server, "listening");
    return gate;
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("the gate is not open");
    return address.port;
  }

  /** How many times bytes from a client were held back. */
  get held(): number {
    return this.#held;
  }

  /** Keeps back what clients send from now on. */
  hold(): void {
    this.#state = "held";
  }

  /** Keeps back what a client sends next, and nothing else. */
  holdOne(): void {
    this.#state = "holding one";
  }

  /** Resets every connection, and the ones to come. */
  refuse(): void {
    this.#state = "refusing";
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  /** Nothing gets through the connections that there are any more, in either direction; new ones work. */
  silence(): void {
    for (const socket of this.#sockets) this.#silenced.add(socket);
  }

  /** Lets everything through, in its order. */
  open(): void {
    this.#state = "open";
    for (const pass of this.#waiting.splice(0)) pass();
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }

  #relay(client: Socket, server: Socket): void {
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      socket.setNoDelay(true).on("error", () => socket.destroy());
    }
    client.on("close", () => server.destroy());
    server.on("close", () => client.destroy());
    server.on("data", (bytes) => {
      if (!this.#silenced.has(server)) client.write(bytes);
    });
    client.on("data", (bytes) => {
      if (this.#silenced.has(client)) return;
      if (this.#state === "open") server.write(bytes);
      else {
        if (this.#state === "holding one") this.#state = "open";
        this.#held += 1;
        this.#waiting.push(() => server.write(bytes));
      }
    });
  }
}
