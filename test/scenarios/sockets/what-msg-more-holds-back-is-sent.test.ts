// SPDX-License-Identifier: Apache-2.0
import { besideTcp } from "./beside-tcp.js";

besideTcp("what MSG_MORE and SPLICE_F_MORE hold back is sent by itself", "message_more", {
  client: `what send(MSG_MORE) took arrives before the next write
what splice(SPLICE_F_MORE) took arrives before the next write
`,
  server: "",
});
