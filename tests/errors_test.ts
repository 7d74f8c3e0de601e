/** The contract of ERRORS: every code is used, and every failure tells its reader what to do next. @module */

import { deepEqual, match, ok } from "node:assert/strict";
import { AppError, ERRORS } from "../src/base/errors.ts";

const source = new URL("../src/", import.meta.url);

async function* sourceFiles(folder: URL): AsyncGenerator<URL> {
  for await (const entry of Deno.readDir(folder)) {
    const url = new URL(entry.isDirectory ? `${entry.name}/` : entry.name, folder);
    if (entry.isDirectory) yield* sourceFiles(url);
    else if (/(?<!_test)\.ts$/.test(entry.name) && entry.name !== "errors.ts") yield url;
  }
}

Deno.test("every code of ERRORS is thrown somewhere in src", async () => {
  const unused = new Set(Object.keys(ERRORS));
  for await (const file of sourceFiles(source)) {
    const text = await Deno.readTextFile(file);
    for (const code of unused) if (text.includes(`"${code}"`)) unused.delete(code);
  }
  deepEqual([...unused], []);
});

for (const [code, kind] of Object.entries(ERRORS)) {
  Deno.test(`${code} has a next step, an exit code of its kind and an HTTP status`, () => {
    match(code, /^[a-z]+(\.[a-z]+(_[a-z]+)*)?$/);
    match(kind.hint, /^[A-Z"].*\.$/);
    ok(kind.hint.length <= 120, kind.hint);
    ok(kind.http >= 400 && kind.http < 600);
    // 1 is the answer "no", which is not an error; drift and the like are told by a command's result.
    ok([2, 70, 130].includes(kind.exit), String(kind.exit));
    if (kind.exit === 70) ok(kind.http >= 500);
  });
}

Deno.test("AppError takes the table's hint unless the thrower knows a better one", () => {
  deepEqual(new AppError("path.exists", "Cannot write").hint, ERRORS["path.exists"].hint);
  deepEqual(new AppError("path.exists", "Cannot write", { hint: "Do that." }).hint, "Do that.");
});
