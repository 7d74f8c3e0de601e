/**
 * The tool `agentOS_git_commit`: stages everything in a work tree and commits it.
 *
 * @module
 */

import { z } from "zod";
import { AppError } from "../../base/errors.ts";
import { sayCount } from "../../base/say_count.ts";
import { createTurns } from "../../base/turns.ts";
import { defineTool, type Tool, type ToolAnswer, type ToolContext } from "../define.ts";
import { asFileError } from "../files/file_error.ts";
import { rootNamed } from "../files/lost_root.ts";
import { shownOutput } from "../program_output.ts";
import { gitFailure, truncationNote } from "./git_failure.ts";
import {
  branchOf,
  headOf,
  hooksNote,
  openRepository,
  refuseHostileNested,
  type Repository,
  resolveTop,
} from "./repository.ts";
import { LISTED_BYTES, startLimit } from "./run_git.ts";
import { refuseLocked, refuseUnfinished } from "./work_in_progress.ts";

/** Fits one argument of a program on every system, in any script. */
const MAX_MESSAGE_CHARS = 8_000;

const output = z.object({
  committed: z.boolean().describe("False: nothing to commit."),
  hash: z.string().optional().describe("Of the new commit."),
  branch: z.string().optional().describe("None: detached HEAD."),
  filesChanged: z.int().describe("Count."),
  hooks: z.enum(["ran", "off"]).describe("off: not a trusted repository."),
  notes: z.string().optional().describe("What was not."),
});
type Answer = ToolAnswer<z.input<typeof output>>;

/**
 * Of a repository inside, its commit counts and not what lies about in it: git need not go into it, and takes it also where
 * the config has it ignored.
 */
const COMMITS_OF_SUBMODULES = ["-c", "diff.ignoreSubmodules=dirty"];

/** Calls of this server do not meet each other's index.lock. */
const takeTurn = createTurns();

/** See its description. */
export const gitCommit: Tool = defineTool({
  name: "agentOS_git_commit",
  title: "Git commit",
  description: "Commit all changes in a git work tree (git add -A). No changes is no error. Limit 60 s.",
  hints: { readOnly: false, destructive: false, idempotent: false, openWorld: false },
  input: z.strictObject({
    cwd: z.string().describe("Absolute path of the work tree's top."),
    message: z.string().describe("Literal, max 8000 characters."),
  }),
  output,
  examples: [
    { title: "Commit with a body", input: { cwd: "/home/ada/notes", message: "Add plan\n\nFor next week." } },
  ],
  async run({ cwd, message }, context): Promise<Answer> {
    checkMessage(message);
    try {
      return await takeTurn(resolveTop(cwd, context), () => commitAll(cwd, message, context));
    } catch (error) {
      throw asFileError(error, cwd, "commit in", rootNamed(cwd, context.settings));
    }
  },
});

async function commitAll(cwd: string, message: string, context: ToolContext): Promise<Answer> {
  const repository = await openRepository(cwd, context, startLimit());
  await refuseUnfinished(repository);
  await refuseLocked(repository);
  await checkIdentity(repository);
  const staging = await stageAll(repository);
  if (await nothingStaged(repository)) return await nothingToCommit(repository, context);
  await commit(repository, message);
  // What was done is said also when it took all the time that there was.
  return await describeCommit({ ...repository, git: repository.gitAfterwards }, staging);
}

function checkMessage(message: string): void {
  const problem = message.trim() === ""
    ? "it is empty"
    : message.length > MAX_MESSAGE_CHARS
    ? `it has ${message.length} characters; the limit is ${MAX_MESSAGE_CHARS}`
    : message.includes("\0")
    ? "it holds a NUL character"
    : message.isWellFormed()
    ? undefined
    : "it holds half of a character (a lone surrogate)";
  if (problem !== undefined) throw new AppError("tool.input", `Cannot use this commit message: ${problem}.`);
}

/** Git would make a name up from the machine's; a commit under an invented name helps nobody. */
async function checkIdentity(repository: Repository): Promise<void> {
  for (const identity of ["GIT_AUTHOR_IDENT", "GIT_COMMITTER_IDENT"]) {
    const result = await repository.git(["-c", "user.useConfigOnly=true", "var", identity]);
    if (result.code !== 0) throw gitFailure(`git var ${identity}`, result);
  }
}

/** Stages everything; answers notes on the repositories that were found inside and recorded as a link. */
async function stageAll(repository: Repository): Promise<readonly string[]> {
  const result = await repository.git([...COMMITS_OF_SUBMODULES, "add", "--all"], {
    maxOutputBytes: LISTED_BYTES,
  });
  if (result.code !== 0) throw gitFailure("git add --all", result);
  const found = [...result.stderr.matchAll(/adding embedded git repository: (.*)/g)];
  return [...embeddedNote(found.map(([, path]) => path ?? "")), ...truncationNote(result)];
}

/** As `git commit` decides it: a submodule that moved is a change, whatever the config says of submodules. */
async function nothingStaged(repository: Repository): Promise<boolean> {
  const result = await repository.git([
    "diff",
    "--cached",
    "--quiet",
    "--no-ext-diff",
    "--no-textconv",
    "--ignore-submodules=dirty",
  ]);
  if (result.code > 1) throw gitFailure("git diff --cached", result);
  return result.code === 0;
}

/**
 * Commits what is staged.
 *
 * @throws {AppError} with what became of it: a hook that runs behind the commit may fail, or use the time up, too
 */
async function commit(repository: Repository, message: string): Promise<void> {
  const before = await headOf(repository.git);
  const careful = repository.trusted ? [] : ["--no-verify", "--no-gpg-sign"];
  const args = [
    ...COMMITS_OF_SUBMODULES,
    "-c",
    "i18n.commitEncoding=UTF-8",
    "commit",
    "--cleanup=whitespace",
    ...careful,
    `--message=${message}`,
  ];
  try {
    const result = await repository.git(args);
    if (result.code !== 0) throw gitFailure("git commit", result, await sayAftermath(repository, before));
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "process.timeout") throw error;
    const aftermath = await sayAftermath(repository, before);
    throw new AppError(error.code, `${error.message} ${aftermath}`, { hint: error.hint });
  }
}

async function sayAftermath(repository: Repository, before: string | undefined): Promise<string> {
  const unknown = "Whether it was committed is not known: see git log.";
  try {
    const after = await headOf(repository.gitAfterwards);
    if (after === before) return "Nothing was committed; the changes stay staged.";
    // What failed took HEAD away, or all that it leads to.
    if (after === undefined) return unknown;
    return `The commit was made all the same, as ${after.slice(0, 12)}: what failed comes behind it.`;
  } catch {
    return unknown;
  }
}

/** Staging takes everything but what lies in submodules, which are repositories of their own. */
async function nothingToCommit(repository: Repository, context: ToolContext): Promise<Answer> {
  const branch = await branchOf(repository);
  // Looking goes into each of them, also into those that the index knows only now.
  await refuseHostileNested(repository, context);
  const result = await repository.git(["status", "--porcelain", "--ignore-submodules=none"]);
  if (result.code !== 0) throw gitFailure("git status", result);
  const changed = result.stdout.split("\n").filter((row) => row !== "").map((row) => row.slice(3));
  const notes = changed.length === 0
    ? undefined
    : `Changed inside, and to be committed there first: ${namesOf(changed)}.`;
  return {
    data: {
      committed: false,
      branch,
      filesChanged: 0,
      hooks: repository.trusted ? "ran" : "off",
      ...(notes === undefined ? {} : { notes }),
    },
    text: `Nothing to commit in ${repository.top}: ${
      notes === undefined
        ? "the work tree is the same as its last commit."
        : `nothing of its own changed. ${notes}`
    }`,
  };
}

/** The first of many. */
function namesOf(paths: readonly string[]): string {
  const more = paths.length > 10 ? ` and ${paths.length - 10} more` : "";
  return `${shownOutput(paths.slice(0, 10).join(", "), 1_000)}${more}`;
}

async function describeCommit(repository: Repository, notes: readonly string[]): Promise<Answer> {
  const head = await repository.git(["rev-parse", "--verify", "HEAD"]);
  if (head.code !== 0) throw gitFailure("git rev-parse HEAD", head);
  const hash = head.stdout.trim();
  const branch = await branchOf(repository);
  const filesChanged = await countFiles(repository, hash);
  const files = sayCount(filesChanged, "file");
  return {
    data: {
      committed: true,
      hash,
      branch,
      filesChanged,
      hooks: repository.trusted ? "ran" : "off",
      ...(notes.length === 0 ? {} : { notes: notes.join("\n") }),
    },
    text: [
      `Committed ${files} as ${hash.slice(0, 12)} on ${branch ?? "a detached HEAD, which no branch holds"}.`,
      ...hooksNote(repository),
      ...notes,
    ].join("\n"),
  };
}

async function countFiles(repository: Repository, hash: string): Promise<number> {
  const result = await repository.git([
    "diff-tree",
    "--root",
    "--no-commit-id",
    "--no-renames",
    "--no-ext-diff",
    "--no-textconv",
    "--ignore-submodules=dirty",
    "--shortstat",
    hash,
  ]);
  if (result.code !== 0) throw gitFailure("git diff-tree", result);
  return Number(/(\d+) files? changed/.exec(result.stdout)?.[1] ?? 0);
}

function embeddedNote(paths: readonly string[]): readonly string[] {
  if (paths.length === 0) return [];
  return [`Recorded as a link only, being repositories of their own: ${namesOf(paths)}.`];
}
