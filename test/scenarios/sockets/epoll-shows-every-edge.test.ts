// SPDX-License-Identifier: Apache-2.0
import { besideTcp } from "./beside-tcp.js";

besideTcp("edge-triggered epoll shows every edge from connect() to the end", "edges", {
  client: `it is not connected: OUT HUP
connect: EINPROGRESS
it is connected: OUT
data comes: IN OUT
read to EAGAIN
data comes again: IN OUT
more data comes before that is read: IN OUT
and more: IN OUT
and more: IN OUT
read to EAGAIN
the server closes: IN OUT RDHUP
read to 0
it is not connected: OUT HUP
connect: EINPROGRESS
it is connected: OUT
it was full, and the server reads: OUT
it is not connected: OUT HUP
connect: EINPROGRESS
nobody listens: IN OUT RDHUP ERR HUP
`,
  server: "",
});
