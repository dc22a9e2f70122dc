// SPDX-License-Identifier: Apache-2.0
import { allocationsThatFail } from "./allocations-that-fail.js";

allocationsThatFail(20);
