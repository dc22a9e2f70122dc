// SPDX-License-Identifier: Apache-2.0
import { besideTcp } from "./beside-tcp.js";

besideTcp("a control message is refused, or ignored", "control_messages", {
  client: `SOL_SOCKET 12345: EINVAL
SO_MARK: EINVAL
SO_TIMESTAMPING: 5
SO_TIMESTAMPING, too short: EINVAL
SCM_RIGHTS, none: 5
SOL_IP 12345: 5
SOL_TCP 12345: 5
`,
  server: "",
});
