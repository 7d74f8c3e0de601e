import assert from "node:assert/strict";
import { inTempFolder } from "../../tests/tool_context.ts";
import { writeAtomically, writeNewAtomically } from "./atomic_write.ts";

const bytes = new TextEncoder().encode("new");
const unix = Deno.build.os !== "windows";

function names(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
}

Deno.test("writeAtomically() makes a file with the usual mode and leaves nothing else", async () => {
  await inTempFolder(async (folder) => {
    await writeAtomically({ path: `${folder}/a`, bytes, mode: undefined });
    assert.equal(Deno.readTextFileSync(`${folder}/a`), "new");
    if (unix) assert.equal((Deno.statSync(`${folder}/a`).mode ?? 0) & 0o777, 0o644 & ~Deno.umask());
    assert.deepEqual(names(folder), ["a"]);
  });
});

Deno.test({
  name: "writeAtomically() keeps the bits it is given, whatever the umask, and drops setuid",
  ignore: !unix,
  async fn(): Promise<void> {
    await inTempFolder(async (folder) => {
      for (const mode of [0o600, 0o664, 0o755, 0o4755]) {
        await writeAtomically({ path: `${folder}/a`, bytes, mode });
        assert.equal((Deno.statSync(`${folder}/a`).mode ?? 0) & 0o7777, mode & 0o777);
      }
    });
  },
});

Deno.test("writeAtomically() leaves the old file and no other when a check gives up, early or late", async () => {
  await inTempFolder(async (folder) => {
    Deno.writeTextFileSync(`${folder}/a`, "old");
    for (const failAt of [1, 2]) {
      let calls = 0;
      const check = (temporary: string): void => {
        assert.ok(Deno.lstatSync(temporary).isFile);
        if (++calls === failAt) throw new Error("give up");
      };
      await assert.rejects(writeAtomically({ path: `${folder}/a`, bytes, mode: 0o644, check }), /give up/);
      assert.equal(calls, failAt);
      assert.equal(Deno.readTextFileSync(`${folder}/a`), "old");
      assert.deepEqual(names(folder), ["a"]);
    }
  });
});

Deno.test("writeAtomically() never renames over what is no file", async () => {
  await inTempFolder(async (folder) => {
    Deno.mkdirSync(`${folder}/sub`);
    await assert.rejects(writeAtomically({ path: `${folder}/sub`, bytes, mode: undefined }), TypeError);
    if (unix) {
      Deno.symlinkSync("sub", `${folder}/link`);
      await assert.rejects(writeAtomically({ path: `${folder}/link`, bytes, mode: undefined }), TypeError);
    }
    assert.ok(Deno.lstatSync(`${folder}/sub`).isDirectory);
  });
});

Deno.test("writeAtomically() leaves the bytes of a hard link elsewhere alone", async () => {
  await inTempFolder(async (folder) => {
    Deno.writeTextFileSync(`${folder}/elsewhere`, "old");
    Deno.linkSync(`${folder}/elsewhere`, `${folder}/a`);
    await writeAtomically({ path: `${folder}/a`, bytes, mode: 0o644 });
    assert.equal(Deno.readTextFileSync(`${folder}/elsewhere`), "old");
    assert.equal(Deno.readTextFileSync(`${folder}/a`), "new");
  });
});

Deno.test("writeNewAtomically() makes a file where none is, and leaves alone what stands there", async () => {
  await inTempFolder((folder) => {
    assert.ok(writeNewAtomically(`${folder}/a`, bytes, 0o600));
    assert.equal(Deno.readTextFileSync(`${folder}/a`), "new");
    if (unix) assert.equal((Deno.statSync(`${folder}/a`).mode ?? 0) & 0o777, 0o600);
    Deno.writeTextFileSync(`${folder}/mine`, "old");
    Deno.mkdirSync(`${folder}/sub`);
    if (unix) Deno.symlinkSync("nowhere", `${folder}/link`);
    for (const name of unix ? ["mine", "sub", "link"] : ["mine", "sub"]) {
      assert.equal(writeNewAtomically(`${folder}/${name}`, bytes), false, name);
    }
    assert.equal(Deno.readTextFileSync(`${folder}/mine`), "old");
    assert.throws(() => writeNewAtomically(`${folder}/nowhere/a`, bytes), Deno.errors.NotFound);
    assert.deepEqual(names(folder), unix ? ["a", "link", "mine", "sub"] : ["a", "mine", "sub"]);
    return Promise.resolve();
  });
});
