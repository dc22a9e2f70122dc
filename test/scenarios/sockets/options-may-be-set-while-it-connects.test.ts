// SPDX-License-Identifier: Apache-2.0
import { besideTcp } from "./beside-tcp.js";

besideTcp("options may be asked for and set while it connects", "options_while_connecting", {
  client: "10 connections answered\n",
  server: "",
});
