// SPDX-License-Identifier: Apache-2.0
import { halfOpenPeers } from "./half-open-peers.js";

halfOpenPeers("stock", 600);
