/**
 * `agentos completions install` with the real shells: what is written, and that a shell which starts afterwards, as its
 * user starts it, completes.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { addLines, removeLines } from "../src/commands/completions/place.ts";
import { runProgram } from "./e2e/program.ts";
import { openSyncSandbox, snapshot, type SyncSandbox } from "./sync_sandbox.ts";

const ROOT = join(import.meta.dirname ?? "", "..");

async function isInstalled(shell: string): Promise<boolean> {
  return await runProgram({ path: shell, args: ["-c", "exit"], cwd: "/", env: {} }).then(
    () => true,
    () => false,
  );
}

const [HAS_BASH, HAS_ZSH, HAS_FISH] = await Promise.all(["bash", "zsh", "fish"].map(isInstalled));

/** A home with an `agentos` on PATH, beside the machine's own programs. */
async function openShellSandbox(): Promise<SyncSandbox & { readonly path: string }> {
  const base = await openSyncSandbox();
  const script = `#!/bin/sh\nexec "${Deno.execPath()}" run -A --quiet "${ROOT}/main.ts" "$@"\n`;
  Deno.writeTextFileSync(join(base.bin, "agentos"), script, { mode: 0o755 });
  return { ...base, path: `${base.bin}:${Deno.env.get("PATH")}` };
}

const install = (
  sandbox: SyncSandbox & { readonly path: string },
  env: Readonly<Record<string, string>>,
  ...args: readonly string[]
): ReturnType<typeof runProgram> =>
  runProgram({
    path: join(sandbox.bin, "agentos"),
    args: ["completions", "install", ...args],
    cwd: sandbox.userHome,
    env: { ...sandbox.env, PATH: sandbox.path, ...env },
  });

const inShell = (
  sandbox: SyncSandbox & { readonly path: string },
  shell: string,
  args: readonly string[],
): ReturnType<typeof runProgram> =>
  runProgram({
    path: shell,
    args,
    cwd: sandbox.userHome,
    env: { ...sandbox.env, PATH: sandbox.path, TERM: "xterm" },
  });

Deno.test(
  "fish completes agentos after one command, and no more after --remove",
  { ignore: !HAS_FISH },
  async () => {
    await using sandbox = await openShellSandbox();
    const first = await install(sandbox, { SHELL: "/usr/bin/fish" });
    const file = join(sandbox.userHome, ".config/fish/completions/agentos.fish");
    assert.deepEqual([first.code, first.stderr], [0, ""]);
    assert.equal(first.stdout, `wrote      ${file}\nCompletions work in shells that start from now on.\n`);
    assert.match((await inShell(sandbox, "fish", ["-c", "complete -C 'agentos sta'"])).stdout, /^status\t/m);
    assert.match((await install(sandbox, {}, "--shell", "fish")).stdout, /^unchanged /);
    assert.equal((await install(sandbox, {}, "--shell", "fish", "--remove")).stdout, `removed    ${file}\n`);
    assert.equal((await install(sandbox, {}, "--shell", "fish", "--remove")).stdout, `not there  ${file}\n`);
  },
);

Deno.test("bash completes agentos by bash-completion, or by a line in .bashrc that is added when asked for", {
  ignore: !HAS_BASH,
}, async () => {
  await using sandbox = await openShellSandbox();
  const { stdout, stderr, code } = await install(sandbox, { SHELL: "/bin/bash" });
  const file = join(sandbox.userHome, ".local/share/bash-completion/completions/agentos");
  assert.equal(code, 0);
  assert.ok(stdout.startsWith(`wrote      ${file}\n`), stdout);
  const library = "/usr/share/bash-completion/bash_completion";
  const offer = "COMP_WORDS=(agentos sta) COMP_CWORD=1; _agentos; echo ${COMPREPLY[@]}";
  if (await Deno.stat(library).then(() => true, () => false)) {
    assert.equal(stderr, "");
    const script = `. ${library}; _completion_loader agentos; complete -p agentos; ${offer}`;
    assert.match((await inShell(sandbox, "bash", ["-c", script])).stdout, /-F _agentos agentos\nstatus\n/);
  } else {
    assert.match(stderr, /^notice: add this at the end of .*\.bashrc: \. .*completions\/agentos$/m);
    assert.match(
      stdout,
      /\nCompletions work once .*\.bashrc has what is missing, in shells that start then\.\n$/,
    );
    Deno.writeTextFileSync(join(sandbox.userHome, ".bashrc"), "export MINE=1");
    assert.match((await install(sandbox, {}, "--shell", "bash", "--edit-rc")).stdout, /^edited .*\.bashrc$/m);
    const answer = await inShell(sandbox, "bash", ["-i", "-c", `echo $MINE; ${offer}`]);
    assert.equal(answer.stdout, "1\nstatus\n");
  }
});

Deno.test("zsh completes agentos from a folder that it searches, or from one that is added when asked for", {
  ignore: !HAS_ZSH,
}, async () => {
  await using sandbox = await openShellSandbox();
  const { userHome } = sandbox;
  const zshrc = join(userHome, ".zshrc");
  const mine = "# mine\nautoload -Uz compinit; compinit -u -D\n";
  Deno.writeTextFileSync(zshrc, mine);
  const registered = async (): Promise<string> =>
    (await inShell(sandbox, "zsh", ["-i", "-c", "print -r -- $_comps[agentos]"])).stdout.trim();

  const folder = join(userHome, ".local/share/zsh/site-functions");
  const told = await install(sandbox, { SHELL: "/usr/bin/zsh" });
  assert.match(told.stdout, new RegExp(`^wrote {6}${folder}/_agentos$`, "m"));
  assert.match(
    told.stderr,
    /^notice: add this at the top of .*\.zshrc: fpath=\(.*site-functions \$fpath\)$/m,
  );
  assert.match(
    told.stdout,
    /\nCompletions work once .*\.zshrc has what is missing, in shells that start then\.\n$/,
  );
  assert.equal(Deno.readTextFileSync(zshrc), mine);
  assert.equal(await registered(), "");

  assert.match((await install(sandbox, {}, "--shell", "zsh", "--edit-rc")).stdout, /^edited .*\.zshrc$/m);
  assert.equal(
    Deno.readTextFileSync(zshrc),
    `fpath=(${folder} $fpath)  # agentos completions install\n${mine}`,
  );
  assert.equal(await registered(), "_agentos");
  const again = await install(sandbox, {}, "--shell", "zsh", "--edit-rc");
  assert.match(again.stdout, /^unchanged {2}.*_agentos\nCompletions/);

  // A folder of the user's own that zsh searches is taken before ours.
  const before = snapshot(userHome);
  await install(sandbox, {}, "--shell", "zsh", "--remove");
  assert.equal(Deno.readTextFileSync(zshrc), mine);
  assert.deepEqual(
    Object.keys(before).filter((path) => !Object.keys(snapshot(userHome)).includes(path)),
    [".local/share/zsh/site-functions/_agentos"],
  );
  Deno.mkdirSync(join(userHome, ".zfunc"));
  Deno.writeTextFileSync(zshrc, `fpath=(~/.zfunc $fpath)\n${mine}`);
  const own = await install(sandbox, {}, "--shell", "zsh");
  assert.equal(own.stderr, "");
  assert.match(own.stdout, /^wrote {6}.*\/\.zfunc\/_agentos$/m);
  assert.equal(await registered(), "_agentos");
});

Deno.test("zsh without compinit is told what it lacks", { ignore: !HAS_ZSH }, async () => {
  await using sandbox = await openShellSandbox();
  const told = await install(sandbox, { SHELL: "zsh" }, "--edit-rc");
  assert.equal(told.code, 0, told.stderr);
  assert.match(
    Deno.readTextFileSync(join(sandbox.userHome, ".zshrc")),
    /^fpath=\(.*\) {2}# agentos completions install\nautoload -Uz compinit && compinit {2}# agentos.*\n$/,
  );
});

Deno.test("--remove leaves no start-up file that was made for its lines, and every one of the user's own", async () => {
  await using sandbox = await openShellSandbox();
  const zshrc = join(sandbox.userHome, ".zshrc");
  const ask = async (...flags: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await install(sandbox, {}, "--shell", "zsh", ...flags);
    assert.equal(code, 0, stderr);
    return stdout;
  };
  assert.match(await ask("--edit-rc"), /^edited .*\.zshrc$/m);
  assert.match(await ask("--remove"), new RegExp(`^removed {4}${zshrc}$`, "m"));
  // zsh itself keeps what compinit found.
  assert.deepEqual(
    Object.keys(snapshot(sandbox.userHome)).filter((path) =>
      !path.endsWith("/") && !path.startsWith(".zcompdump")
    ),
    [],
  );

  const kept = join(sandbox.userHome, "dotfile");
  Deno.writeTextFileSync(kept, "");
  Deno.symlinkSync(kept, zshrc);
  await ask("--edit-rc");
  assert.match(await ask("--remove"), /^edited .*\.zshrc$/m);
  assert.equal(Deno.readLinkSync(zshrc), kept);
  assert.equal(Deno.readTextFileSync(kept), "");
  Deno.removeSync(zshrc);
  Deno.writeTextFileSync(zshrc, "\n");
  await ask("--edit-rc");
  assert.match(await ask("--remove"), /^edited .*\.zshrc$/m);
  assert.equal(Deno.readTextFileSync(zshrc), "\n");
});

Deno.test("--remove gives a start-up file back as it was, and leaves another shell alone", async () => {
  await using sandbox = await openShellSandbox();
  const zshrc = join(sandbox.userHome, ".zshrc");
  const ask = (...words: readonly string[]): ReturnType<typeof runProgram> =>
    install(sandbox, {}, "--shell", ...words);
  for (const mine of ["export MINE=1", "export MINE=1\n", "export MINE=1\n\n"]) {
    Deno.writeTextFileSync(zshrc, mine);
    assert.equal((await ask("zsh", "--edit-rc")).code, 0);
    const edited = Deno.readTextFileSync(zshrc);
    assert.notEqual(edited, mine);
    for (const other of ["bash", "fish"]) assert.equal((await ask(other, "--remove")).code, 0);
    assert.equal(Deno.readTextFileSync(zshrc), edited);
    assert.equal((await ask("zsh", "--remove")).code, 0);
    assert.equal(Deno.readTextFileSync(zshrc), mine);
  }
  // A last line without an end is set off from ours; what came below since stays a line of its own.
  const added = { file: zshrc, first: [], last: [". a", ". b"] };
  for (const mine of ["", "x", "x\n"]) {
    assert.equal(removeLines(addLines(mine, added)), mine);
    assert.equal(removeLines(`${addLines(mine, added)}y\n`), mine === "" ? "y\n" : "x\ny\n");
  }
});

Deno.test("a start-up file in another encoding keeps its bytes, also beside a home that is not ASCII", async () => {
  await using sandbox = await openShellSandbox();
  const zshrc = join(sandbox.userHome, ".zshrc");
  const mine = Uint8Array.from([...new TextEncoder().encode("# caf"), 0xe9, 0x0a]);
  Deno.writeFileSync(zshrc, mine);
  const env = { XDG_DATA_HOME: join(sandbox.userHome, "donn\u00e9es") };
  for (const done of ["edited", "Completions"]) {
    const { code, stdout } = await install(sandbox, env, "--shell", "zsh", "--edit-rc");
    assert.equal(code, 0);
    assert.match(stdout, new RegExp(`^${done}`, "m"));
    const lines = Deno.readTextFileSync(zshrc).split("\n").filter((line) => line.includes("donn\u00e9es"));
    assert.equal(lines.length, 1);
    assert.ok(Deno.readFileSync(zshrc).toString().includes(mine.toString()));
  }
  assert.equal((await install(sandbox, env, "--shell", "zsh", "--remove")).code, 0);
  assert.deepEqual(Deno.readFileSync(zshrc), mine);
});

Deno.test("completions install leaves another's file alone, and says when there is nothing for a shell", async () => {
  await using sandbox = await openShellSandbox();
  const file = join(sandbox.userHome, ".config/fish/completions/agentos.fish");
  Deno.mkdirSync(join(file, ".."), { recursive: true });
  Deno.writeTextFileSync(file, "complete -c agentos -f\n");
  for (const flag of [[], ["--remove"]]) {
    const { code, stderr } = await install(sandbox, {}, "--shell", "fish", ...flag);
    assert.equal(
      stderr,
      `error: "${file}" was not written by agentos and is left alone\nhint: Move that file away and run again.\n`,
    );
    assert.equal(code, 2);
  }
  assert.equal(Deno.readTextFileSync(file), "complete -c agentos -f\n");
  for (
    const [env, name] of [[{ SHELL: "/bin/tcsh" }, "tcsh"], [{}, "a shell that SHELL does not name"]] as const
  ) {
    const { code, stderr } = await install(sandbox, env);
    assert.match(stderr, new RegExp(`^error: There are no completions for ${name}\nhint: Name the shell`));
    assert.equal(code, 2);
  }
  Deno.removeSync(file);
  const full = await sandbox.runOnFullDisk(0, "completions", "install", "--shell", "fish");
  assert.match(full.stderr, /^error: Cannot write ".*agentos\.fish": .*\nhint: Check the free space, /);
  Deno.mkdirSync(file);
  assert.match(
    (await install(sandbox, {}, "--shell", "fish")).stderr,
    /^error: Cannot read ".*agentos\.fish": /,
  );
});
