import { deepEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import { COMMANDS } from "./commands.ts";
import { choosePlainly } from "./find_command.ts";
import { parseCommandLine } from "./parse.ts";
import { readPlainWords } from "./plain_words.ts";

/** Words that mean something to some command, and words that mean something to none. */
const VALUES = [
  "8787",
  "0",
  "70000",
  "x",
  "a,b",
  "repo",
  "home",
  "json",
  "text",
  "config",
  "config,skills",
  "day,model",
  "2026-11-23",
  "7d",
  "codex",
  "codex=0.169.0",
  "doctor",
  "daily",
  "/some/where",
  "a b",
  "ü",
  "no",
  "true",
  "-",
  "",
  " ",
  "-1",
  "--",
  "-h",
  "--help",
  "--version",
  "-x",
  "--=b",
  "--unknown",
  "--to-string",
  "--constructor",
  "constructor",
  "__proto__",
];

/** Lines as people type and mistype them, for every command. */
const lines = fc.constantFrom(...COMMANDS).chain(({ path, flags }) => {
  const flag = fc.constantFrom(...flags, "help").chain((name) =>
    fc.constantFrom(
      `--${name}`,
      `--no-${name}`,
      `--${name.toUpperCase()}`,
      `--${name.replace(/-(.)/g, (_, x) => x.toUpperCase())}`,
    )
  );
  const value = fc.constantFrom(...VALUES);
  const joined = fc.tuple(flag, value).map(([name, text]) => `${name}=${text}`);
  const pair = fc.tuple(flag, value).map((words) => [...words]);
  const part = fc.oneof(
    { weight: 4, arbitrary: pair },
    ...[flag, value, joined].map((one) => one.map((word) => [word])),
  );
  return fc.array(part, { maxLength: 5 }).map((parts) => [...path, ...parts.flat()]);
});

Deno.test("a line that is read plainly is read as the parser reads it", async () => {
  let plain = 0;
  await fc.assert(
    fc.asyncProperty(lines, async (line) => {
      const chosen = choosePlainly(COMMANDS, line);
      if (chosen === undefined) return;
      plain++;
      const request = await parseCommandLine(COMMANDS, line, false);
      equal(request.kind, "run", JSON.stringify(line));
      if (request.kind !== "run") return;
      deepEqual(chosen.needs, request.chosen.needs);
      deepEqual(chosen.given, {
        ...request.chosen.given,
        flags: Object.fromEntries(
          Object.entries(request.chosen.given.flags).filter(([, value]) => value !== undefined),
        ),
      });
    }),
    { numRuns: 10_000 },
  );
  ok(plain > 100, `only ${plain} lines were plain: this proves little`);
});

Deno.test("the lines that hooks and services run are read plainly", () => {
  for (
    const line of [
      ["sync", "check", "--hook", "codex"],
      ["sync", "push"],
      ["serve", "--port", "0", "--root", "/a", "--root=/b", "--allow-run", "git,npm", "--log-file"],
      ["log", "wrap-up", "--client", "codex"],
      ["usage", "model", "--json", "--since", "1970-01-01", "--no-ledger"],
    ]
  ) ok(choosePlainly(COMMANDS, line), line.join(" "));
});

Deno.test("readPlainWords() leaves to the parser what is not plainly right", () => {
  const parameters = {
    flags: {
      port: { kind: "parsed", parse: Number, optional: true },
      must: { kind: "parsed", parse: String },
      later: { kind: "parsed", parse: (word: string) => Promise.resolve(word), optional: true },
    },
    positional: { kind: "tuple", parameters: [{ parse: String }] },
  };
  deepEqual(readPlainWords(parameters, ["--must", "a", "b", "--port=1"]), {
    flags: { must: "a", port: 1 },
    args: ["b"],
  });
  for (
    const words of [
      ["b"],
      ["--must", "a"],
      ["--must", "a", "b", "c"],
      ["--must", "a", "--must", "a", "b"],
      ["--must", "a", "b", "--later", "c"],
      ["--must", "--port", "b"],
      ["--must"],
      ["--must", "a", "--", "b"],
    ]
  ) equal(readPlainWords(parameters, words), undefined, words.join(" "));
});
