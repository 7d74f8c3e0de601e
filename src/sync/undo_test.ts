/**
 * Undoing runs on real folders: what comes back, and what is left alone.
 *
 * @module
 */

import { deepEqual, equal, throws } from "node:assert/strict";
import { ENTRIES, push, snapshot, USER_FILES, withSandbox } from "./apply_fixture.ts";
import type { TargetEntry } from "./model.ts";
import { readApplied } from "./read.ts";
import { listRuns } from "./runs.ts";
import { undoRun } from "./undo.ts";

Deno.test("undo puts back what a run replaced, and can itself be undone", async () => {
  await withSandbox(async (sandbox) => {
    await push(sandbox, ENTRIES);
    const pushed = snapshot(sandbox.home);
    const context = {
      stateFolder: sandbox.stateFolder,
      command: "undo",
      at: new Date().toISOString(),
      observe: () => {},
    };
    undoRun(sandbox.stateFolder, listRuns(sandbox.stateFolder)[0]?.id ?? "", context);
    deepEqual(snapshot(sandbox.home), USER_FILES);
    equal(readApplied(sandbox.stateFolder, "test", sandbox.home), undefined);
    const undo = listRuns(sandbox.stateFolder).find(({ command }) => command === "undo");
    undoRun(sandbox.stateFolder, undo?.id ?? "", context);
    deepEqual(snapshot(sandbox.home), pushed);
  });
});

Deno.test("undo leaves a file alone that was changed since, and names it", async () => {
  await withSandbox(async (sandbox) => {
    await push(sandbox, ENTRIES);
    Deno.writeTextFileSync(`${sandbox.home}/notes/a.md`, "edited\n");
    const report = undoRun(sandbox.stateFolder, listRuns(sandbox.stateFolder)[0]?.id ?? "", {
      stateFolder: sandbox.stateFolder,
      command: "undo",
      at: new Date().toISOString(),
      observe: () => {},
    });
    deepEqual(report.skipped, ["notes/a.md"]);
    equal(Deno.readTextFileSync(`${sandbox.home}/notes/a.md`), "edited\n");
  });
});

Deno.test("undoRun() refuses names that lead out of the backups", async () => {
  await withSandbox(async (sandbox) => {
    await push(sandbox, ENTRIES);
    const context = { stateFolder: sandbox.stateFolder, command: "undo", at: "", observe: () => {} };
    throws(() => undoRun(sandbox.stateFolder, "../../home", context), /Cannot use the backup/);
  });
});

Deno.test("an undo that changes nothing is no run", async () => {
  await withSandbox(async (sandbox) => {
    const [, note] = ENTRIES;
    if (note === undefined) throw new Error("no entry");
    await push(sandbox, [note]);
    const { stateFolder } = sandbox;
    Deno.writeTextFileSync(`${sandbox.home}/${note.path}`, "edited\n");
    const before = snapshot(stateFolder);
    const id = listRuns(stateFolder)[0]?.id ?? "";
    const report = undoRun(stateFolder, id, {
      stateFolder,
      command: "undo",
      at: new Date().toISOString(),
      observe: () => {},
    });
    deepEqual(report, { id: undefined, changed: [], skipped: [note.path] });
    deepEqual(snapshot(stateFolder), before);
  });
});

Deno.test("undoing an older run leaves what newer ones did, in the home and in the record", async () => {
  await withSandbox(async (sandbox) => {
    const [config, note, deep] = ENTRIES;
    if (config === undefined || note === undefined || deep === undefined) throw new Error("no entries");
    await push(sandbox, [config, note]);
    const first = listRuns(sandbox.stateFolder)[0]?.id ?? "";
    await push(sandbox, [config, { ...note, content: "newer\n" }, deep]);
    const report = undoRun(sandbox.stateFolder, first, {
      stateFolder: sandbox.stateFolder,
      command: "undo",
      at: new Date().toISOString(),
      observe: () => {},
    });
    deepEqual([report.changed, report.skipped], [["config.toml"], ["notes/a.md"]]);
    equal(Deno.readTextFileSync(`${sandbox.home}/config.toml`), USER_FILES["config.toml"]);
    const record = readApplied(sandbox.stateFolder, "test", sandbox.home);
    deepEqual(Object.keys(record?.entries ?? {}).sort(), ["notes/a.md", "notes/deep/b.md"]);
    equal(record?.entries["notes/a.md"]?.content, "newer\n");
  });
});

Deno.test({
  name: "undo gives a file its mode back, and takes the right to run it where the run had given it",
  ignore: Deno.build.os === "windows",
  fn: () =>
    withSandbox(async (sandbox) => {
      const { home, stateFolder } = sandbox;
      const mode = (path: string): number => (Deno.statSync(`${home}/${path}`).mode ?? 0) & 0o7777;
      const script = { kind: "skills", format: "whole-file", source: "", executable: true } as const;
      const entries: readonly TargetEntry[] = [
        { ...script, path: "new.sh", content: "new\n" },
        { ...script, path: "old.sh", content: "old\n" },
      ];
      const undo = (): void => {
        undoRun(stateFolder, listRuns(stateFolder)[0]?.id ?? "", {
          stateFolder,
          command: "undo",
          at: new Date().toISOString(),
          observe: () => {},
        });
      };
      Deno.writeTextFileSync(`${home}/old.sh`, "old\n");
      Deno.chmodSync(`${home}/old.sh`, 0o640);
      await push(sandbox, entries);
      deepEqual([mode("new.sh"), mode("old.sh")], [0o700, 0o740]);
      undo();
      equal(mode("old.sh"), 0o640);
      undo();
      deepEqual([mode("new.sh"), mode("old.sh")], [0o700, 0o740]);

      Deno.chmodSync(`${home}/new.sh`, 0o755);
      await push(sandbox, []);
      undo();
      equal(mode("new.sh"), 0o755);
    }),
});
