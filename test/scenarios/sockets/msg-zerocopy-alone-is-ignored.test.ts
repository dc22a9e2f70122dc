// SPDX-License-Identifier: Apache-2.0
import { besideTcp } from "./beside-tcp.js";

besideTcp("MSG_ZEROCOPY without SO_ZEROCOPY is ignored", "zerocopy", {
  client: `send(MSG_ZEROCOPY): 5
what comes back: hello
recvmsg(MSG_ERRQUEUE): EAGAIN
`,
  server: "",
});
