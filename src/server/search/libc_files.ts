/**
 * Opening and reading files through the C library, for threads that the kernel keeps inside the roots.
 *
 * Unless it was started with every right there is, Deno looks at each path again before it opens it, to find links
 * into `/proc`: that takes twice as long as opening, reading and closing a source file (2.9.6 and 2.4.2, measured
 * 2026-11). Behind the wall the question is idle. And these flags hold on every version, where the `node:fs` of
 * 2.4.2 ignores them.
 *
 * @module
 */

import type { FileCalls } from "../../tools/files/search/file_content.ts";
import { openLibc } from "../libc.ts";

// asm-generic/fcntl.h, the same on both architectures but for O_NOFOLLOW, which arm64 has of its own.
const nonBlocking = 0o4000;
const closeOnExec = 0o2000000;
const noFollow = { x86_64: 0o400000, aarch64: 0o100000 } as const;
const seekEnd = 2;

/** More than Linux' PATH_MAX, and a NUL. */
const pathBytes = 4097;

const symbols = {
  open: { parameters: ["buffer", "i32", "i32"], result: "i32" },
  pread: { parameters: ["i32", "buffer", "usize", "i64"], result: "isize" },
  lseek: { parameters: ["i32", "i64", "i32"], result: "i64" },
  close: { parameters: ["i32"], result: "i32" },
} as const;

/** Opens the library; needs the right to use FFI now, and not for the calls. */
export function openLibcFiles(): FileCalls {
  const libc = openLibc(symbols).symbols;
  const encoder = new TextEncoder();
  const path = new Uint8Array(pathBytes);
  const flags = nonBlocking | closeOnExec | noFollow[Deno.build.arch];
  return {
    open(text): number | undefined {
      const { read, written } = encoder.encodeInto(text, path);
      if (read < text.length || written >= pathBytes) return undefined;
      path[written] = 0;
      const file = libc.open(path, flags, 0);
      return file < 0 ? undefined : file;
    },
    read(file, bytes, position): number {
      // Also refuses what has no places to read from: a FIFO, a socket.
      return Math.max(0, Number(libc.pread(file, bytes, BigInt(bytes.length), BigInt(position))));
    },
    sizeBytes: (file) => Number(libc.lseek(file, 0n, seekEnd)),
    close(file): void {
      libc.close(file);
    },
  };
}
