/**
 * `agentos completions install`: puts the completion script where the shell in use looks for it, and says what it wrote
 * and what is still missing. The shell's start-up file is edited only when asked.
 *
 * @module
 */

import { writeAtomically } from "../../base/atomic_write.ts";
import { AppError, messageOf } from "../../base/errors.ts";
import { findProgram } from "../../base/find_program.ts";
import { isFolder, leadsSomewhere } from "../../base/on_disk.ts";
import { currentPlatform } from "../../base/platform.ts";
import { runProcess } from "../../base/run_process.ts";
import type { CommandContext } from "../../cli/command.ts";
import type { Output } from "../../cli/output.ts";
import {
  addLines,
  type CompletedShell,
  type CompletionPlace,
  placeOf,
  removeLines,
  type StartUp,
  startUpFile,
} from "./place.ts";
import { isOurs, SCRIPTS } from "./scripts.ts";

/** The flags as the parser hands them over. */
export interface Flags {
  readonly shell?: CompletedShell;
  readonly editRc?: boolean;
  readonly remove?: boolean;
}

/**
 * Installs the script, or takes it away.
 *
 * @throws {AppError} cli.usage for a shell without completions; completions.foreign, completions.failed
 */
export async function run(flags: Flags, context: CommandContext): Promise<0> {
  const shell = flags.shell ?? shellOf(context.env("SHELL"));
  const place = await findPlace(shell, context);
  if (flags.remove) await removeScript(shell, place, context);
  else await putScript(shell, place, flags.editRc ?? false, context);
  return 0;
}

function shellOf(path: string | undefined): CompletedShell {
  const name = path?.split("/").at(-1);
  if (name === "bash" || name === "zsh" || name === "fish") return name;
  throw new AppError(
    "cli.usage",
    `There are no completions for ${name ?? "a shell that SHELL does not name"}`,
    {
      hint: "Name the shell with --shell: bash, zsh or fish.",
    },
  );
}

async function findPlace(shell: CompletedShell, context: CommandContext): Promise<CompletionPlace> {
  const { home, env } = context;
  const asked = shell === "zsh" ? await askZsh(context) : undefined;
  return placeOf(shell, {
    home,
    env,
    searched: asked?.folders.filter(isFolder),
    isReady: shell === "bash" ? BASH_COMPLETION.some(leadsSomewhere) : asked?.isReady ?? true,
  });
}

/** Where bash-completion is on Linux, and where Homebrew and the BSDs put it. */
const BASH_COMPLETION = [
  "/usr/share/bash-completion/bash_completion",
  "/usr/local/share/bash-completion/bash_completion",
  "/opt/homebrew/share/bash-completion/bash_completion",
];

const ZSH_LIMIT_MS = 5_000;

/** What zsh searches after its own start-up, and whether it completes at all; undefined when it does not say. */
async function askZsh(
  context: CommandContext,
): Promise<{ readonly folders: readonly string[]; readonly isReady: boolean } | undefined> {
  const question = 'print -rl -- "agentos:" $+functions[compdef] $fpath';
  try {
    const path = findProgram("zsh", {
      path: context.env("PATH") ?? "",
      unsafeFolders: [],
      platform: currentPlatform(),
    });
    const { code, stdout } = await runProcess(
      path,
      {
        program: "zsh",
        args: ["-i", "-c", question],
        cwd: context.home,
        environment: "user",
        env: {},
        timeoutMs: ZSH_LIMIT_MS,
        maxOutputBytes: 64 * 1024,
      },
      Deno.env.toObject(),
      new AbortController().signal,
    );
    const [, answer] = stdout.split("agentos:\n");
    if (code !== 0 || answer === undefined) return undefined;
    const [ready, ...folders] = answer.trim().split("\n");
    return { folders, isReady: ready === "1" };
  } catch (error) {
    if (error instanceof AppError) return undefined;
    throw error;
  }
}

async function putScript(
  shell: CompletedShell,
  { file, startUp }: CompletionPlace,
  mayEdit: boolean,
  { output }: CommandContext,
): Promise<void> {
  const script = SCRIPTS.get(shell) ?? "";
  const present = readText(file);
  refuseForeign(file, present);
  if (present === script) output.answer(`unchanged  ${file}`);
  else {
    await write(file, encoder.encode(script));
    output.answer(`${present === undefined ? "wrote     " : "replaced  "} ${file}`);
  }
  const isComplete = startUp === undefined || await putLines(startUp, mayEdit, output);
  output.answer(
    isComplete
      ? "Completions work in shells that start from now on."
      : `Completions work once ${startUp.file} has what is missing, in shells that start then.`,
  );
}

/** Puts the lines into the start-up file, or says what they are; answers whether they are there now. */
async function putLines(startUp: StartUp, mayEdit: boolean, output: Output): Promise<boolean> {
  const old = spell(readIfThere(startUp.file) ?? new Uint8Array());
  const fresh = addLines(old, {
    ...startUp,
    first: startUp.first.map((line) => spell(encoder.encode(line))),
    last: startUp.last.map((line) => spell(encoder.encode(line))),
  });
  if (fresh === old) {
    output.answer(`unchanged  ${startUp.file}`);
    return true;
  }
  if (mayEdit) {
    await write(startUp.file, unspell(fresh));
    output.answer(`edited     ${startUp.file}`);
    return true;
  }
  for (const line of startUp.first) output.talk(`notice: add this at the top of ${startUp.file}: ${line}`);
  for (const line of startUp.last) output.talk(`notice: add this at the end of ${startUp.file}: ${line}`);
  output.talk("notice: or let agentos do it: agentos completions install --edit-rc");
  return false;
}

async function removeScript(
  shell: CompletedShell,
  { file }: CompletionPlace,
  context: CommandContext,
): Promise<void> {
  const { output } = context;
  const present = readText(file);
  refuseForeign(file, present);
  if (present === undefined) output.answer(`not there  ${file}`);
  else {
    remove(file);
    output.answer(`removed    ${file}`);
  }
  // Also where none would be added now: what the shell lacked then, it may have since.
  if (shell !== "fish") await takeLines(startUpFile(shell, context), output);
}

async function takeLines(path: string, output: Output): Promise<void> {
  const bytes = readIfThere(path);
  if (bytes === undefined) return;
  const text = spell(bytes);
  const fresh = removeLines(text);
  if (fresh === text) return;
  // One that held our lines alone was made for them. A link is its user's, wherever it leads.
  if (fresh === "" && !isLink(path)) {
    remove(path);
    output.answer(`removed    ${path}`);
    return;
  }
  await write(path, unspell(fresh));
  output.answer(`edited     ${path}`);
}

function refuseForeign(file: string, present: string | undefined): void {
  if (present === undefined || isOurs(present)) return;
  throw new AppError("completions.foreign", `"${file}" was not written by agentos and is left alone`);
}

const encoder = new TextEncoder();

/** A character for each byte: start-up files are edited as bytes, since not all of them are UTF-8. */
function spell(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
}

function unspell(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** Puts a file in place, through a link where there is one: start-up files often are links into a repository. */
async function write(file: string, bytes: Uint8Array): Promise<void> {
  try {
    Deno.mkdirSync(file.slice(0, file.lastIndexOf("/")), { recursive: true });
    const path = leadsSomewhere(file) ? Deno.realPathSync(file) : file;
    const mode = leadsSomewhere(path) ? Deno.statSync(path).mode ?? undefined : undefined;
    await writeAtomically({ path, bytes, mode });
  } catch (cause) {
    throw failed("write", file, cause);
  }
}

function remove(file: string): void {
  try {
    Deno.removeSync(file);
  } catch (cause) {
    throw failed("remove", file, cause);
  }
}

function readText(file: string): string | undefined {
  const bytes = readIfThere(file);
  return bytes && new TextDecoder().decode(bytes);
}

function readIfThere(file: string): Uint8Array | undefined {
  try {
    return Deno.readFileSync(file);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return undefined;
    throw failed("read", file, cause);
  }
}

function failed(verb: string, file: string, cause: unknown): AppError {
  const reason = messageOf(cause);
  return new AppError("completions.failed", `Cannot ${verb} "${file}": ${reason}`, { cause });
}

function isLink(path: string): boolean {
  try {
    return Deno.lstatSync(path).isSymlink;
  } catch (cause) {
    throw failed("read", path, cause);
  }
}
