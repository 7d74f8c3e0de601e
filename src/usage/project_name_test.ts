/** What a project may be called, on either kind of system. @module */

import assert from "node:assert/strict";
import { isProject, placeProject } from "./project_name.ts";

Deno.test("placeProject() begins a relative path at the current folder, and leaves a name alone", () => {
  for (
    const [asked, placed] of [
      [".", "/home/me"],
      ["./", "/home/me"],
      ["..", "/home"],
      ["./p", "/home/me/p"],
      ["../you/p/", "/home/you/p"],
      ["a/b", "/home/me/a/b"],
      ["/", "/"],
      ["//p", "/p"],
      ["/p/../q//r/", "/q/r"],
      ["p", "p"],
      ["p/", "p/"],
      [".codex", ".codex"],
      ["a\\b", "a\\b"],
      ["C:\\Users\\me", "C:\\Users\\me"],
      ["C:/Users/me", "C:/Users/me"],
    ] as const
  ) {
    assert.equal(placeProject(asked, "/home/me", "linux"), placed, asked);
  }
  for (
    const [asked, placed] of [
      [".", "C:\\Users\\me"],
      [".\\p", "C:\\Users\\me\\p"],
      ["../you", "C:\\Users\\you"],
      ["D:\\p", "D:\\p"],
      ["/home/me", "/home/me"],
      ["p", "p"],
    ] as const
  ) {
    assert.equal(placeProject(asked, "C:\\Users\\me", "windows"), placed, asked);
  }
});

Deno.test("isProject() finds a folder by its path, a folder above it, and its name, with either separator on Windows", () => {
  const isOneOf = (folder: string, ...asked: readonly string[]): readonly boolean[] =>
    asked.map((one) => isProject(folder, one));
  assert.deepEqual(
    isOneOf("/home/me/p", "/", "/home", "//home//me/", "/home/me/p/", "p", "p/"),
    Array(6).fill(true),
  );
  assert.deepEqual(isOneOf("/home/me/p", "/hom", "/home/me/p/q", "me", "/p", "\\home"), Array(5).fill(false));
  const windows = ["C:\\", "C:\\Users", "C:/Users/", "C:\\Users\\me\\proj", "C:/Users/me\\proj", "proj"];
  for (const folder of ["C:\\Users\\me\\proj", "C:/Users/me/proj"]) {
    assert.deepEqual(isOneOf(folder, ...windows), Array(6).fill(true), folder);
    assert.deepEqual(isOneOf(folder, "C:\\User", "Users", "D:\\", "/"), Array(4).fill(false), folder);
  }
  assert.deepEqual(
    isOneOf("\\\\host\\share\\p", "\\\\host\\share", "//host/share", "p"),
    Array(3).fill(true),
  );
  // On other systems a backslash is a letter of a name.
  assert.deepEqual(isOneOf("/home/a\\b", "/home/a"), [false]);
  assert.deepEqual(isOneOf("", "/", "p"), [false, false]);
});
