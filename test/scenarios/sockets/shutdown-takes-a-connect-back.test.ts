// SPDX-License-Identifier: Apache-2.0
import { besideTcp } from "./beside-tcp.js";

besideTcp("shutdown() takes back a connect() that nobody answers", "shutdown_while_connecting", {
  client: `connect: EINPROGRESS
shutdown: 0
connect again: 0
what comes back: hello
`,
  server: "",
});
