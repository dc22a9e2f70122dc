// SPDX-License-Identifier: Apache-2.0
import { besideTcp } from "./beside-tcp.js";

besideTcp("a server may accept late", "accept_late", {
  client: `connect: 0
connect: 0
connect: 0
what comes back: hello
what comes back: hello
what comes back: hello
`,
  server: `poll: a connection
accepted 1
accepted 2
accepted 3
`,
});
