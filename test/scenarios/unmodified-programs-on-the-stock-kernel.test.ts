// SPDX-License-Identifier: Apache-2.0
import { mainScenario } from "./main-scenario.js";

mainScenario("stock", 20_000_000);
