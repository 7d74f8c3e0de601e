import assert from "node:assert/strict";
import fc from "fast-check";
import type { ConfigType } from "./model.ts";
import { setKey } from "./edit.ts";
import { parseConfig } from "./parse.ts";
import { checkValue, parseVariable, parseWords, renderToml, type Surroundings } from "./values.ts";

const linux: Surroundings = { home: "/home/ada", platform: "linux" };
const mac: Surroundings = { home: "/Users/ada", platform: "darwin" };
const windows: Surroundings = { home: "C:\\Users\\Ada", platform: "windows" };
const PATHS: ConfigType = { kind: "paths" };

function written(type: ConfigType, words: readonly string[], cwd: string, around: Surroundings): unknown {
  const parsed = parseWords(type, words, cwd, around);
  return parsed.kind === "value" ? parsed.value : parsed.mustBe;
}

Deno.test("parseWords() makes paths absolute as each system does, and keeps ~ as it was typed", () => {
  const cases: readonly (readonly [word: string, cwd: string, around: Surroundings, path: string])[] = [
    ["src", "/projects", linux, "/projects/src"],
    ["../b/./c/", "/projects/a", linux, "/projects/b/c"],
    ["~/src", "/projects", linux, "~/src"],
    ["~", "/projects", linux, "~"],
    ["~ada", "/projects", linux, "/projects/~ada"],
    ["/Volumes/Disk 2/src", "/projects", mac, "/Volumes/Disk 2/src"],
    ["src", "D:\\work", windows, "D:\\work\\src"],
    ["c:/src//x", "D:\\work", windows, "C:\\src\\x"],
    ["~\\src", "D:\\work", windows, "~\\src"],
    ["\\\\nas\\share\\a\\..\\b", "D:\\work", windows, "\\\\nas\\share\\b"],
  ];
  for (const [word, cwd, around, path] of cases) {
    assert.deepEqual(written(PATHS, [word], cwd, around), [path], word);
    assert.equal(written({ kind: "path" }, [word], cwd, around), path);
  }
});

Deno.test("parseWords() reads numbers, switches, choices and names as people type them", () => {
  const port: ConfigType = { kind: "number", min: 0, max: 65535, whole: true };
  const names: ConfigType = { kind: "names", pattern: /^\w+$/, form: "a name" };
  assert.equal(written(port, ["80"], "/", linux), 80);
  for (const word of ["", "8e1", "0x50", "80 ", "-0.5", "65536"]) {
    assert.match(String(written(port, [word], "/", linux)), /^a whole number from 0 to 65535/, word);
  }
  for (const word of ["true", "yes", "ON", "1"]) {
    assert.equal(written({ kind: "switch" }, [word], "/", linux), true);
  }
  for (const word of ["false", "no", "Off", "0"]) {
    assert.equal(written({ kind: "switch" }, [word], "/", linux), false);
  }
  assert.equal(written({ kind: "switch" }, ["maybe"], "/", linux), "true or false");
  assert.deepEqual(written(names, ["git, npm", "code"], "/", linux), ["git", "npm", "code"]);
  assert.match(String(written(names, ["git", ""], "/", linux)), /each a name$/);
  assert.match(String(written(port, ["1", "2"], "/", linux)), /one value only$/);
});

Deno.test("parseVariable() splits lists as PATH is split on each system", () => {
  const read = (text: string, around: Surroundings): unknown => {
    const parsed = parseVariable(PATHS, text, around.platform);
    return parsed.kind === "value" ? parsed.value : parsed.mustBe;
  };
  assert.deepEqual(read("/a:/b c: :", linux), ["/a", "/b c"]);
  assert.deepEqual(read("/a:/b", mac), ["/a", "/b"]);
  assert.deepEqual(read("C:\\a;D:\\b;", windows), ["C:\\a", "D:\\b"]);
});

Deno.test("whatever path is set is read back as the same path", () => {
  const name = fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 })
    .filter((text) => !/[/\\\p{Cc}]/u.test(text) && text.trim() === text && text.isWellFormed());
  fc.assert(fc.property(fc.array(name, { minLength: 1, maxLength: 4 }), (names) => {
    for (
      const [around, path] of [[linux, `/${names.join("/")}`], [windows, `C:\\${names.join("\\")}`]] as const
    ) {
      const edited = setKey("# mine\n", ["server", "roots"], renderToml([path]));
      if (edited.kind === "problem") assert.fail(edited.message);
      const [entry] = parseConfig(edited.text, "config.toml", around);
      assert.deepEqual(entry?.value, [path]);
    }
  }));
  assert.equal(renderToml('a\u007f"\\\n'), '"a\\u007f\\"\\\\\\n"');
});

Deno.test("checkValue() takes no text with a line end or a control character", () => {
  for (const text of ["", " ", "a\nb", "\u001b[31m", "a\u0085b"]) {
    assert.equal(checkValue({ kind: "text" }, text, linux).kind, "problem", JSON.stringify(text));
  }
  assert.deepEqual(checkValue({ kind: "text" }, "a b", linux), { kind: "value", value: "a b" });
});
