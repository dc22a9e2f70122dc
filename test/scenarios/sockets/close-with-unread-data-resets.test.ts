// SPDX-License-Identifier: Apache-2.0
import { besideTcp } from "./beside-tcp.js";

besideTcp("close() with unread data resets the connection", "close_with_unread_data", {
  client: `the server closes after 0 bytes of 5: ECONNRESET
the server closes after 3 bytes of 5: ECONNRESET
`,
  server: `the client closes after 0 bytes of 5: ECONNRESET
the client closes after 3 bytes of 5: ECONNRESET
the client closes after 5 bytes of 5: 0
`,
});
