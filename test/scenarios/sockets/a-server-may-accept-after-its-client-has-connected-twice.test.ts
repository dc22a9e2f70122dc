// SPDX-License-Identifier: Apache-2.0
import { besideTcp } from "./beside-tcp.js";

besideTcp("a server may accept after its client has connected twice", "passive_ftp", {
  client: `connected twice
the server says hello, then 0
`,
  server: "",
});
