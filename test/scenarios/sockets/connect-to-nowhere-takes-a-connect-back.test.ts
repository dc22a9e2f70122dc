// SPDX-License-Identifier: Apache-2.0
import { besideTcp } from "./beside-tcp.js";

besideTcp("connect(AF_UNSPEC) takes back a connect() that isn't done", "dissolve", {
  client: `where nobody is, at once
  connect: EINPROGRESS, connect(AF_UNSPEC): 0
  connect again: 0
  what comes back: hello
where nobody is, while the SYN waits
  connect: EINPROGRESS, connect(AF_UNSPEC): 0
  connect again: 0
  what comes back: hello
the server, at once
  connect: EINPROGRESS, connect(AF_UNSPEC): 0
  connect again: 0
  what comes back: hello
the server, when TCP is connected
  connect: EINPROGRESS, connect(AF_UNSPEC): 0
  connect again: 0
  what comes back: hello
`,
  server: "",
});
