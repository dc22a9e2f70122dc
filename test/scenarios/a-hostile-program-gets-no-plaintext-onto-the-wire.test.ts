// SPDX-License-Identifier: Apache-2.0
import { hostileProgram } from "./hostile-program.js";

hostileProgram("stock");
