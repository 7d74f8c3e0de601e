/**
 * Raising the number of files that this process may hold open: systems give 1024 by default, and a thousand idle
 * connections would use them up. The user's own upper limit is kept.
 *
 * @module
 */

import { openLibc } from "./libc.ts";

/** Enough for ten thousand connections; each costs about 12 kB of memory (Deno 2.9.6). */
const wantedFiles = 16_384n;

// man 2 getrlimit; the number of RLIMIT_NOFILE is the same on x86_64 and aarch64.
const rlimitNofile = 7;

const symbols = {
  getrlimit: { parameters: ["i32", "buffer"], result: "i32" },
  setrlimit: { parameters: ["i32", "buffer"], result: "i32" },
} as const;

/** Raises the limit where that is possible (Linux, by FFI); does nothing elsewhere. Never throws. */
export function raiseOpenFileLimit(): void {
  if (Deno.build.os !== "linux") return;
  try {
    const libc = openLibc(symbols);
    const limits = new BigUint64Array(2);
    if (libc.symbols.getrlimit(rlimitNofile, limits) !== 0) return;
    const [soft = 0n, hard = 0n] = limits;
    const wanted = hard < wantedFiles ? hard : wantedFiles;
    if (soft >= wanted) return;
    limits[0] = wanted;
    libc.symbols.setrlimit(rlimitNofile, limits);
  } catch {
    // No such library: the limit stays what it is.
  }
}
