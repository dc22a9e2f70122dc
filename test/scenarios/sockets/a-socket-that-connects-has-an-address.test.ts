// SPDX-License-Identifier: Apache-2.0
import { besideTcp } from "./beside-tcp.js";

besideTcp("a socket that connects in the background has its address at once", "getsockname", {
  client: `connect() number 1: EINPROGRESS, the address is known, the port is known
when it is connected they are the same
connect() number 2: EINPROGRESS, the address is known, the port is known
when it is connected they are the same
`,
  server: "",
});
