// SPDX-License-Identifier: Apache-2.0
import { allocationsThatFail } from "../scenarios/allocations-that-fail.js";

allocationsThatFail(1);
