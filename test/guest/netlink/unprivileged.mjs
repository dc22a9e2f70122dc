// SPDX-License-Identifier: Apache-2.0
// Prints with what errno the kernel refuses this process three operations. Compiled modules, so
// that it starts at once as any user.
import { KernelModule } from "../../../agent/dist/netlink/kernel-module.js";
import { refusedWith } from "../../../agent/dist/netlink/refusal.js";

const module = await KernelModule.connect();
const attempts = [() => module.register(true), () => module.node(), () => module.identities()];
const outcomes = [];
for (const attempt of attempts) {
  outcomes.push(
    await attempt().then(
      () => "done",
      (error) => refusedWith(error),
    ),
  );
}
console.log(outcomes.join(" "));
module.close();
