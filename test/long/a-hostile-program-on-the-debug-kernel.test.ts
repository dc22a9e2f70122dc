// SPDX-License-Identifier: Apache-2.0
import { hostileProgram } from "../scenarios/hostile-program.js";

hostileProgram("debug");
