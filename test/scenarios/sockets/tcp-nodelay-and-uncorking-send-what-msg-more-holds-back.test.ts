// SPDX-License-Identifier: Apache-2.0
import { besideTcp } from "./beside-tcp.js";

besideTcp("TCP_NODELAY and no TCP_CORK send what MSG_MORE holds back, at once", "push_more", {
  client: `no TCP_CORK after send(MSG_MORE): it leaves at once
TCP_NODELAY after send(MSG_MORE): it leaves at once
`,
  server: "",
});
