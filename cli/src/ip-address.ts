// SPDX-License-Identifier: Apache-2.0

/**
 * An address of 4 or 16 bytes, network order, with its port: "10.0.0.1:443", "[2001:db8::1]:443"
 * (RFC 5952); "?" when there is none.
 */
export function addressText(address: Uint8Array | undefined, port: number | undefined): string {
  const suffix = port === undefined ? "" : `:${port}`;
  if (address?.length === 4) return address.join(".") + suffix;
  if (address?.length === 16) return `[${ipv6Text(address)}]${suffix}`;
  return "?";
}

function ipv6Text(bytes: Uint8Array): string {
  const groups = Array.from({ length: 8 }, (_, index) =>
    (((bytes[index * 2] ?? 0) << 8) | (bytes[index * 2 + 1] ?? 0)).toString(16),
  );
  // The longest run of at least two zero groups, the first of several, is written "::".
  const runs = [...groups.join(":").matchAll(/(?<![0-9a-f])0(?::0)+(?![0-9a-f])/g)];
  const longest = runs.reduce<RegExpExecArray | undefined>(
    (best, run) => (best === undefined || run[0].length > best[0].length ? run : best),
    undefined,
  );
  if (longest === undefined) return groups.join(":");
  const text = groups.join(":");
  const before = text.slice(0, longest.index).replace(/:$/, "");
  const after = text.slice(longest.index + longest[0].length).replace(/^:/, "");
  return `${before}::${after}`;
}
