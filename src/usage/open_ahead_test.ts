/** Opening logs ahead: each is handed over once, whatever became of its neighbours, and none stays open. @module */

import assert from "node:assert/strict";
import { join } from "node:path";
import { openAhead } from "./open_ahead.ts";

function makeLogs(folder: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => {
    const path = join(folder, `${index}.jsonl`);
    Deno.writeTextFileSync(path, `log ${index}\n`);
    return path;
  });
}

function readText(file: Deno.FsFile): string {
  const bytes = new Uint8Array(32);
  return new TextDecoder().decode(bytes.subarray(0, file.readSync(bytes) ?? 0));
}

/** How many files of a folder this process has open; told by Linux only. */
function countOpen(folder: string): number {
  const links = [...Deno.readDirSync("/proc/self/fd")].map(({ name }) => {
    try {
      return Deno.readLinkSync(`/proc/self/fd/${name}`);
    } catch {
      return "";
    }
  });
  return links.filter((path) => path.startsWith(folder)).length;
}

Deno.test("openAhead() hands over each log, in its turn, out of it and again", async () => {
  const folder = Deno.makeTempDirSync();
  try {
    const paths = makeLogs(folder, 100);
    const order = [...paths.keys(), 3, 99, 50];
    const read: string[] = [];
    await openAhead(paths, (open) => {
      for (const index of [70, ...order]) {
        using file = open(paths[index] ?? "");
        read.push(readText(file));
      }
      return Promise.resolve();
    });
    assert.deepEqual(read, [70, ...order].map((index) => `log ${index}\n`));
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("openAhead() says of a log that cannot be opened why not when it is asked for, and only then", async () => {
  const folder = Deno.makeTempDirSync();
  try {
    const paths = makeLogs(folder, 10);
    Deno.removeSync(paths[4] ?? "");
    const failed: number[] = [];
    await openAhead(paths, (open) => {
      for (const [index, path] of paths.entries()) {
        try {
          open(path).close();
        } catch (error) {
          assert.ok(error instanceof Deno.errors.NotFound);
          failed.push(index);
        }
      }
      return Promise.resolve();
    });
    assert.deepEqual(failed, [4]);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test({
  name: "openAhead() leaves no log open, also where the reading fails",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    const folder = Deno.realPathSync(Deno.makeTempDirSync());
    try {
      const paths = makeLogs(folder, 100);
      let most = 0;
      const reading = openAhead(paths, (open) => {
        open(paths[0] ?? "").close();
        most = countOpen(folder);
        throw new Error("stop");
      });
      await assert.rejects(reading, /stop/);
      assert.ok(most > 1 && most < 100, `${most} logs were open`);
      assert.equal(countOpen(folder), 0);
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  },
});
