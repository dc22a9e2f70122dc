// SPDX-License-Identifier: Apache-2.0
import { halfOpenPeers } from "../scenarios/half-open-peers.js";

halfOpenPeers("debug", 80);
