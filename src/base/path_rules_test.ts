import assert from "node:assert/strict";
import fc from "fast-check";
import { AppError } from "./errors.ts";
import {
  holdsGitName,
  isInside,
  isKernelPath,
  normalise,
  parsePath,
  pathBelow,
  pathProblem,
  quotePath,
  rootOf,
  showPath,
} from "./path_rules.ts";
import type { Root } from "./roots.ts";

const work: Root = { path: "/work", writable: true };
const drive: Root = { path: "C:\\work", writable: true };

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof AppError, String(error));
    return error.code;
  }
  return "no error";
}

Deno.test("pathProblem() refuses what is no plain path on POSIX", () => {
  const refused = [
    "a\0b",
    "a\nb",
    "\u007f",
    "a\u0085b",
    "\ud800",
    "a\udc00",
    "~",
    "~/x",
    "~root/x",
    "$HOME/x",
    "${HOME}/x",
    "$HOME",
    "%USERPROFILE%\\x",
    "file:///etc/passwd",
    "FILE:/etc/passwd",
    "https://example.org/x",
    "portfolio://a.md",
    "C:\\Windows\\x",
    "c:/x",
    "C:",
    "\\\\server\\share\\x",
    "a\\b",
    "..\\..\\x",
    "x".repeat(256),
    "é".repeat(128),
    "x/".repeat(2100),
  ];
  for (const path of refused) {
    assert.equal(typeof pathProblem(path, "linux"), "string", quotePath(path));
    assert.equal(codeOf(() => parsePath(path, [work], "linux")), "path.invalid", quotePath(path));
  }
});

Deno.test("pathProblem() takes odd names that are real", () => {
  const taken = [
    "",
    ".",
    "a b",
    "-rf",
    "a$b",
    "$postId.tsx",
    "app/$id.tsx",
    "~$doc.docx",
    "a~",
    "%2e%2e/x",
    "a:b",
    "x".repeat(255),
    "日本語",
    "a'b\"c",
    "*",
    "#",
    "...",
  ];
  for (const path of taken) assert.equal(pathProblem(path, "linux"), undefined, path);
});

Deno.test("parsePath() makes paths absolute and takes .. away before anything is touched", () => {
  const parse = (path: string): string => parsePath(path, [work], "linux");
  assert.equal(parse(""), "/work");
  assert.equal(parse("."), "/work");
  assert.equal(parse("a/./b//c/"), "/work/a/b/c");
  assert.equal(parse("../etc/passwd"), "/etc/passwd");
  assert.equal(parse("/work/link/../a"), "/work/a");
  assert.equal(parse("/../../a"), "/a");
  assert.equal(parsePath("sub/x", [drive], "windows"), "C:\\work\\sub\\x");
});

Deno.test("parsePath() needs a root, and just one for a relative path", () => {
  assert.equal(codeOf(() => parsePath("a", [], "linux")), "path.no_roots");
  assert.equal(codeOf(() => parsePath("/a", [], "linux")), "path.no_roots");
  const other: Root = { path: "/other", writable: true };
  assert.throws(
    () => parsePath("a", [work, other], "linux"),
    (error) =>
      error instanceof AppError && error.code === "path.invalid" && error.hint.includes("/work, /other"),
  );
  assert.equal(parsePath("/other/a", [work, other], "linux"), "/other/a");
});

Deno.test("isInside() is not fooled by a common prefix", () => {
  assert.equal(isInside("/work", "/work", "linux"), true);
  assert.equal(isInside("/work/a", "/work", "linux"), true);
  assert.equal(isInside("/work-secret/a", "/work", "linux"), false);
  assert.equal(isInside("/workaround", "/work", "linux"), false);
  assert.equal(isInside("/", "/work", "linux"), false);
  assert.equal(isInside("/a", "/", "linux"), true);
  assert.equal(isInside("/WORK/a", "/work", "linux"), false);
  assert.equal(isInside("c:\\WORK\\a", "C:\\work", "windows"), true);
  assert.equal(isInside("C:\\workshop", "C:\\work", "windows"), false);
  assert.equal(isInside("\\\\srv\\share\\a", "\\\\srv\\share", "windows"), true);
});

Deno.test("rootOf() takes the most specific root", () => {
  const inner: Root = { path: "/work/vendor", writable: false };
  for (const roots of [[work, inner], [inner, work]]) {
    assert.equal(rootOf("/work/vendor/x", roots, "linux"), inner);
    assert.equal(rootOf("/work/vendors", roots, "linux"), work);
    assert.equal(rootOf("/elsewhere", roots, "linux"), undefined);
  }
});

Deno.test("pathBelow() separates with / everywhere", () => {
  assert.equal(pathBelow("/work/a/b", "/work", "linux"), "a/b");
  assert.equal(pathBelow("/work", "/work", "linux"), "");
  assert.equal(pathBelow("/a", "/", "linux"), "a");
  assert.equal(pathBelow("C:\\work\\a\\b", "C:\\work", "windows"), "a/b");
  assert.equal(pathBelow("C:\\a", "C:\\", "windows"), "a");
});

Deno.test("isKernelPath() knows the kernel's windows, and only those", () => {
  for (const path of ["/proc", "/proc/self/environ", "/dev/zero", "/sys/x"]) {
    assert.equal(isKernelPath(path, "linux"), true);
  }
  for (const path of ["/process", "/work/dev", "/"]) assert.equal(isKernelPath(path, "linux"), false);
});

Deno.test("holdsGitName() sees .git under every name that some disk takes for it", () => {
  const git = [
    ".git",
    ".GIT",
    ".git/config",
    "a/.git/hooks/pre-commit",
    "a/.Git",
    "git~1",
    "GIT~1/config",
    ".git ",
    ".git.",
    ".git. . ",
    ".git::$INDEX_ALLOCATION/x",
    ".g\u200cit",
    "\ufeff.git",
  ];
  for (const path of git) assert.equal(holdsGitName(path, "linux"), true, quotePath(path));
  for (const path of [".gitignore", ".github/x", "git", "a.git", ".git2", "git~2", "repo.git/config"]) {
    assert.equal(holdsGitName(path, "linux"), false, path);
  }
  assert.equal(holdsGitName("C:\\work\\.git\\config", "windows"), true);
});

Deno.test("showPath() and quotePath() let no control character through", () => {
  const name = "a\nb\x1b[2J\x9b2Jc\ud800";
  assert.equal(showPath(name), "a?b?[2J?2Jc\ufffd");
  assert.equal(quotePath(name), '"a\\nb\\u001b[2J?2Jc\ufffd"');
});

Deno.test("normalise() leaves no . or .. behind, and doing it twice changes nothing", () => {
  const name = fc.constantFrom("..", ".", "", "a", "b", "...", " ");
  fc.assert(fc.property(fc.array(name), (names) => {
    for (const platform of ["linux", "windows"] as const) {
      const top = platform === "windows" ? "C:\\" : "/";
      const path = normalise(top + names.join("/"), platform);
      const kept = path.slice(top.length).split(platform === "windows" ? "\\" : "/");
      assert.ok(path.startsWith(top) && !kept.includes("..") && !kept.includes("."), path);
      assert.equal(normalise(path, platform), path);
    }
  }));
});
