/**
 * Carrying out a plan on real folders: stopped at every step, undone, raced.
 *
 * @module
 */

import { deepEqual, equal, ok, rejects, throws } from "node:assert/strict";
import { AppError } from "../base/errors.ts";
import { applyPlan, type RunContext, withLock } from "./apply.ts";
import { BACKUPS_KEPT, listRuns } from "./runs.ts";
import type { ActualFile, Applied, Plan, TargetEntry } from "./model.ts";
import { plan } from "./plan.ts";
import { readActual, readApplied } from "./read.ts";
import { undoRun } from "./undo.ts";

const ENTRIES: readonly TargetEntry[] = [
  {
    path: "config.toml",
    kind: "config",
    format: "toml-keys",
    content: "[ours]\nkey = 1\n",
    source: "f.toml",
  },
  { path: "notes/a.md", kind: "memories", format: "whole-file", content: "a\n", source: "a.md" },
  { path: "notes/deep/b.md", kind: "memories", format: "whole-file", content: "b\n", source: "b.md" },
  {
    path: "AGENTS.md",
    kind: "agents-md",
    format: "markdown-block",
    content: "read them\n",
    source: "block.md",
  },
];
const USER_FILES = { "config.toml": "# mine\nmodel = 'x'\n\n[t]\nk = 1\n", "AGENTS.md": "# Mine\n" };

interface Sandbox {
  readonly home: string;
  readonly stateFolder: string;
}

async function withSandbox(test: (sandbox: Sandbox) => Promise<void>): Promise<void> {
  const folder = Deno.makeTempDirSync({ prefix: "agentos-apply-" });
  const sandbox = { home: `${folder}/home`, stateFolder: `${folder}/state` };
  Deno.mkdirSync(sandbox.home);
  for (const [path, text] of Object.entries(USER_FILES)) {
    Deno.writeTextFileSync(`${sandbox.home}/${path}`, text);
  }
  try {
    await test(sandbox);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

function planFor(
  { home, stateFolder }: Sandbox,
  entries: readonly TargetEntry[],
): { plan: Plan; applied: Applied | undefined } {
  const applied = readApplied(stateFolder, "test", home);
  const paths = [...entries.map(({ path }) => path), ...Object.keys(applied?.entries ?? {})];
  const actual = new Map<string, ActualFile>(paths.map((path) => [path, readActual(home, path)]));
  const target = { client: "test", home, entries };
  return {
    plan: plan({ target, actual, applied, take: undefined, merge: undefined, only: undefined }),
    applied,
  };
}

function push(
  sandbox: Sandbox,
  entries: readonly TargetEntry[],
  observe: RunContext["observe"] = () => {},
): Promise<void> {
  return withLock(sandbox.stateFolder, observe, () => {
    const { plan, applied } = planFor(sandbox, entries);
    const at = new Date().toISOString();
    applyPlan(plan, applied, {
      client: "test",
      home: sandbox.home,
      repo: "/repo",
      agentos: "0.0.0",
      clientVersion: undefined,
      choices: { port: 1, executable: "agentos", agentsMd: true, hook: false, gateway: true },
      at,
    }, { stateFolder: sandbox.stateFolder, command: "push", at, observe });
    return Promise.resolve();
  });
}

/** Every file below a folder with its text. */
function snapshot(folder: string, below = ""): Record<string, string> {
  const files: Record<string, string> = {};
  for (const entry of Deno.readDirSync(`${folder}/${below}`)) {
    const path = below === "" ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory) Object.assign(files, { [`${path}/`]: "" }, snapshot(folder, path));
    else files[path] = Deno.readTextFileSync(`${folder}/${path}`);
  }
  return files;
}

Deno.test("a push that is stopped at any step leaves each file old or new, and the next run heals all of it", async () => {
  const steps: string[] = [];
  await withSandbox((sandbox) => push(sandbox, ENTRIES, (step) => steps.push(step)));
  ok(steps.length > 10, "the push has steps to stop at");

  for (let stop = 0; stop < steps.length; stop++) {
    await withSandbox(async (sandbox) => {
      let count = 0;
      const crash = (): void => {
        if (count++ === stop) throw new Error("stopped");
      };
      await rejects(push(sandbox, ENTRIES, crash));
      for (const [path, text] of Object.entries(snapshot(sandbox.home))) {
        if (path.endsWith("/") || path.endsWith(".tmp")) continue;
        const isOld = Object.entries(USER_FILES).some(([known, old]) => known === path && old === text);
        const isNew = ENTRIES.some((entry) => entry.path === path && text.includes(entry.content));
        ok(isOld || isNew, `${path} is torn after step ${stop}`);
      }
      await push(sandbox, ENTRIES);
      equal(planFor(sandbox, ENTRIES).plan.entries.every(({ state }) => state === "clean"), true);
      await push(sandbox, []);
      deepEqual(snapshot(sandbox.home), USER_FILES);
    });
  }
});

Deno.test("what a killed run left half-written in the state folder goes with the next run, and nothing else", async () => {
  await withSandbox(async (sandbox) => {
    const { stateFolder } = sandbox;
    await push(sandbox, ENTRIES);
    const tidy = snapshot(stateFolder);
    const kept = { "backups/20260101T000000000Z-beef/mine.txt": "mine\n", "notes.tmp": "mine\n" };
    const left = [
      "journal.0a1b2c3d.tmp",
      "applied/x.json.0a1b2c3d.tmp",
      "backups/20260101T000000000Z-cafe/run.json.0a1b2c3d.tmp",
      "backups/20260101T000000000Z-beef/run.json.0a1b2c3d.tmp",
    ];
    Deno.mkdirSync(`${stateFolder}/backups/20260101T000000000Z-cafe`);
    Deno.mkdirSync(`${stateFolder}/backups/20260101T000000000Z-beef`);
    for (const path of left) Deno.writeTextFileSync(`${stateFolder}/${path}`, "{");
    for (const [path, text] of Object.entries(kept)) Deno.writeTextFileSync(`${stateFolder}/${path}`, text);
    await push(sandbox, ENTRIES);
    deepEqual(snapshot(stateFolder), { ...tidy, ...kept, "backups/20260101T000000000Z-beef/": "" });
  });
});

Deno.test("a push writes nothing at all when there is nothing to do", async () => {
  await withSandbox(async (sandbox) => {
    await push(sandbox, ENTRIES);
    const before = Deno.statSync(`${sandbox.home}/config.toml`);
    const runs = listRuns(sandbox.stateFolder).length;
    await push(sandbox, ENTRIES);
    const after = Deno.statSync(`${sandbox.home}/config.toml`);
    equal(after.ino, before.ino);
    deepEqual(after.mtime, before.mtime);
    equal(listRuns(sandbox.stateFolder).length, runs);
  });
});

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

Deno.test("so many backups are kept and no more", async () => {
  await withSandbox(async (sandbox) => {
    for (let count = 0; count < BACKUPS_KEPT + 3; count++) {
      await push(sandbox, [{
        ...ENTRIES[1],
        path: "n.md",
        kind: "memories",
        format: "whole-file",
        content: `${count}\n`,
        source: "",
      }]);
    }
    equal(listRuns(sandbox.stateFolder).length, BACKUPS_KEPT);
  });
});

Deno.test("a file that another program writes during the push is left alone", async () => {
  await withSandbox(async (sandbox) => {
    const theirs = "model = 'theirs'\n";
    let raced = false;
    await rejects(
      push(sandbox, ENTRIES, (step) => {
        if (raced || !step.includes("config.toml")) return;
        raced = true;
        Deno.writeTextFileSync(`${sandbox.home}/config.toml`, theirs);
      }),
      /another program wrote it/,
    );
    equal(Deno.readTextFileSync(`${sandbox.home}/config.toml`), theirs);
    await push(sandbox, ENTRIES);
    ok(Deno.readTextFileSync(`${sandbox.home}/config.toml`).includes(theirs.trim()));
  });
});

Deno.test({
  name: "a push keeps mode and link, and refuses what is no plain file",
  ignore: Deno.build.os === "windows",
  fn: () =>
    withSandbox(async (sandbox) => {
      Deno.renameSync(`${sandbox.home}/config.toml`, `${sandbox.home}/real.toml`);
      Deno.chmodSync(`${sandbox.home}/real.toml`, 0o640);
      Deno.symlinkSync("real.toml", `${sandbox.home}/config.toml`);
      Deno.linkSync(`${sandbox.home}/AGENTS.md`, `${sandbox.home}/other.md`);
      Deno.mkdirSync(`${sandbox.home}/notes/a.md`, { recursive: true });
      await push(sandbox, ENTRIES);
      equal((Deno.statSync(`${sandbox.home}/real.toml`).mode ?? 0) & 0o777, 0o640);
      ok(Deno.lstatSync(`${sandbox.home}/config.toml`).isSymlink);
      ok(Deno.readTextFileSync(`${sandbox.home}/real.toml`).includes("[ours]"));
      equal(Deno.readTextFileSync(`${sandbox.home}/AGENTS.md`), USER_FILES["AGENTS.md"]);
      const refused = planFor(sandbox, ENTRIES).plan.entries.filter(({ action }) => action === "refuse");
      deepEqual(refused.map(({ path }) => path), ["notes/a.md", "AGENTS.md"]);
      equal((Deno.statSync(`${sandbox.home}/notes/deep/b.md`).mode ?? 0) & 0o777, 0o600);
    }),
});

Deno.test("a push that cannot be finished is rolled back, folders included, and nothing blocks the next one", async () => {
  await withSandbox(async (sandbox) => {
    let count = 0;
    const fail = (step: string): void => {
      if (step.startsWith("renamed") && ++count === 3) {
        throw new AppError("sync.write_failed", "the disk is full");
      }
    };
    await rejects(push(sandbox, ENTRIES, fail), /the disk is full/);
    deepEqual(snapshot(sandbox.home), USER_FILES);
    equal(readApplied(sandbox.stateFolder, "test", sandbox.home), undefined);
    deepEqual(snapshot(sandbox.stateFolder), { "applied/": "", "backups/": "", "sync.lock": "" });
    await push(sandbox, ENTRIES);
    ok(planFor(sandbox, ENTRIES).plan.entries.every(({ state }) => state === "clean"));
  });
});

Deno.test("runs that were rolled back push no backup out, and are not what undo undoes", async () => {
  await withSandbox(async (sandbox) => {
    await push(sandbox, ENTRIES);
    const real = listRuns(sandbox.stateFolder).map(({ id }) => id);
    const fail = (step: string): void => {
      if (step.startsWith("renamed")) throw new AppError("sync.write_failed", "the disk is full");
    };
    const [, note] = ENTRIES;
    if (note === undefined) throw new Error("no entry");
    for (let count = 0; count < BACKUPS_KEPT + 2; count++) {
      await rejects(push(sandbox, [{ ...note, content: `${count}\n` }], fail), /the disk is full/);
    }
    deepEqual(listRuns(sandbox.stateFolder).map(({ id }) => id), real);
  });
});

Deno.test("a run whose record or journal cannot be written leaves neither", async () => {
  for (const taken of ["journal", "backups"]) {
    await withSandbox(async (sandbox) => {
      await push(sandbox, []);
      const { stateFolder } = sandbox;
      const tidy = snapshot(stateFolder);
      const { plan, applied } = planFor(sandbox, ENTRIES);
      const at = new Date().toISOString();
      const choices = { port: 1, executable: "agentos", agentsMd: true, hook: false, gateway: true };
      const head = { client: "test", home: sandbox.home, repo: "/repo", agentos: "0.0.0", choices, at };
      await withLock(stateFolder, () => {}, () => {
        if (taken === "backups") Deno.removeSync(`${stateFolder}/backups`);
        if (taken === "backups") Deno.writeTextFileSync(`${stateFolder}/backups`, "");
        else Deno.mkdirSync(`${stateFolder}/journal/taken`, { recursive: true });
        const context = { stateFolder, command: "push", at, observe: () => {} };
        throws(() => applyPlan(plan, applied, { ...head, clientVersion: undefined }, context), /Cannot/);
        return Promise.resolve();
      });
      if (taken === "backups") {
        Deno.removeSync(`${stateFolder}/backups`);
        Deno.mkdirSync(`${stateFolder}/backups`);
      } else Deno.removeSync(`${stateFolder}/journal`, { recursive: true });
      deepEqual(snapshot(stateFolder), tidy);
      deepEqual(snapshot(sandbox.home), USER_FILES);
    });
  }
});

Deno.test("a rolled back run keeps its record where another program wrote over what it had written", async () => {
  await withSandbox(async (sandbox) => {
    let count = 0;
    await rejects(
      push(sandbox, ENTRIES, (step) => {
        if (!step.startsWith("renamed") || ++count < 2) return;
        Deno.writeTextFileSync(`${sandbox.home}/config.toml`, "theirs = 1\n");
        throw new AppError("sync.write_failed", "the disk is full");
      }),
      /the disk is full/,
    );
    equal(Deno.readTextFileSync(`${sandbox.home}/config.toml`), "theirs = 1\n");
    const [run] = listRuns(sandbox.stateFolder);
    equal(run?.changes.find(({ path }) => path === "config.toml")?.before, USER_FILES["config.toml"]);
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
