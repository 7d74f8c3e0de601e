import assert from "node:assert/strict";
import { candidates, findProgram, isBareName, safePath } from "./find_program.ts";

const unix = { ignore: Deno.build.os === "windows" };

async function withFolders(body: (base: string) => void): Promise<void> {
  const base = Deno.realPathSync(await Deno.makeTempDir());
  try {
    for (const folder of ["safe", "root", "root/bin", "links"]) Deno.mkdirSync(`${base}/${folder}`);
    body(base);
  } finally {
    await Deno.remove(base, { recursive: true });
  }
}

function program(path: string, mode = 0o755): void {
  Deno.writeTextFileSync(path, "#!/bin/sh\n", { mode });
}

Deno.test("isBareName() takes names and nothing that could be a path or an option", () => {
  for (const name of ["git", "npm", "code-insiders", "g++", "python3.12", "code.cmd"]) {
    assert.equal(isBareName(name), true, name);
  }
  for (const name of ["", "./git", "/bin/git", "..", ".git", "-c", "a b", "a\\b", "git\n", "C:git"]) {
    assert.equal(isBareName(name), false, name);
  }
});

Deno.test("findProgram() answers the first file on PATH that can be run", unix, async () => {
  await withFolders((base) => {
    program(`${base}/links/git`, 0o644);
    program(`${base}/safe/git`);
    const search = { path: `${base}/links:${base}/safe`, unsafeFolders: [], platform: "linux" } as const;
    assert.equal(findProgram("git", search), `${base}/safe/git`);
    assert.throws(() => findProgram("hg", search), { code: "process.not_found" });
    assert.throws(() => findProgram("../safe/git", search), { code: "process.not_allowed" });
  });
});

Deno.test("findProgram() passes over what a tool could have written, links included", unix, async () => {
  await withFolders((base) => {
    program(`${base}/root/bin/git`);
    Deno.symlinkSync(`${base}/root/bin/git`, `${base}/links/git`);
    const unsafeFolders = [`${base}/root`];
    const path = `${base}/root/bin:${base}/links`;
    assert.throws(() => findProgram("git", { path, unsafeFolders, platform: "linux" }), {
      code: "process.not_allowed",
      message: /root\/bin\/git", inside the root/,
    });
    program(`${base}/safe/git`);
    const longer = { path: `${path}:${base}/safe`, unsafeFolders, platform: "linux" } as const;
    assert.equal(findProgram("git", longer), `${base}/safe/git`);
    assert.equal(safePath(longer), `${base}/links:${base}/safe`);
  });
});

Deno.test("findProgram() skips relative and empty entries of PATH", unix, async () => {
  await withFolders((base) => {
    program(`${base}/safe/git`);
    // Relative, and it does lead to the program.
    const relative = `${"../".repeat(64)}${base.slice(1)}/safe`;
    assert.ok(Deno.statSync(`${relative}/git`).isFile);
    const search = { path: `:.:${relative}`, unsafeFolders: [], platform: "linux" } as const;
    assert.throws(() => findProgram("git", search), { code: "process.not_found" });
  });
});

Deno.test("candidates() tries the endings of Windows, so that code is found as code.cmd", () => {
  const search = {
    path: "C:\\Program Files\\nodejs;tools;D:rel;\\\\srv\\share\\bin",
    unsafeFolders: [],
    platform: "windows",
  } as const;
  assert.deepEqual(candidates("code", search).slice(0, 4), [
    "C:\\Program Files\\nodejs\\code.com",
    "C:\\Program Files\\nodejs\\code.exe",
    "C:\\Program Files\\nodejs\\code.bat",
    "C:\\Program Files\\nodejs\\code.cmd",
  ]);
  assert.equal(candidates("code", search).length, 8);
  assert.deepEqual(candidates("code", { ...search, pathExt: ".CMD;;.PS1" }), [
    "C:\\Program Files\\nodejs\\code.cmd",
    "C:\\Program Files\\nodejs\\code.ps1",
    "\\\\srv\\share\\bin\\code.cmd",
    "\\\\srv\\share\\bin\\code.ps1",
  ]);
  assert.deepEqual(candidates("code", { path: "/a:b:/c", unsafeFolders: [], platform: "darwin" }), [
    "/a/code",
    "/c/code",
  ]);
});
