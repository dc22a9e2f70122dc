// SPDX-License-Identifier: Apache-2.0
import { besideTcp } from "./beside-tcp.js";

besideTcp("a socket that is uncorked sends at once what is held back", "uncork", {
  client: "no TCP_CORK after send(): it leaves at once\n",
  server: "",
});
