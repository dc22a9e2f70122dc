// SPDX-License-Identifier: Apache-2.0
import { besideTcp } from "./beside-tcp.js";

besideTcp("shutdown(SHUT_WR) stops another thread's write", "shutdown_while_writing", {
  client: `shutdown: 0
the writer has ended before the peer reads
its last send(): EPIPE
the peer has got a part of it, what send() took
`,
  server: "the stream ends with 0\n",
});
