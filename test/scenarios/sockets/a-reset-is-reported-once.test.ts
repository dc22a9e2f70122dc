// SPDX-License-Identifier: Apache-2.0
import { besideTcp } from "./beside-tcp.js";

besideTcp("a reset is reported once; then reading ends and writing is EPIPE", "after_a_reset", {
  client: `a connection is reset
  poll: IN OUT RDHUP ERR HUP
  read: ECONNRESET
  poll: IN OUT RDHUP HUP
  read: 0
  send: EPIPE, 1 SIGPIPE
  send(MSG_NOSIGNAL): EPIPE, 0 SIGPIPE
  read: 0
  SO_ERROR: 0
a connection is reset
  send: ECONNRESET, 0 SIGPIPE
  send: EPIPE, 1 SIGPIPE
  read: 0
a connection is reset
  SO_ERROR: ECONNRESET
  read: 0
  send: EPIPE, 1 SIGPIPE
  poll: IN OUT RDHUP HUP
`,
  server: "",
});
