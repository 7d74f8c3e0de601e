/**
 * Someone hostile with the rights of the server's user: swaps two names as fast as the disk goes, until told to stop.
 *
 * On Linux the swap is one system call (renameat2 with RENAME_EXCHANGE), so that both names exist at any moment;
 * elsewhere it takes three renames.
 *
 * @module
 */

import { postToParent, receiveFromParent } from "../../src/server/worker_channel.ts";

/** What is to be swapped. */
export interface SwapOrder {
  readonly one: string;
  readonly other: string;
  /** Two words: the first becomes 1 when it is enough, the second when the swapping has begun. */
  readonly signals: SharedArrayBuffer;
}

const AT_FDCWD = -100;
const RENAME_EXCHANGE = 2;

receiveFromParent<SwapOrder>(({ one, other, signals }) => {
  const words = new Int32Array(signals);
  const swap = Deno.build.os === "linux" ? exchange(one, other) : (): void => rotate(one, other);
  let swaps = 0;
  for (; Atomics.load(words, 0) === 0; swaps++) {
    swap();
    Atomics.store(words, 1, 1);
  }
  // Both names as they were at first.
  if (swaps % 2 === 1) swap();
  postToParent({ swaps });
});

function exchange(one: string, other: string): () => void {
  const libc = Deno.dlopen("libc.so.6", {
    renameat2: { parameters: ["i32", "buffer", "i32", "buffer", "u32"], result: "i32" },
  });
  const [first, second] = [one, other].map((path) => new TextEncoder().encode(`${path}\0`));
  return () => {
    if (first === undefined || second === undefined) return;
    if (libc.symbols.renameat2(AT_FDCWD, first, AT_FDCWD, second, RENAME_EXCHANGE) !== 0) {
      throw new Error(`cannot swap ${one} and ${other}`);
    }
  };
}

function rotate(one: string, other: string): void {
  Deno.renameSync(one, `${one}.aside`);
  Deno.renameSync(other, one);
  Deno.renameSync(`${one}.aside`, other);
}
