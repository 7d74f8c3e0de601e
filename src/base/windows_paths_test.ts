import assert from "node:assert/strict";
import { AppError } from "./errors.ts";
import { normalise, parsePath, pathProblem } from "./path_rules.ts";
import type { Root } from "./roots.ts";
import { isWindowsAbsolute } from "./windows_paths.ts";

Deno.test("isWindowsAbsolute() takes drives and shares, and nothing that depends on a current drive", () => {
  for (const path of ["C:\\", "c:/x", "\\\\server\\share\\x", "//server/share"]) {
    assert.equal(isWindowsAbsolute(path), true, path);
  }
  for (const path of ["C:", "C:x", "\\x", "/x", "x", "\\\\server", ""]) {
    assert.equal(isWindowsAbsolute(path), false, path);
  }
});

Deno.test("pathProblem() refuses what Windows would take for something else", () => {
  const refused: readonly (readonly [string, RegExp])[] = [
    ["\\\\?\\C:\\x", /device/],
    ["\\\\.\\PhysicalDrive0", /device/],
    ["//./pipe/x", /device/],
    ["//?/C:/x", /device/],
    ["\\??\\C:\\x", /device/],
    ["C:x", /relative to a drive/],
    ["C:", /relative to a drive/],
    ["\\Windows", /no drive/],
    ["/etc/passwd", /no drive/],
    ["a.txt:secret", /stream/],
    ["C:\\a.txt::$DATA", /stream/],
    ["con", /device/],
    ["NUL.txt", /device/],
    ["sub\\COM1", /device/],
    ["lpt9.log", /device/],
    ["COM\u00b9", /device/],
    ["nul .txt", /device/],
    ["CONOUT$", /device/],
    ["a.", /ends with a dot/],
    ["a ", /ends with/],
    ["a \\b", /ends with/],
    ["..\\...\\x", /ends with a dot/],
    ["a?b", /one of/],
    ["a|b", /one of/],
    ["*.txt", /one of/],
  ];
  for (const [path, problem] of refused) {
    assert.match(pathProblem(path, "windows") ?? "no problem", problem, path);
  }
  for (
    const path of [
      "C:\\a b\\c.txt",
      "a/b\\c",
      "..\\x",
      ".",
      ".gitignore",
      "console",
      "com10",
      "null",
      "\\\\srv\\share\\a",
    ]
  ) {
    assert.equal(pathProblem(path, "windows"), undefined, path);
  }
});

Deno.test("normalise() keeps a drive or share whatever .. says", () => {
  assert.equal(normalise("c:/a/../../..\\b", "windows"), "C:\\b");
  assert.equal(normalise("\\\\srv\\share\\..\\..\\b\\", "windows"), "\\\\srv\\share\\b");
  assert.equal(normalise("//srv/share/a//./b", "windows"), "\\\\srv\\share\\a\\b");
});

Deno.test("parsePath() holds Windows paths against a Windows root", () => {
  const root: Root = { path: "C:\\work", writable: true };
  assert.equal(parsePath("..\\secret", [root], "windows"), "C:\\secret");
  assert.equal(parsePath("c:\\WORK\\x", [root], "windows"), "C:\\WORK\\x");
  assert.throws(() => parsePath("C:x", [root], "windows"), AppError);
});
