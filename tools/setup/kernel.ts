// SPDX-License-Identifier: Apache-2.0

/** Debian's stock kernel, or the one with KASAN, lockdep and kmemleak. */
export type KernelFlavour = "stock" | "debug";

/** A kernel that guests can boot and that Signet's module can be built for. */
export interface Kernel {
  readonly flavour: KernelFlavour;
  /** What `uname -r` prints in the guest. */
  readonly release: string;
  /** What QEMU boots; nothing that an emulated CPU takes seconds to decompress. */
  readonly image: string;
  /** The folder that becomes /lib/modules in the guest; undefined where everything is built in. */
  readonly modules: string | undefined;
  /** The folder for `make -C … M=…`. */
  readonly buildDir: string;
}
