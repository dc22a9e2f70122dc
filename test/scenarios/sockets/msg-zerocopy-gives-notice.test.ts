// SPDX-License-Identifier: Apache-2.0
import { besideTcp } from "./beside-tcp.js";

besideTcp("MSG_ZEROCOPY with SO_ZEROCOPY gives notice", "zerocopy_notice", {
  client: `send(MSG_ZEROCOPY): 5
a notice: 0 to 0
send(MSG_ZEROCOPY): 5
a notice: 1 to 1
send(): 5
recvmsg(MSG_ERRQUEUE): EAGAIN
`,
  server: "",
});
