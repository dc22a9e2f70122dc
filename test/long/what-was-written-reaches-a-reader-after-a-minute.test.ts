// SPDX-License-Identifier: Apache-2.0
import { besideTcp } from "../scenarios/sockets/beside-tcp.js";

besideTcp("what was written reaches a reader after a minute", "reader_after_a_minute", {
  client: `the server is gone: 0
closed: everything arrives, then 0
closed with SO_LINGER: everything arrives, then 0
killed: everything arrives, then 0
`,
  server: "",
});
