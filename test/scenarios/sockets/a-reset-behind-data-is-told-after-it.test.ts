// SPDX-License-Identifier: Apache-2.0
import { besideTcp } from "./beside-tcp.js";

besideTcp("a reset behind data is told after it, whoever looked before", "reset_behind_data", {
  client: `5 bytes and a reset have come: yes
 FIONREAD: 5
  recv: 5
 FIONREAD: 0
  recv: ECONNRESET
  recv: 0
5 bytes and a reset have come: yes
 MSG_WAITALL
  recv: 5
  recv: ECONNRESET
  recv: 0
5 bytes and a reset have come: yes
 SO_RCVLOWAT
  recv: 5
  recv: ECONNRESET
  recv: 0
`,
  server: "",
});
