// SPDX-License-Identifier: Apache-2.0
import { bundlePrograms } from "./bundle.js";

await bundlePrograms();
