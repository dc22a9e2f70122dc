// SPDX-License-Identifier: Apache-2.0
import { besideTcp } from "./beside-tcp.js";

besideTcp("programs connect to each other before they accept", "connect_to_each_other", {
  client: `connected
the other says hello
`,
  server: `connected
the other says hello
`,
});
