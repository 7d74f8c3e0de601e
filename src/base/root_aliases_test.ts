import assert from "node:assert/strict";
import fc from "fast-check";
import { isInside, joinPath, normalise, type Platform } from "./path_rules.ts";
import { aliasOf, toRealRoot } from "./root_aliases.ts";
import type { Root } from "./roots.ts";

Deno.test("aliasOf() is the name that was given, as paths are written once they were read", () => {
  assert.equal(aliasOf("/home/ada/src", "/data/src", undefined, "linux"), "/home/ada/src");
  assert.equal(aliasOf("/home/ada//src/./", "/data/src", undefined, "linux"), "/home/ada/src");
  assert.equal(aliasOf(".", "/data/src", "/home/ada/src", "linux"), "/home/ada/src");
  assert.equal(aliasOf("sub", "/data/src/sub", "/home/ada/src", "linux"), "/home/ada/src/sub");
  assert.equal(aliasOf("c:/Users/ada/src/", "D:\\src", undefined, "windows"), "C:\\Users\\ada\\src");
  assert.equal(
    aliasOf("\\\\nas\\ada\\src", "\\\\10.0.0.1\\ada\\src", undefined, "windows"),
    "\\\\nas\\ada\\src",
  );
});

Deno.test("aliasOf() is nothing where the name is the root's own, or one that no caller can write", () => {
  assert.equal(aliasOf("/data/src/", "/data/src", undefined, "linux"), undefined);
  assert.equal(aliasOf("c:/SRC", "C:\\src", undefined, "windows"), undefined);
  assert.equal(aliasOf("src", "/data/src", undefined, "linux"), undefined);
  assert.equal(aliasOf("src", "/data/src", "relative", "linux"), undefined);
  assert.equal(aliasOf("/home/ada/a\\b", "/data/src", undefined, "linux"), undefined);
  assert.equal(aliasOf("\\\\?\\C:\\link", "D:\\src", undefined, "windows"), undefined);
});

const ROOTS: readonly Root[] = [
  { path: "/data/src", writable: true, aliases: ["/home/ada/src", "/s"] },
  { path: "/opt/vendor", writable: false, aliases: ["/home/ada/src/vendor"] },
  { path: "/home/ada/notes", writable: true },
];

Deno.test("toRealRoot() puts the root in the place of its alias, the innermost first", () => {
  const to = (path: string): string => toRealRoot(path, ROOTS, "linux");
  assert.equal(to("/home/ada/src"), "/data/src");
  assert.equal(to("/home/ada/src/a/b.txt"), "/data/src/a/b.txt");
  assert.equal(to("/s/a"), "/data/src/a");
  assert.equal(to("/home/ada/src/vendor/x"), "/opt/vendor/x");
});

Deno.test("toRealRoot() leaves every other path as it is", () => {
  const paths = [
    "/data/src/a",
    "/home/ada/notes/a",
    "/home/ada",
    "/home/ada/src2/a",
    "/home/ada/src.bak",
    "/HOME/ada/src/a",
    "/",
  ];
  for (const path of paths) assert.equal(toRealRoot(path, ROOTS, "linux"), path);
  const inner = [...ROOTS, { path: "/home/ada/src/mine", writable: true }];
  assert.equal(toRealRoot("/home/ada/src/mine/x", inner, "linux"), "/home/ada/src/mine/x");
});

Deno.test("toRealRoot() knows an alias on Windows in any case, on drives and shares", () => {
  const roots = [
    { path: "D:\\src", writable: true, aliases: ["C:\\Users\\ada\\src", "Z:\\"] },
    { path: "\\\\nas\\ada", writable: true, aliases: ["N:\\ada"] },
  ];
  const to = (path: string): string => toRealRoot(path, roots, "windows");
  assert.equal(to("C:\\USERS\\ada\\Src\\A.txt"), "D:\\src\\A.txt");
  assert.equal(to("Z:\\a\\b"), "D:\\src\\a\\b");
  assert.equal(to("N:\\ada\\x"), "\\\\nas\\ada\\x");
  assert.equal(to("N:\\adam\\x"), "N:\\adam\\x");
});

Deno.test("toRealRoot() leads into the alias's root or nowhere new, whatever is asked", () => {
  const name = fc.constantFrom("..", ".", "", "a", "link", "real", "...");
  const names = fc.array(name, { maxLength: 6 });
  fc.assert(
    fc.property(names, names, fc.constantFrom<Platform>("linux", "windows"), (alias, asked, platform) => {
      const top = platform === "windows" ? "C:\\" : "/";
      const at = (below: readonly string[]): string =>
        normalise(joinPath(top, below.join("/"), platform), platform);
      const root = { path: at(["real", "root"]), writable: true, aliases: [at(["link", ...alias])] };
      const path = at(asked);
      const real = toRealRoot(path, [root], platform);
      assert.equal(real, normalise(real, platform));
      assert.ok(real === path || isInside(real, root.path, platform), `${path} led to ${real}`);
    }),
  );
});
