// SPDX-License-Identifier: Apache-2.0
// Looks for byte strings in a process's memory and in files: search.mjs PID FILE… < needles.json
// (name → hex). Prints for each place the names of those that are there.
import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import { text } from "node:stream/consumers";

const LARGEST = 64 * 1024 * 1024;
const needles = Object.entries(JSON.parse(await text(process.stdin))).map(([name, hex]) => ({
  name,
  bytes: Buffer.from(hex, "hex"),
}));

const [pid, ...files] = process.argv.slice(2);
const places = { memory: memory(pid), ...Object.fromEntries(files.map((file) => [file, [file]])) };
const found = Object.entries(places).map(([place, parts]) => [place, search(parts)]);
console.log(JSON.stringify(Object.fromEntries(found)));

/** @param {Iterable<string | Buffer>} parts */
function search(parts) {
  const names = new Set();
  for (const part of parts) {
    const data = typeof part === "string" ? readFileSync(part) : part;
    for (const { name, bytes } of needles) if (data.includes(bytes)) names.add(name);
  }
  return [...names];
}

/** Every readable mapping of a process. @param {string} pid */
function* memory(pid) {
  const handle = openSync(`/proc/${pid}/mem`, "r");
  for (const line of readFileSync(`/proc/${pid}/maps`, "utf8").trim().split("\n")) {
    const [range, mode] = line.split(" ");
    const [from, to] = range.split("-").map((address) => Number.parseInt(address, 16));
    if (!mode.startsWith("r") || line.includes("[v")) continue;
    for (let at = from; at < to; at += LARGEST) yield slice(handle, at, Math.min(to - at, LARGEST));
  }
  closeSync(handle);
}

/** What can be read of it: reserved pages can't. */
function slice(handle, at, length) {
  const data = Buffer.alloc(length);
  try {
    return data.subarray(0, readSync(handle, data, 0, length, at));
  } catch {
    return Buffer.alloc(0);
  }
}
