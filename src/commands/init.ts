/**
 * `agentos init [DIR]`: a home repo out of the executable, or an existing one adopted, recorded in the settings, with the
 * next three commands.
 *
 * Nothing that is there is overwritten, so it can be run again to complete what is missing.
 *
 * @module
 */

import { AppError, messageOf } from "../base/errors.ts";
import { absoluteFrom, normalise, parentOf } from "../base/path_rules.ts";
import { currentPlatform } from "../base/platform.ts";
import { sayCount } from "../base/say_count.ts";
import { quoteForShell, refuseOther } from "../base/state_folder.ts";
import type { CommandContext, CommandRun } from "../cli/command.ts";
import { setKey } from "../config/edit.ts";
import { openConfig } from "../config/read.ts";
import { renderToml } from "../config/values.ts";
import { checkRoot } from "../server/setting_faults.ts";
import { readAllApplied } from "../sync/read.ts";
import { examineDraft, openDraft, replaceConfig } from "./config/change.ts";
import { lookOver } from "./init/adopt.ts";
import { commitFiles, startGit } from "./init/git_start.ts";
import { writeRepo, type WrittenRepo } from "./init/write_repo.ts";
import { stateFolderOf } from "./sync/open_home.ts";

/** The flags as the parser hands them over. */
export interface Flags {
  readonly from?: string;
  readonly root?: readonly string[];
  readonly git?: boolean;
  readonly commit?: boolean;
  readonly yes?: boolean;
}

/** Makes or adopts the repo. */
export const run: CommandRun<Flags, readonly string[]> = async (flags, context, named) => {
  if (flags.from !== undefined && named !== undefined) {
    throw new AppError("cli.usage", "DIR and --from are two folders", {
      hint: "init DIR writes a new home repo, init --from DIR adopts one that is there.",
    });
  }
  refuseOther(stateFolderOf(context));
  const roots = (flags.root ?? []).map((root) => existingFolder(root, context));
  if (flags.from !== undefined) {
    const { folder, lines } = await lookOver(absolute(flags.from, context), context);
    const asked = askForRoots(roots, flags, context);
    const used = await record(folder, asked, true, context);
    context.output.answer(
      [`${folder} is your home repo now`, ...lines.map((line) => `  ${line}`)].join("\n"),
    );
    context.output.answer(renderNext(folder, used, context));
    return 0;
  }
  const folder = chooseFolder(named, context);
  const asked = askForRoots(roots, flags, context);
  const real = makeFolder(folder);
  const repo = writeRepo(real);
  context.output.answer(renderWritten(real, repo));
  if (flags.git !== false) context.output.answer(`  ${await putUnderGit(real, repo, flags.commit === true)}`);
  const used = await record(real, asked, false, context);
  context.output.answer(renderNext(real, used, context));
  return 0;
};

/** @throws {AppError} cli.usage for a folder that holds more than a repo should */
function chooseFolder(named: string | undefined, context: CommandContext): string {
  const platform = currentPlatform();
  const folder = absolute(named ?? ".", context);
  if (parentOf(folder, platform) === folder || folder === normalise(context.home, platform)) {
    throw new AppError("cli.usage", `Cannot make a home repo of "${folder}": it holds much else`, {
      hint: "Name a folder of its own: agentos init ~/agentos-home",
    });
  }
  return folder;
}

/** Real path. @throws {AppError} file.write_failed */
function makeFolder(folder: string): string {
  try {
    Deno.mkdirSync(folder, { recursive: true });
    return Deno.realPathSync(folder);
  } catch (cause) {
    const reason = messageOf(cause);
    throw new AppError("file.write_failed", `Cannot make the folder "${folder}": ${reason}`, {
      hint: "Name a folder that can be made.",
      cause,
    });
  }
}

function absolute(path: string, { cwd, home }: CommandContext): string {
  const platform = currentPlatform();
  const full = path.replace(/^~(?=$|[/\\])/, () => home);
  return absoluteFrom(cwd, full, platform);
}

function existingFolder(path: string, context: CommandContext): string {
  const folder = absolute(path, context);
  try {
    if (Deno.statSync(folder).isDirectory) {
      checkRoot(folder, { from: "flag", name: "--root" }, stateFolderOf(context));
      return folder;
    }
  } catch (error) {
    if (error instanceof AppError) throw error;
    // Said below.
  }
  throw new AppError("config.invalid", `The folder "${folder}" of --root is not there`, {
    hint: "Name a folder that is there, or leave --root out.",
  });
}

/** The one thing that nobody but the user knows: where agents may work. Asked on a terminal, unless it is known. */
function askForRoots(named: readonly string[], flags: Flags, context: CommandContext): readonly string[] {
  if (named.length > 0 || flags.yes === true || !Deno.stdin.isTerminal() || !Deno.stdout.isTerminal()) {
    return named;
  }
  for (;;) {
    const said = globalThis.prompt(
      "Folders that your agents may read and change, separated by commas (Enter: none for now):",
    );
    const words = (said ?? "").split(",").map((word) => word.trim()).filter((word) => word !== "");
    try {
      return words.map((word) => existingFolder(word, context));
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      context.output.talk(error.message);
    }
  }
}

/**
 * Writes the repo and the roots into the settings, and answers which repo every command uses from now on.
 *
 * @param replaces true to take the place of another repo that is recorded
 */
async function record(
  folder: string,
  roots: readonly string[],
  replaces: boolean,
  context: CommandContext,
): Promise<string> {
  const config = await openConfig(context);
  const recorded = config.entries.find(({ path }) => path.join(".") === "repo")?.value;
  const used = typeof recorded === "string" && !replaces ? recorded : folder;
  const draft = openDraft(context);
  let text = draft.before ?? "";
  if (recorded === undefined || replaces) text = change(text, ["repo"], renderToml(folder), draft.file);
  if (roots.length > 0) text = change(text, ["server", "roots"], renderToml(roots), draft.file);
  await replaceConfig(examineDraft(draft, text, context));
  if (context.env("AGENTOS_REPO") !== undefined && context.env("AGENTOS_REPO") !== folder) {
    context.output.talk("agentos: AGENTOS_REPO is set here, and goes before the settings");
  }
  return used;
}

function change(text: string, path: readonly string[], toml: string, file: string): string {
  const edited = setKey(text, path, toml);
  if (edited.kind === "text") return edited.text;
  throw new AppError("config.invalid", `Cannot change it: ${edited.message}`, {
    where: { file, line: edited.line },
    hint: 'Change it with "agentos config edit".',
  });
}

function renderWritten(folder: string, { written, same, kept }: WrittenRepo): string {
  const counts = [
    `${sayCount(written.length, "file")} written`,
    ...(same.length === 0 ? [] : [`${same.length} there already`]),
    ...(kept.length === 0 ? [] : [`${kept.length} left alone`]),
  ];
  return [
    `${folder}: ${counts.join(", ")}`,
    ...kept.map(({ path, why }) => `  left alone  ${path}  ${why}`),
  ].join("\n");
}

async function putUnderGit(folder: string, repo: WrittenRepo, commit: boolean): Promise<string> {
  const start = await startGit(folder);
  if (start === "no git") return "git is not installed: the folder is under no version control";
  if (!commit) {
    return start === "made"
      ? "a git repository, with nothing committed yet"
      : start === "there already"
      ? "in your git repository, not committed"
      : "inside another git repository, not committed";
  }
  if (repo.written.length === 0) return "nothing to commit";
  await commitFiles(folder, repo.written, "Start the home repo");
  return `committed: Start the home repo (${sayCount(repo.written.length, "file")})`;
}

/** What a new user does next; a home that another repo keeps in step has to be taken over. */
function renderNext(folder: string, used: string, context: CommandContext): string {
  const isKept = readAllApplied(stateFolderOf(context)).some(({ repo }) => repo !== folder);
  const steps: readonly (readonly [command: string, what: string])[] = [
    ...(used === folder
      ? []
      : [[`agentos config set repo ${quoteForShell(folder)}`, `uses it instead of ${used}`] as const]),
    ["agentos service install", "the server, now and at each log-in (or by hand: agentos serve)"],
    [`agentos sync push${isKept ? " --takeover" : ""}`, "connects your agents to it"],
    ["agentos portfolio edit", "tells them who you are and how you work"],
  ];
  const width = Math.max(...steps.map(([command]) => command.length));
  return ["", "next:", ...steps.map(([command, what]) => `  ${command.padEnd(width)}   ${what}`)].join("\n");
}
