import assert from "node:assert/strict";
import { inTempFolder } from "../../../tests/tool_context.ts";
import { currentPlatform } from "../../base/platform.ts";
import { findGitFolderAbove } from "./git_folder_above.ts";

const platform = currentPlatform();
const unix = { ignore: Deno.build.os === "windows" };

function makeGitFolder(folder: string, without?: string): void {
  for (const name of ["objects", "refs"]) {
    Deno.mkdirSync(`${folder}/${name}`, { recursive: true });
    if (name === without) Deno.removeSync(`${folder}/${name}`);
  }
  if (without !== "HEAD") Deno.writeTextFileSync(`${folder}/HEAD`, "ref: refs/heads/main\n");
}

Deno.test("findGitFolderAbove() finds the git folder from any depth, the root included", unix, async () => {
  await inTempFolder((root) => {
    makeGitFolder(`${root}/a/notes.git`);
    const found = (path: string): string | undefined => findGitFolderAbove(`${root}/${path}`, root, platform);
    for (const path of ["config", "hooks/update", "new/deep/down.txt", "objects", "HEAD"]) {
      assert.equal(found(`a/notes.git/${path}`), `${root}/a/notes.git`, path);
    }
    for (const path of ["a/notes.git", "a/config", "config", "a/b/c", ""]) {
      assert.equal(found(path), undefined, path);
    }
    const itself = `${root}/a/notes.git`;
    assert.equal(findGitFolderAbove(`${itself}/config`, itself, platform), itself);
    assert.equal(findGitFolderAbove(`${itself}/hooks/update`, `${itself}/hooks`, platform), undefined);
  });
});

Deno.test("findGitFolderAbove() goes by what git asks for, links included", unix, async () => {
  await inTempFolder((root) => {
    makeGitFolder(`${root}/linked`);
    Deno.renameSync(`${root}/linked/objects`, `${root}/elsewhere`);
    Deno.symlinkSync("../elsewhere", `${root}/linked/objects`);
    Deno.removeSync(`${root}/linked/HEAD`);
    Deno.symlinkSync("refs/heads/main", `${root}/linked/HEAD`);
    assert.equal(findGitFolderAbove(`${root}/linked/config`, root, platform), `${root}/linked`);

    Deno.mkdirSync(`${root}/game/objects`, { recursive: true });
    Deno.writeTextFileSync(`${root}/game/HEAD`, "");
    Deno.writeTextFileSync(`${root}/game/refs`, "");
    assert.equal(findGitFolderAbove(`${root}/game/config`, root, platform), undefined);
  });
});

Deno.test("findGitFolderAbove() lets no git folder be put together piece by piece", unix, async () => {
  await inTempFolder((root) => {
    const last: Readonly<Record<string, string>> = {
      HEAD: "HEAD",
      objects: "objects/ab",
      refs: "refs/heads/main",
    };
    for (const [name, path] of Object.entries(last)) {
      makeGitFolder(`${root}/${name}`, name);
      assert.equal(findGitFolderAbove(`${root}/${name}/${path}`, root, platform), `${root}/${name}`);
      assert.equal(findGitFolderAbove(`${root}/${name}/config`, root, platform), undefined);
    }
    assert.equal(findGitFolderAbove(`${root}/HEAD/head`, root, "darwin"), `${root}/HEAD`);
    assert.equal(findGitFolderAbove(`${root}/HEAD/head`, root, "linux"), undefined);
  });
});
