/**
 * The command line as a user meets it: help, versions, slips of the finger, failures, pipes, permissions and
 * completions. Everything runs as its own process; the shells are real.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join, resolve } from "node:path";
import { COMMAND_GROUPS } from "../src/cli/command_groups.ts";
import { COMMANDS } from "../src/cli/commands.ts";
import config from "../deno.json" with { type: "json" };
import { type ProgramResult, runProgram } from "./e2e/program.ts";

const ROOT = resolve(import.meta.dirname ?? ".", "..");
const VISIBLE = COMMANDS.filter(({ hidden }) => !hidden);

/** A folder whose `agentos` runs the source tree, so that shells find the command by its name. */
async function withAgentos(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "agentos-cli-" });
  try {
    const path = join(folder, "agentos");
    await Deno.writeTextFile(path, `#!/bin/sh\nexec "${Deno.execPath()}" run -A "${ROOT}/main.ts" "$@"\n`);
    await Deno.chmod(path, 0o755);
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The environment of a test: its own home, Deno's cache, and `agentos` on PATH. */
function environment(folder: string): Record<string, string> {
  return {
    HOME: folder,
    DENO_DIR: Deno.env.get("DENO_DIR") ?? join(Deno.env.get("HOME") ?? "", ".cache", "deno"),
    PATH: `${folder}:${Deno.env.get("PATH")}`,
    TERM: "xterm",
  };
}

async function agentos(folder: string, ...args: string[]): Promise<ProgramResult> {
  return await runProgram({ path: join(folder, "agentos"), args, cwd: folder, env: environment(folder) });
}

/** Runs `main` with a table of one command, `try`, whose `run` has this body. */
async function runBody(
  folder: string,
  body: string,
  { args = [], needs = [] }: { args?: readonly string[]; needs?: readonly string[] } = {},
): Promise<ProgramResult> {
  const script = join(folder, "script.ts");
  await Deno.writeTextFile(
    script,
    `import { AppError } from "${ROOT}/src/base/errors.ts";
     import { defineCommand } from "${ROOT}/src/cli/define.ts";
     import { main } from "${ROOT}/src/cli/main.ts";
     void AppError;
     const row = defineCommand({
       path: ["try"], brief: "Try", description: "Tries.", needs: ${JSON.stringify(needs)}, parameters: {},
       load: () => Promise.resolve({ run: async (_flags, context) => { ${body} } }),
     });
     const rows = () => Promise.resolve([row]);
     Deno.exit(await main(["try", ...Deno.args], { groups: new Map([["try", rows]]), loadAll: rows }));`,
  );
  const flags = ["run", "-A", "--no-check", `--config=${ROOT}/deno.json`];
  return await runProgram({
    path: Deno.execPath(),
    args: [...flags, script, ...args],
    cwd: folder,
    env: environment(folder),
  });
}

Deno.test("each group of commands holds the rows of its word, in the order of COMMANDS", async () => {
  assert.deepEqual(new Set(COMMAND_GROUPS.keys()), new Set(COMMANDS.map(({ path }) => path[0])));
  for (const [word, load] of COMMAND_GROUPS) {
    const isOfWord = ({ path }: { readonly path: readonly string[] }): boolean => path[0] === word;
    assert.deepEqual((await load()).filter(isOfWord), COMMANDS.filter(isOfWord), word);
  }
});

Deno.test("agentos --version names the program, the runtime and the machine", () =>
  withAgentos(async (folder) => {
    const { code, stdout, stderr } = await agentos(folder, "--version");
    assert.equal(
      stdout,
      `agentos ${config.version} (deno ${Deno.version.deno}, ${Deno.build.target})\n`,
    );
    assert.equal(stderr, "");
    assert.equal(code, 0);
  }));

for (const args of [[], ["--help"], ["-h"]]) {
  Deno.test(`agentos ${args.join(" ")} lists every command`, () =>
    withAgentos(async (folder) => {
      const { code, stdout, stderr } = await agentos(folder, ...args);
      assert.equal(code, 0, stderr);
      assert.ok(VISIBLE.length >= 3);
      for (const { path, brief } of VISIBLE) {
        assert.ok(stdout.includes(`agentos ${path[0]} `), stdout);
        assert.ok(stdout.includes(path.length === 1 ? brief : path.slice(1).join(" ")), stdout);
      }
      for (const { path, hidden } of COMMANDS) {
        if (hidden) assert.ok(!stdout.includes(path.join(" ")), stdout);
      }
      for (const line of stdout.split("\n")) assert.ok(line.length <= 110, line);
    }));
}

for (const { path, description, flags } of VISIBLE) {
  Deno.test(`agentos ${path.join(" ")} --help explains every flag`, () =>
    withAgentos(async (folder) => {
      const { code, stdout, stderr } = await agentos(folder, ...path, "--help");
      assert.equal(code, 0, stderr);
      assert.ok(stdout.includes(description), stdout);
      for (const flag of flags) {
        assert.match(stdout, new RegExp(`^ +(-. )? *\\[?--${flag}\\]?.* {2}\\S`, "m"));
      }
    }));
}

interface Slip {
  readonly args: readonly string[];
  readonly error: string;
  readonly hint: string;
  readonly usage: boolean;
}

const SLIPS: readonly Slip[] = [
  {
    args: ["serv"],
    error: `There is no command "serv"`,
    hint: `Did you mean "agentos serve"?`,
    usage: false,
  },
  { args: ["stauts"], error: `There is no command "stauts"`, hint: `"agentos status"?`, usage: false },
  {
    args: ["nonsense"],
    error: `There is no command "nonsense"`,
    hint: `Run "agentos --help".`,
    usage: false,
  },
  { args: ["constructor"], error: `There is no command "constructor"`, hint: `agentos --help`, usage: false },
  { args: ["__proto__"], error: `There is no command "__proto__"`, hint: `agentos --help`, usage: false },
  { args: [""], error: `There is no command ""`, hint: `agentos --help`, usage: false },
  { args: ["--port", "1"], error: "There is no flag --port before a command", hint: "after", usage: false },
  {
    args: ["serve", "--prot", "1"],
    error: "There is no flag --prot",
    hint: "Did you mean --port?",
    usage: true,
  },
  {
    args: ["serve", "--read-only-rot", "x"],
    error: "no flag --read-only-rot",
    hint: "--read-only-root?",
    usage: true,
  },
  { args: ["serve", "-x"], error: "There is no flag -x", hint: "agentos serve --help", usage: true },
  { args: ["serve", "--x"], error: "There is no flag --x", hint: "agentos serve --help", usage: true },
  { args: ["serve", "--to-string"], error: "There is no flag --to-string", hint: "--help", usage: true },
  { args: ["serve", "--port"], error: "--port needs a value", hint: "--help", usage: true },
  { args: ["serve", "--port="], error: "--port needs a value", hint: "--help", usage: true },
  { args: ["init", "--no-git="], error: "--no-git needs a value", hint: "--help", usage: true },
  {
    args: ["init", "--no-git=x"],
    error: '--no-git takes no value, and got "x"',
    hint: "--help",
    usage: true,
  },
  {
    args: ["serve", "--root", ""],
    error: `Cannot use "" for --root: it is empty`,
    hint: "--help",
    usage: true,
  },
  {
    args: ["serve", "--port", "70000"],
    error: "a port is a number from 0 to 65535",
    hint: "--help",
    usage: true,
  },
  {
    args: ["serve", "--port", "1", "--port", "2"],
    error: "--port is given twice",
    hint: "--help",
    usage: true,
  },
  {
    args: ["serve", "--log-format", "jsn"],
    error: "it is one of text, json",
    hint: `mean "json"?`,
    usage: true,
  },
  {
    args: ["serve", "there"],
    error: `There is no place for the argument "there"`,
    hint: "--help",
    usage: true,
  },
  { args: ["completions"], error: "SHELL is missing", hint: "agentos completions --help", usage: true },
  {
    args: ["completions", "tcsh"],
    error: `no completion script for "tcsh"`,
    hint: "bash, zsh, fish",
    usage: false,
  },
];

for (const { args, error, hint, usage } of SLIPS) {
  Deno.test(`agentos ${JSON.stringify(args)} exits 2 and says what to do`, () =>
    withAgentos(async (folder) => {
      const { code, stdout, stderr } = await agentos(folder, ...args);
      assert.equal(code, 2);
      assert.equal(stdout, "");
      const lines = stderr.trimEnd().split("\n");
      assert.ok(lines[0]?.startsWith("error: ") && lines[0].includes(error), stderr);
      assert.ok(lines.at(-1)?.startsWith("hint: ") && lines.at(-1)?.includes(hint), stderr);
      assert.equal(lines[1]?.startsWith(`usage: agentos ${args[0]}`) ?? false, usage, stderr);
      assert.ok(!/\n\s+at /.test(stderr), stderr);
    }));
}

Deno.test("main() answers the exit code of the command, and 1 is an answer", () =>
  withAgentos(async (folder) => {
    assert.equal((await runBody(folder, "return 0;")).code, 0);
    assert.equal((await runBody(folder, "return 1;")).code, 1);
  }));

Deno.test("main() says an AppError with its place and its hint, and exits as ERRORS says", () =>
  withAgentos(async (folder) => {
    const where = `{ file: "config.toml", line: 3, column: 7 }`;
    const body = `throw new AppError("config.invalid", "Bad key", { hint: "Fix it.", where: ${where} });`;
    const { code, stderr } = await runBody(folder, body);
    assert.equal(stderr, "error: config.toml:3:7: Bad key\nhint: Fix it.\n");
    assert.equal(code, 2);
  }));

for (
  const [how, body] of [
    ["thrown", `throw new TypeError("boom");`],
    [
      "rejected by the way",
      `Promise.reject(new TypeError("boom")); await new Promise(() => setTimeout(() => {}, 9e4));`,
    ],
    [
      "thrown by a timer",
      `setTimeout(() => { throw new TypeError("boom"); }); await new Promise(() => setTimeout(() => {}, 9e4));`,
    ],
  ] as const
) {
  Deno.test(`main() calls an unknown error a bug when it is ${how}, and exits 70`, () =>
    withAgentos(async (folder) => {
      const { code, stdout, stderr } = await runBody(folder, body);
      assert.match(
        stderr,
        /^error: TypeError: boom\nhint: This is a bug in agentos.*--debug.*agentos \d.*\n$/,
      );
      assert.equal(stdout, "");
      assert.equal(code, 70);
    }));
}

Deno.test("--debug adds the code, the stack and the causes, wherever it stands", () =>
  withAgentos(async (folder) => {
    const body = `throw new AppError("config.invalid", "outer", { cause: new Error("inner") });`;
    const { code, stderr } = await runBody(folder, body, { args: ["--debug"] });
    assert.match(
      stderr,
      /^error: outer\nhint: .*\ncode: config\.invalid\nAppError: outer\n {4}at .*script\.ts/,
    );
    assert.match(stderr, /\ncaused by Error: inner\n {4}at .*script\.ts/);
    assert.equal(code, 2);
  }));

Deno.test("main() gives up every permission that the command's row does not name", () =>
  withAgentos(async (folder) => {
    const body = `
      for (const name of ["read", "write", "net", "env", "run", "ffi", "sys", "import"]) {
        context.output.answer(name + " " + Deno.permissions.querySync({ name }).state);
      }
      const refused = (act) => { try { act(); return false; } catch (e) { return e instanceof Deno.errors.NotCapable; } };
      context.output.answer("read refused " + refused(() => Deno.readTextFileSync("/etc/passwd")));
      context.output.answer("write refused " + refused(() => Deno.writeTextFileSync(context.cwd + "/x", "")));
      return 0;`;
    const { stdout, stderr } = await runBody(folder, body, { needs: ["net", "read"] });
    assert.equal(
      stdout,
      [
        "read granted",
        "write prompt",
        "net granted",
        "env prompt",
        "run prompt",
        "ffi prompt",
        "sys prompt",
        "import prompt",
        "read refused false",
        "write refused true",
        "",
      ].join("\n"),
      stderr,
    );
  }));

Deno.test("a reader that goes away ends the output silently", () =>
  withAgentos(async (folder) => {
    const shell = `{ sleep 0.3; agentos --help; echo "code $?" >&2; } | true`;
    const { stderr } = await runProgram({
      path: "bash",
      args: ["-c", shell],
      cwd: folder,
      env: environment(folder),
    });
    assert.equal(stderr, "code 0\n");
  }));

Deno.test("a full disk behind stdout is an error that names it, and a full stderr changes no exit code", {
  ignore: Deno.build.os !== "linux",
}, () =>
  withAgentos(async (folder) => {
    const run = (shell: string): Promise<ProgramResult> =>
      runProgram({ path: "sh", args: ["-c", shell], cwd: folder, env: environment(folder) });
    const full = await run("agentos --help >/dev/full");
    assert.match(full.stderr, /^error: Cannot write to stdout: No space left.*\nhint: .*\n$/);
    assert.equal(full.code, 2);
    assert.equal((await run("agentos --help >/dev/full 2>/dev/full")).code, 2);
    assert.equal((await run("agentos serv 2>/dev/full")).code, 2);
  }));

/** What a shell must offer: after these words, at least these completions. */
const OFFERS: readonly { readonly words: readonly string[]; readonly offered: readonly string[] }[] = [
  {
    words: ["s"],
    offered: [...new Set(VISIBLE.map(({ path }) => path[0]))].filter((word) => /^s/.test(word)).toSorted(),
  },
  { words: ["serve", "--p"], offered: ["--port", "--print-permissions"] },
  { words: ["serve", "--log-format", "j"], offered: ["json"] },
  { words: ["completions", ""], offered: ["bash", "fish", "install", "zsh"] },
  { words: ["completions", "install", "--"], offered: ["--edit-rc", "--help", "--remove", "--shell"] },
  { words: ["completions", "install", "--shell", ""], offered: ["bash", "fish", "zsh"] },
  { words: ["portfolio", ""], offered: ["check", "edit", "list", "show"] },
  { words: ["portfolio", "check", "--j"], offered: ["--json"] },
  { words: ["sync", "clean", "--no-d"], offered: ["--no-deploy"] },
  { words: ["usage", "--co"], offered: ["--cost"] },
  { words: ["usage", "--cost", "--no-"], offered: ["--no-ledger"] },
  { words: ["sync", "push", "--only", "config,p"], offered: ["config,profiles"] },
  { words: ["usage", "--by=day,mo"], offered: ["--by=day,model", "--by=day,month"] },
];

Deno.test("agentos __complete offers commands, flags and values with their briefs", () =>
  withAgentos(async (folder) => {
    for (const { words, offered } of OFFERS) {
      const { stdout } = await agentos(folder, "__complete", ...words);
      const lines = stdout.trimEnd().split("\n").map((line) => line.split("\t"));
      assert.deepEqual(lines.map(([word]) => word).toSorted(), offered, words.join(" "));
      for (const [, brief] of lines) assert.ok(brief);
    }
    assert.equal((await agentos(folder, "__complete", "serve", "--root", "x")).stdout, "");
    for (
      const nothing of [["nonsense", ""], ["usage", "--by", "day,d"], ["serve", "--root", "--no"], [
        "serve",
        "--",
        "--no",
      ]]
    ) assert.equal((await agentos(folder, "__complete", ...nothing)).stdout, "", nothing.join(" "));
    assert.match(
      (await agentos(folder, "__complete", "serve", "--log-format=j")).stdout,
      /^--log-format=json\t/,
    );
    assert.match((await agentos(folder, "__complete", "serve", "--log-format", "=", "j")).stdout, /^json\t/);
  }));

/** Where a shell is not installed, its test is reported as ignored. */
function isInstalled(shell: string): boolean {
  return (Deno.env.get("PATH") ?? "").split(":").some((folder) => {
    try {
      return Deno.statSync(join(folder, shell)).isFile;
    } catch {
      return false;
    }
  });
}

const inShell = (folder: string, shell: string, script: string): Promise<ProgramResult> =>
  runProgram({ path: shell, args: ["-c", script], cwd: folder, env: environment(folder) });

Deno.test("bash completes agentos", { ignore: !isInstalled("bash") }, () =>
  withAgentos(async (folder) => {
    const script = `
      eval "$(agentos completions bash)"
      complete -p agentos
      offer() {
        COMP_WORDS=(agentos "$@"); COMP_CWORD=$#; _agentos
        printf '%s ' $(printf '%s\\n' "\${COMPREPLY[@]}" | sort); echo
      }
      ${OFFERS.map(({ words }) => `offer ${words.map((word) => `'${word}'`).join(" ")}`).join("\n")}`;
    const { stdout, stderr } = await inShell(folder, "bash", script);
    const [registered, ...lines] = stdout.trimEnd().split("\n");
    assert.equal(registered, "complete -o default -F _agentos agentos", stderr);
    assert.deepEqual(lines.map((line) => line.trim().split(" ")), OFFERS.map(({ offered }) => offered));
  }));

Deno.test("fish completes agentos", { ignore: !isInstalled("fish") }, () =>
  withAgentos(async (folder) => {
    const script = `agentos completions fish | source\n` +
      OFFERS.map(({ words }) => `complete -C 'agentos ${words.join(" ")}'; echo`).join("\n") +
      `\ntouch agentos-file; complete -C 'agentos serve --root agentos-f'`;
    const { stdout, stderr } = await inShell(folder, "fish", script);
    const offers = stdout.split("\n\n").map((text) =>
      text.split("\n").map((line) => line.split("\t")[0]).toSorted()
    );
    assert.deepEqual(offers.slice(0, -1), OFFERS.map(({ offered }) => offered), stderr);
    assert.ok(offers.at(-1)?.includes("agentos-file"), stdout);
  }));

Deno.test("zsh completes agentos", { ignore: !isInstalled("zsh") }, () =>
  withAgentos(async (folder) => {
    // zsh completes in its line editor only: a real one runs on a pseudo-terminal, and a key stands for a tab.
    const script = `
      zmodload zsh/zpty
      zpty shell zsh -f -i
      zpty -w shell 'PS1=; autoload -Uz compinit; compinit -u -D; eval "$(agentos completions zsh)"'
      zpty -w shell 'accept() { print -r -- "<$BUFFER>"; BUFFER=; zle .accept-line }; zle -N accept; bindkey "^X" accept'
      for line in 'agentos sta' 'agentos serve --print-p' 'agentos serve --log-format=j' 'agentos completions f'; do
        zpty -w -n shell "$line"$'\\t\\C-x'
        zpty -r -m shell answer '*<agentos*>*' && print -r -- "$answer"
      done
      zpty -d shell`;
    const { stdout, stderr } = await inShell(folder, "zsh", script);
    for (
      const completed of [
        "<agentos status >",
        "<agentos serve --print-permissions >",
        "<agentos serve --log-format=json >",
        "<agentos completions fish >",
      ]
    ) assert.ok(stdout.includes(completed), `${completed} not in ${stdout}\n${stderr}`);
  }));
