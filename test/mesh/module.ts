// SPDX-License-Identifier: Apache-2.0

// What signet.ko needs is loaded by name (all at once: each start of modprobe takes half a second of
// an emulated CPU); signet.ko itself is not installed, so by path.
const LOAD = `
set -e
needs=$(modinfo -F depends "$0" | tr ',' ' '; modinfo -F softdep "$0" | sed 's/pre: //g')
modprobe -qa $needs || true
insmod "$0"
`;

// A connection that was closed may still have to say good-bye to its peer.
const UNLOAD = `
"$0" "$1" drain
for attempt in $(seq 50); do
  rmmod signet 2>/dev/null && exit 0
  sleep 0.2
done
rmmod signet
`;

/** The command that loads a signet.ko. */
export function loadCommand(modulePath: string): [string, ...string[]] {
  return ["sh", "-c", LOAD, modulePath];
}

/** The command that removes signet.ko when nobody uses it any more; `cli` is the file of `signet`. */
export function unloadCommand(cli: string): [string, ...string[]] {
  return ["sh", "-c", UNLOAD, process.execPath, cli];
}
