// SPDX-License-Identifier: Apache-2.0
import { besideTcp } from "./beside-tcp.js";

besideTcp("a server that accepts and closes is read to the end", "accept_and_close", {
  client: `connect: 0, read: 0
connect: 0, read: 0
connect: 0, read: 0
connect: 0, read: 0
connect: 0, read: 0
`,
  server: "",
});
