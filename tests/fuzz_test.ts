/**
 * Any words whatever after any command: it does what it should or says in two lines what is wrong, never a stack, never
 * exit code 70. `AGENTOS_FUZZ_RUNS` sets how many lines are tried.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import fc from "fast-check";
import { COMMANDS } from "../src/cli/commands.ts";
import { NAMES } from "../src/config/keys.ts";
import { openSyncSandbox } from "./sync_sandbox.ts";

const RUNS = Number(Deno.env.get("AGENTOS_FUZZ_RUNS") ?? 60);

/** Whoever is still running then (a server that was started after all) is ended, which is fine. */
const LIMIT_MS = 8_000;

const VALUES = [
  "",
  " ",
  "-",
  "--",
  "-1",
  "=",
  "a=b",
  "0",
  "65536",
  "1e999",
  "NaN",
  "true",
  "codex",
  "codex=0.169.0",
  "claude",
  "identity",
  "2026-02-30",
  "2026-11-23",
  "9999d",
  "Mars/Phobos",
  "/",
  "..",
  "~",
  ".",
  "/dev/null",
  "nowhere/deep/er",
  "C:\\x",
  "config.toml",
  "__proto__",
  "constructor",
  "{{TOKEN}}",
  "%s%n",
  "$(id)",
  "é🦕",
  "\u202e",
  "\n",
  "\x1b[31m",
  "x".repeat(5_000),
  "a,b,,c",
  "help",
  ...NAMES,
];

const value = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...VALUES) },
  // No program can be given a NUL.
  {
    weight: 1,
    arbitrary: fc.string({ unit: "grapheme", maxLength: 20 }).map((text) => text.replaceAll("\0", "")),
  },
);

const lines = fc.constantFrom(...COMMANDS).chain(({ path, flags }) => {
  const flag = fc.constantFrom(...flags, "help", "debug", "nonsense").chain((name) =>
    fc.constantFrom(`--${name}`, `--no-${name}`, `--${name}=`, `-${name.charAt(0)}`)
  );
  const part = fc.oneof(
    fc.tuple(flag, value).map((words) => [...words]),
    flag.map((word) => [word]),
    value.map((word) => [word]),
    fc.tuple(flag, value).map(([name, text]) => [`${name.replace(/=$/, "")}=${text}`]),
  );
  const words = fc.array(part, { maxLength: 4 }).map((parts) => parts.flat());
  return fc.tuple(fc.constantFrom(path, path.slice(0, 1), []), words).map((
    [start, rest],
  ) => [...start, ...rest]);
});

Deno.test("no words make a command end with a stack or exit code 70", async () => {
  await using sandbox = await openSyncSandbox({ env: { TERM: "dumb", EDITOR: "true" } });
  await Deno.mkdir(sandbox.home);
  await Deno.writeTextFile(join(sandbox.home, "config.toml"), "# mine\n");
  const codes = new Map<number, number>();
  await fc.assert(
    fc.asyncProperty(lines, async (words) => {
      let answer: { code: number; stdout: string; stderr: string };
      try {
        answer = await sandbox.runFor(LIMIT_MS, ...words);
      } catch (error) {
        assert.match(String(error), /did not end in/);
        return;
      }
      const { code, stdout, stderr } = answer;
      codes.set(code, (codes.get(code) ?? 0) + 1);
      const said = `${JSON.stringify(words)} ended with ${code}:\n${stdout}${stderr}`;
      assert.ok([0, 1, 2, 130].includes(code), said);
      if (!words.includes("--debug")) assert.doesNotMatch(stderr, /^ +at .*:\d+:\d+\)?$/m, said);
      assert.doesNotMatch(stderr, /\bUncaught\b|\[object |panicked at/, said);
      if (code === 2 || code === 130) assert.match(stderr, /^error: [^]*^hint: /m, said);
    }),
    { numRuns: RUNS, endOnFailure: true },
  );
  assert.ok((codes.get(2) ?? 0) > RUNS / 10 && (codes.get(0) ?? 0) > 0, JSON.stringify([...codes]));
});
