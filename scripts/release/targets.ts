/**
 * The platforms that a release is built for, and the names of its files. Pure.
 *
 * @module
 */

/** One platform. */
export interface Target {
  /** As in file names and in the install scripts. */
  readonly name: string;
  /** As Deno names it. */
  readonly triple: string;
  /** The first bytes of an executable there. */
  readonly magic: readonly number[];
}

const ELF = [0x7f, 0x45, 0x4c, 0x46];
const MACH_O = [0xcf, 0xfa, 0xed, 0xfe];
const PE = [0x4d, 0x5a];

/** The one list of platforms. */
export const TARGETS: readonly Target[] = [
  { name: "linux-x64", triple: "x86_64-unknown-linux-gnu", magic: ELF },
  { name: "linux-arm64", triple: "aarch64-unknown-linux-gnu", magic: ELF },
  { name: "macos-x64", triple: "x86_64-apple-darwin", magic: MACH_O },
  { name: "macos-arm64", triple: "aarch64-apple-darwin", magic: MACH_O },
  { name: "windows-x64", triple: "x86_64-pc-windows-msvc", magic: PE },
];

/** The file of one platform: the executable itself on Windows, compressed by gzip elsewhere. */
export function assetName(version: string, { name }: Target): string {
  return `agentos-${version}-${name}.${name.startsWith("windows") ? "exe" : "gz"}`;
}

/** The list of what the executable is made of. */
export function sbomName(version: string): string {
  return `agentos-${version}.cdx.json`;
}

/** The text of SHA256SUMS, as `sha256sum --check` reads it, in the order of names. */
export function renderSums(sums: Readonly<Record<string, string>>): string {
  return Object.entries(sums).toSorted(([a], [b]) => a < b ? -1 : 1)
    .map(([name, sha256]) => `${sha256}  ${name}\n`).join("");
}
