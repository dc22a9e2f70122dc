// SPDX-License-Identifier: Apache-2.0
import { mainScenario } from "./main-scenario.js";

// KASAN and lockdep under emulation are slow: a smaller file takes as many turns of the code.
mainScenario("debug", 2_000_000);
