// SPDX-License-Identifier: Apache-2.0
import { besideTcp } from "./beside-tcp.js";

besideTcp(
  "a program that is killed with full connections holds nobody up",
  "killed_with_full_connections",
  {
    client: `with 300 connections: killed
connected, and heard
connected, and heard
connected, and heard
`,
    server: "",
  },
);
