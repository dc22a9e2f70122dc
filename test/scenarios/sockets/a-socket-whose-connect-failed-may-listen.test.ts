// SPDX-License-Identifier: Apache-2.0
import { besideTcp } from "./beside-tcp.js";

besideTcp("a socket whose connect() was refused may listen", "listen_after_connect", {
  client: "what comes back: hello\n",
  server: "connect: ECONNREFUSED\n",
});
