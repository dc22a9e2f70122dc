// SPDX-License-Identifier: Apache-2.0
import { besideTcp } from "./beside-tcp.js";

besideTcp("what was written reaches a slow reader, however the writer ended", "slow_reader", {
  client: `the server is gone: 0
closed: everything arrives, then 0
closed with SO_LINGER: everything arrives, then 0
killed: everything arrives, then 0
`,
  server: "",
});
