import assert from "node:assert/strict";
import { complete } from "./complete.ts";
import type { CommandContext } from "./command.ts";
import { type Command, defineCommand } from "./define.ts";
import { parseCommandLine, type Request } from "./parse.ts";
import { parsePort, parseText } from "./values.ts";

interface PushFlags {
  readonly port?: number;
  readonly only?: readonly string[];
  readonly dryRun?: boolean;
}

/** A table with a group, a hidden command and every kind of parameter; each command answers what it was given. */
function table(seen: unknown[]): readonly Command[] {
  return [
    defineCommand({
      path: ["sync", "push"],
      brief: "Push",
      description: "Pushes.",
      needs: ["read"],
      parameters: {
        flags: {
          port: { kind: "parsed", parse: parsePort, optional: true, placeholder: "PORT", brief: "The port" },
          only: { kind: "parsed", parse: parseText, optional: true, variadic: true, brief: "Only these" },
          dryRun: { kind: "boolean", optional: true, withNegated: false, brief: "Do nothing" },
        },
      },
      load: () =>
        Promise.resolve({
          run: (flags: PushFlags): Promise<0> => {
            seen.push(flags);
            return Promise.resolve(0);
          },
        }),
    }),
    defineCommand({
      path: ["sync", "pull"],
      brief: "Pull",
      description: "Pulls.",
      needs: [],
      parameters: {
        positional: {
          kind: "tuple",
          parameters: [{ parse: parseText, placeholder: "NAME", brief: "A name" }],
        },
      },
      load: () =>
        Promise.resolve({
          run: (_flags: Record<never, never>, _context: CommandContext, name: string): Promise<1> => {
            seen.push(name);
            return Promise.resolve(1);
          },
        }),
    }),
    defineCommand({
      path: ["child"],
      brief: "Inner",
      description: "For agentos itself.",
      hidden: true,
      needs: [],
      parameters: {},
      load: () => Promise.resolve({ run: (): Promise<0> => Promise.resolve(0) }),
    }),
  ];
}

const CONTEXT: CommandContext = {
  output: { answer: () => {}, talk: () => {}, colour: false },
  env: () => undefined,
  cwd: "/",
  home: "/",
  version: "0.0.0",
};

const parse = (...args: string[]): Promise<Request> => parseCommandLine(table([]), args, false);

async function refusal(...args: string[]): Promise<string> {
  const request = await parse(...args);
  assert.equal(request.kind, "refuse");
  return request.kind === "refuse" ? `${request.error.message} / ${request.error.hint}` : "";
}

Deno.test("parseCommandLine() hands flags and arguments to the chosen command, whose answer is the exit code", async () => {
  const seen: unknown[] = [];
  const commands = table(seen);
  const line = ["sync", "push", "--port=0", "--only", "a", "--only", "--=b", "--dry-run"];
  const push = await parseCommandLine(commands, line, false);
  assert.equal(push.kind, "run");
  if (push.kind === "run") {
    assert.deepEqual(push.chosen.needs, ["read"]);
    assert.deepEqual(seen, []);
    assert.equal(await push.chosen.start(CONTEXT), 0);
  }
  const pull = await parseCommandLine(commands, ["sync", "pull", "x y"], false);
  if (pull.kind === "run") assert.equal(await pull.chosen.start(CONTEXT), 1);
  assert.deepEqual(seen, [{ port: 0, only: ["a", "--=b"], dryRun: true }, "x y"]);
});

Deno.test("parseCommandLine() prints the help of a group, with its commands and without its hidden ones", async () => {
  for (const args of [["sync"], ["sync", "--help"]]) {
    const request = await parse(...args);
    assert.equal(request.kind, "print");
    if (request.kind === "print") {
      assert.match(request.text, /agentos sync push.*\n {2}agentos sync pull <NAME>/);
    }
  }
  const all = await parse("--help");
  if (all.kind === "print") {
    assert.match(all.text, /\n {2}sync {2}push, pull\b/);
    assert.doesNotMatch(all.text, /child/);
  }
  assert.equal((await parse("child")).kind, "run");
});

Deno.test("parseCommandLine() suggests within the group, and never a hidden command", async () => {
  assert.equal(
    await refusal("sync", "psuh"),
    'There is no command "sync psuh" / Did you mean "agentos sync push"? Run "agentos sync --help".',
  );
  assert.match(await refusal("snyc", "push"), /Did you mean "agentos sync"\?/);
  assert.doesNotMatch(await refusal("chidl"), /child/);
});

Deno.test("parseCommandLine() names every mistake of a line at once", async () => {
  assert.match(
    await refusal("sync", "push", "--port", "x", "--only", ""),
    /"x" for --port: .*; .*"" for --only/,
  );
});

Deno.test("complete() goes down groups and never offers hidden commands", async () => {
  const words = async (...typed: string[]): Promise<string[]> =>
    (await complete(table([]), typed)).map((line) => line.split("\t")[0] ?? "");
  assert.deepEqual(await words(""), ["sync"]);
  assert.deepEqual(await words("sync", "p"), ["push", "pull"]);
  assert.deepEqual(await words("sync", "push", "--d"), ["--dry-run"]);
  assert.deepEqual(await words("sync", "push", "--port", "1", "--p"), []);
  assert.deepEqual(await words(), ["sync"]);
});
