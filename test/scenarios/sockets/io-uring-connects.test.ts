// SPDX-License-Identifier: Apache-2.0
import { besideTcp } from "./beside-tcp.js";

besideTcp("io_uring connects", "io_uring_connect", {
  client: "connect: 0 in 20 of 20\n",
  server: "",
});
