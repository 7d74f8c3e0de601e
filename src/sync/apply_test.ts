/**
 * Carrying out a plan on real folders: stopped at every step, raced, rolled back.
 *
 * @module
 */

import { deepEqual, equal, ok, rejects, throws } from "node:assert/strict";
import { AppError } from "../base/errors.ts";
import { applyPlan, withLock } from "./apply.ts";
import { ENTRIES, planFor, push, snapshot, USER_FILES, withSandbox } from "./apply_fixture.ts";
import { readApplied } from "./read.ts";
import { BACKUPS_KEPT, listRuns } from "./runs.ts";

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

Deno.test("backups go by the order of the runs, not by the clock, and nothing else goes with them", async () => {
  await withSandbox(async (sandbox) => {
    const { stateFolder } = sandbox;
    const [, note] = ENTRIES;
    if (note === undefined) throw new Error("no entry");
    for (let count = 0; count < BACKUPS_KEPT; count++) {
      await push(sandbox, [{ ...note, content: `${count}\n` }]);
    }
    for (const { id, ...run } of listRuns(stateFolder)) {
      const later = id.replace(/^\d{4}/, "2090");
      Deno.removeSync(`${stateFolder}/backups/${id}`, { recursive: true });
      Deno.mkdirSync(`${stateFolder}/backups/${later}`);
      Deno.writeTextFileSync(
        `${stateFolder}/backups/${later}/run.json`,
        JSON.stringify({ ...run, id: later }),
      );
    }
    const oldest = listRuns(stateFolder).at(-1)?.id ?? "";
    const kept = { "0-my-own/x.txt": "mine\n", [`${oldest}/mine.txt`]: "mine\n" };
    Deno.mkdirSync(`${stateFolder}/backups/0-my-own`);
    for (const [path, text] of Object.entries(kept)) {
      Deno.writeTextFileSync(`${stateFolder}/backups/${path}`, text);
    }
    await push(sandbox, [{ ...note, content: "first\n" }]);
    await push(sandbox, [{ ...note, content: "second\n" }]);
    const runs = listRuns(stateFolder);
    equal(runs.length, BACKUPS_KEPT);
    deepEqual(runs.slice(0, 2).map(({ changes }) => changes[0]?.after), ["second\n", "first\n"]);
    ok(runs.every(({ id }) => id !== oldest));
    for (const [path, text] of Object.entries(kept)) {
      equal(Deno.readTextFileSync(`${stateFolder}/backups/${path}`), text);
    }
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

Deno.test("a file that another program writes while everything is given back keeps its record, and is given back next", async () => {
  await withSandbox(async (sandbox) => {
    const config = `${sandbox.home}/config.toml`;
    const unended = "# mine\nmodel = 'x'";
    Deno.writeTextFileSync(config, unended);
    await push(sandbox, ENTRIES);
    let raced = false;
    await push(sandbox, [], (step) => {
      if (raced || !step.includes("AGENTS.md")) return;
      raced = true;
      Deno.writeTextFileSync(config, "\n[theirs]\nkey = 2\n", { append: true });
    });
    ok(Deno.readTextFileSync(config).includes("[ours]"));
    deepEqual(Object.keys(readApplied(sandbox.stateFolder, "test", sandbox.home)?.entries ?? {}), [
      "config.toml",
    ]);
    await push(sandbox, []);
    equal(readApplied(sandbox.stateFolder, "test", sandbox.home), undefined);
    deepEqual(snapshot(sandbox.home), {
      "AGENTS.md": USER_FILES["AGENTS.md"],
      "config.toml": `${unended}\n[theirs]\nkey = 2\n`,
    });
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

Deno.test("a state folder that cannot be used is named, and is no bug", async () => {
  for (const taken of ["backups", "applied", "sync.lock/x"]) {
    await withSandbox(async (sandbox) => {
      const file = `${sandbox.stateFolder}/${taken}`;
      Deno.mkdirSync(file.slice(0, file.lastIndexOf("/")), { recursive: true });
      Deno.writeTextFileSync(file, "");
      await rejects(push(sandbox, ENTRIES), { code: "state.unusable" });
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

Deno.test({
  name: "a push keeps the group of a file where the system lets it",
  ignore: Deno.build.os === "windows" || Deno.uid() !== 0,
  fn: () =>
    withSandbox(async (sandbox) => {
      const file = `${sandbox.home}/config.toml`;
      Deno.chownSync(file, null, 1234);
      Deno.chmodSync(file, 0o640);
      await push(sandbox, ENTRIES);
      const { uid, gid, mode } = Deno.statSync(file);
      deepEqual([uid, gid, (mode ?? 0) & 0o7777], [0, 1234, 0o640]);
    }),
});
