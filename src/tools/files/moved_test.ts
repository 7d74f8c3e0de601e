import assert from "node:assert/strict";
import { inTempFolder, testSettings } from "../../../tests/tool_context.ts";
import { refuseMoved, refuseSwapped, type Unrest } from "./moved.ts";

const ignore = Deno.build.os === "windows";

/** What one look at `a/b/file` says, of work that starts so much later than now, or did. */
async function inTree(
  test: (root: string, look: (startedInMs: number) => Unrest) => Promise<void> | void,
): Promise<void> {
  await inTempFolder(async (folder) => {
    const root = `${folder}/root`;
    Deno.mkdirSync(`${root}/a/b`, { recursive: true });
    Deno.writeTextFileSync(`${root}/a/b/file`, "");
    const identity = Deno.lstatSync(`${root}/a/b/file`);
    const { roots: [granted], platform } = testSettings(root);
    assert.ok(granted !== undefined);
    await test(
      root,
      (startedInMs) => refuseMoved(`${root}/a/b/file`, identity, granted, Date.now() + startedInMs, platform),
    );
  });
}

Deno.test({
  name: "refuseMoved() finds calm only in folders that were left alone since well before the start",
  ignore,
  async fn(): Promise<void> {
    await inTree((_root, look) => {
      assert.equal(look(5_000), "none");
      assert.equal(look(0), "above");
      assert.equal(look(-5_000), "above");
    });
  },
});

Deno.test({
  name: "refuseMoved() tells what came or went beside the file from what did above it",
  ignore,
  async fn(): Promise<void> {
    const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 2_000));
    const rows: readonly (readonly [string, (root: string) => void, Unrest])[] = [
      ["a neighbour", (root) => Deno.writeTextFileSync(`${root}/a/b/other`, ""), "beside"],
      ["a neighbour of its folder", (root) => Deno.mkdirSync(`${root}/a/other`), "above"],
      ["the file, away and back", (root) => {
        Deno.renameSync(`${root}/a/b/file`, `${root}/a/b/aside`);
        Deno.renameSync(`${root}/a/b/aside`, `${root}/a/b/file`);
      }, "beside"],
      ["a folder, away and back", (root) => {
        Deno.renameSync(`${root}/a`, `${root}/aside`);
        Deno.symlinkSync("/", `${root}/a`);
        Deno.removeSync(`${root}/a`);
        Deno.renameSync(`${root}/aside`, `${root}/a`);
      }, "above"],
      ["its content", (root) => Deno.writeTextFileSync(`${root}/a/b/file`, "more"), "none"],
    ];
    await Promise.all(rows.map(([what, change, unrest]) =>
      inTree(async (root, look) => {
        await pause();
        assert.equal(look(0), "none", what);
        change(root);
        assert.equal(look(0), unrest, what);
      })
    ));
  },
});

Deno.test({
  name: "refuseMoved() refuses another file, and a path with a link in it, however calm it is",
  ignore,
  async fn(): Promise<void> {
    await inTree((root, look) => {
      Deno.renameSync(`${root}/a`, `${root}/real`);
      Deno.symlinkSync("real", `${root}/a`);
      assert.throws(() => look(5_000), { code: "path.changed" });
      Deno.removeSync(`${root}/a`);
      Deno.renameSync(`${root}/real`, `${root}/a`);
      assert.equal(look(5_000), "none");
      Deno.renameSync(`${root}/a/b/file`, `${root}/a/b/old`);
      Deno.writeTextFileSync(`${root}/a/b/file`, "another");
      assert.throws(() => look(5_000), { code: "path.changed" });
    });
  },
});

Deno.test({
  name: "refuseSwapped() finds the one folder among many that is another one now, or behind a link",
  ignore,
  async fn(): Promise<void> {
    await inTempFolder((folder) => {
      const root = `${folder}/root`;
      const names = Array.from({ length: 20 }, (_, index) => `${root}/a/${index}`);
      for (const name of names) Deno.mkdirSync(name, { recursive: true });
      const { roots: [granted], platform } = testSettings(root);
      assert.ok(granted !== undefined);
      const folders = [root, `${root}/a`, ...names].map((place) => ({ place, info: Deno.lstatSync(place) }));
      const swaps: readonly (readonly [make: () => void, unmake: () => void])[] = [
        [() => Deno.mkdirSync(`${root}/a/7`), () => Deno.removeSync(`${root}/a/7`)],
        [() => Deno.symlinkSync("/", `${root}/a/7`), () => Deno.removeSync(`${root}/a/7`)],
        [() => Deno.symlinkSync(`${root}/seven`, `${root}/a/7`), () => Deno.removeSync(`${root}/a/7`)],
        [() => {}, () => {}],
      ];
      // In unrest, and in calm.
      for (const startedInMs of [0, 5_000]) {
        const look = (): void => refuseSwapped(folders, granted, Date.now() + startedInMs, platform);
        look();
        for (const [make, unmake] of swaps) {
          Deno.renameSync(`${root}/a/7`, `${root}/seven`);
          make();
          assert.throws(look, { code: "path.changed", message: /a\/7/ });
          unmake();
          Deno.renameSync(`${root}/seven`, `${root}/a/7`);
          look();
        }
      }
      return Promise.resolve();
    });
  },
});
