/**
 * The tool `agentOS_git_push`: what a plain `git push` would do, with every way to hang or to overwrite closed.
 *
 * @module
 */

import { z } from "zod";
import { AppError } from "../../base/errors.ts";
import type { ProcessResult } from "../../base/process.ts";
import { defineTool, type Tool, type ToolAnswer, type ToolContext } from "../define.ts";
import { asFileError } from "../files/file_error.ts";
import { rootNamed } from "../files/lost_root.ts";
import { endOfListPiece } from "../page.ts";
import { gitFailure, gitOutput, truncationNote } from "./git_failure.ts";
import { type MovedRef, parsePushReport, type PushReport } from "./push_report.ts";
import { findPushTarget, type PushTarget, readEffectiveConfig } from "./remote.ts";
import { ALLOWED_PROTOCOLS } from "./remote_url.ts";
import { branchOf, headOf, hooksNote, openRepository, type Repository } from "./repository.ts";
import { LISTED_BYTES, startLimit } from "./run_git.ts";
import type { ConfigEntry } from "./trust.ts";

/** Tags may move by the thousand; an answer names the first of them. */
const MAX_REFS_SHOWN = 50;
/** As JSON; the rest of an answer is for what the remote said. */
const MAX_REFS_BYTES = 5_000;

const output = z.object({
  remote: z.string().describe("Name."),
  url: z.string().describe("Without credentials."),
  branch: z.string().describe("Local."),
  moved: z.array(z.string()).describe("Refs and hashes; none: up to date."),
  hooks: z.enum(["ran", "off"]).describe("off: not a trusted repository."),
  notes: z.string().optional().describe("The remote's."),
});
type Answer = ToolAnswer<z.input<typeof output>>;

/** See its description. */
export const gitPush: Tool = defineTool({
  name: "agentOS_git_push",
  title: "Git push",
  description: "Push the current branch (git push). Never asks, never forces. Limit 60 s.",
  hints: { readOnly: false, destructive: false, idempotent: true, openWorld: true },
  input: z.strictObject({
    cwd: z.string().describe("Absolute path of the work tree's top."),
  }),
  output,
  examples: [{ title: "Push the current branch", input: { cwd: "/home/ada/notes" } }],
  async run({ cwd }, context): Promise<Answer> {
    try {
      return await push(cwd, context);
    } catch (error) {
      throw asFileError(error, cwd, "push from", rootNamed(cwd, context.settings));
    }
  },
});

async function push(cwd: string, context: ToolContext): Promise<Answer> {
  const repository = await openRepository(cwd, context, startLimit());
  const branch = await branchOf(repository);
  if (branch === undefined) throw detached(repository);
  // What git says of it depends on its settings: that there is no upstream branch, or nothing.
  if (await headOf(repository.git) === undefined) throw unborn(branch);
  const config = await readEffectiveConfig(repository);
  const target = await findPushTarget(repository, config, branch, context);
  const careful = repository.trusted ? [] : ["--no-verify", "--no-signed", "--no-recurse-submodules"];
  const args = [
    ...sshSwitches(config),
    "push",
    "--porcelain",
    "--verbose",
    ...careful,
    ...target.args,
    "--",
    target.rawRemote,
  ];
  const result = withoutChatter(
    await repository.git(args, {
      protocols: ALLOWED_PROTOCOLS,
      maxOutputBytes: LISTED_BYTES,
    }),
  );
  const report = parsePushReport(result.stdout);
  if (result.code !== 0) throw pushFailure(result, report, branch, target);
  return await describePush(repository, branch, target, report, result);
}

/** Without what git only says because it is asked which refs are up to date. */
function withoutChatter(result: ProcessResult): ProcessResult {
  return { ...result, stderr: result.stderr.replace(/^(?:Pushing to|POST|GET) .*\n/gm, "") };
}

/** `ssh` must not ask. A command that the user chose stays as it is: it has no terminal to ask on. */
function sshSwitches(config: readonly ConfigEntry[]): readonly string[] {
  const chosen = config.some(({ key }) => key === "core.sshcommand");
  return chosen ? [] : ["-c", "core.sshCommand=ssh -oBatchMode=yes"];
}

function unborn(branch: string): AppError {
  return new AppError("git.failed", `The branch ${branch} has no commit yet, so there is nothing to push.`, {
    hint: "Commit first with agentOS_git_commit.",
  });
}

function detached(repository: Repository): AppError {
  return new AppError("git.failed", `HEAD is detached in ${repository.top}: there is no branch to push.`, {
    hint: "Make a branch by hand: git switch -c NAME",
  });
}

function pushFailure(
  result: ProcessResult,
  report: PushReport,
  branch: string,
  target: PushTarget,
): AppError {
  if (report.rejected.length === 0) {
    const failure = gitFailure(`git push to ${target.remote}`, result);
    if (!failure.message.includes("no upstream branch")) return failure;
    return new AppError("git.failed", `The branch ${branch} has no upstream branch to push to.`, {
      hint: `Set it once by hand: git push --set-upstream ${target.remote} ${branch}`,
    });
  }
  const refs = report.rejected.slice(0, 5).map(({ ref, reason }) => `${ref} (${reason})`).join(", ");
  const moved = report.moved.length === 0 ? "" : ` Other refs were moved: ${report.moved.length}.`;
  const behind = report.rejected.some(({ reason }) =>
    /fetch first|non-fast-forward|needs force/.test(reason)
  );
  return new AppError(
    "git.rejected",
    `${target.remote} did not take ${refs}.${moved} Git said: ${gitOutput(result)}`,
    behind ? {} : { hint: "Read what the remote said; it will not take this push as it is." },
  );
}

async function describePush(
  repository: Repository,
  branch: string,
  target: PushTarget,
  report: PushReport,
  result: ProcessResult,
): Promise<Answer> {
  const { remote, url } = target;
  const shown = await Promise.all(
    report.moved.slice(0, MAX_REFS_SHOWN).map((ref) => renderMoved(ref, repository)),
  );
  const fitting = shown.slice(0, endOfListPiece(shown, 0, MAX_REFS_BYTES));
  const more = report.moved.length - fitting.length;
  const moved = more === 0 ? fitting : [...fitting, `and ${more} more`];
  const notes = [
    ...leftOutNote(repository, branch, target, report, result),
    ...truncationNote(result),
    ...remoteNote(result),
  ];
  return {
    data: {
      remote,
      url,
      branch,
      moved,
      hooks: repository.trusted ? "ran" : "off",
      ...(notes.length === 0 ? {} : { notes: notes.join("\n") }),
    },
    text: [
      moved.length > 0
        ? `Pushed to ${remote} (${url}):`
        : isLeftOut(branch, report) && result.truncated
        ? `Git reported no failure for ${remote} (${url}).`
        : isLeftOut(branch, report)
        ? `Nothing was pushed to ${remote} (${url}).`
        : `${remote} (${url}) is up to date.`,
      ...moved,
      ...hooksNote(repository),
      ...notes,
    ].join("\n"),
  };
}

/** Config may have git push other branches than the current one, and then it is not up to date. */
function isLeftOut(branch: string, { moved, upToDate }: PushReport): boolean {
  const sources = [...moved.map(({ source }) => source), ...upToDate];
  return !sources.some((source) =>
    source === `refs/heads/${branch}` || source === branch || source === "HEAD"
  );
}

function leftOutNote(
  { top }: Repository,
  branch: string,
  { remote }: PushTarget,
  report: PushReport,
  { truncated }: ProcessResult,
): readonly string[] {
  if (!isLeftOut(branch, report)) return [];
  if (truncated) {
    return [`Whether the branch ${branch} was pushed is not known: git branch -vv says it.`];
  }
  return [
    `The branch ${branch} was not pushed: it is not among what the config of ${top} (push.default, ` +
    `remote.${remote}.push) has git push.`,
  ];
}

/** `refs/heads/main created 1234567`, `refs/heads/main updated 1234567..89abcde`. */
async function renderMoved(
  { ref, kind, from, to, source }: MovedRef,
  repository: Repository,
): Promise<string> {
  if (from !== undefined && to !== undefined) return `${ref} ${kind} ${from}..${to}`;
  if (source === "") return `${ref} ${kind}`;
  const result = await repository.git(["rev-parse", "--verify", "--short", "--end-of-options", source]);
  return result.code === 0 ? `${ref} ${kind} ${result.stdout.trim()}` : `${ref} ${kind}`;
}

/** What the other side printed: where to open a pull request, a warning about a large file. */
function remoteNote(result: ProcessResult): readonly string[] {
  const lines = result.stderr.split("\n").filter((line) => line.startsWith("remote: "));
  const words = lines.map((line) => line.slice("remote: ".length).trim()).filter((line) => line !== "");
  return words.length === 0
    ? []
    : [`The remote said: ${gitOutput({ stdout: words.join("\n"), stderr: "" })}`];
}
