// SPDX-License-Identifier: Apache-2.0
import { besideTcp } from "./beside-tcp.js";

besideTcp("threads write to one connection at the same time", "many_writers", {
  client: "",
  server: `writer 0: everything arrives
writer 1: everything arrives
writer 2: everything arrives
writer 3: everything arrives
then 0
`,
});
