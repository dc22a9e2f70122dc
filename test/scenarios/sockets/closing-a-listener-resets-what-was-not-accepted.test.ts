// SPDX-License-Identifier: Apache-2.0
import { besideTcp } from "./beside-tcp.js";

besideTcp("closing a listener resets what was not accepted", "close_a_listener", {
  client: `the listener is shut down: ECONNRESET
the listener is closed: ECONNRESET
`,
  server: `accept: EINVAL
`,
});
