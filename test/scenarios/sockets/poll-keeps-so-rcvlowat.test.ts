// SPDX-License-Identifier: Apache-2.0
import { besideTcp } from "./beside-tcp.js";

besideTcp("poll() keeps SO_RCVLOWAT", "rcvlowat", {
  client: `SO_RCVLOWAT is set when the socket is connected
  5 bytes: not readable
  10 bytes: readable
  none: not readable
SO_RCVLOWAT is set before
  5 bytes: not readable
  10 bytes: readable
  none: not readable
`,
  server: "",
});
