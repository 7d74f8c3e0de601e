/**
 * The target: what a client's home should hold, made from the repo's files and this machine's values. Pure.
 *
 * @module
 */

import type { Place, Source, SourceProblem, SyncClient, TargetOptions } from "./client.ts";
import { isBinary } from "../base/lossless_text.ts";
import { addCommandLog } from "./command_log.ts";
import { readFragment } from "./formats/toml_fragment.ts";
import { isSafePath, type Target, type TargetEntry } from "./model.ts";
import { findSecret } from "../base/secrets.ts";
import { findSkillProblem } from "./skill.ts";
import { expandTokens, type TokenContext, TOKENS, type Tokens } from "./tokens.ts";

/** A target, or everything in the source that keeps it from being one. */
export type TargetResult =
  | { readonly kind: "target"; readonly target: Target }
  | { readonly kind: "problems"; readonly problems: readonly SourceProblem[] };

/**
 * Builds the target of one client. Nothing is dropped silently: all problems of all files are answered together.
 *
 * @param deployed what the last push wrote for a path; a content that passed every check then is not checked again
 */
export async function buildTarget(
  client: SyncClient,
  source: Source,
  place: Place,
  options: TargetOptions,
  deployed: (path: string) => string | undefined = () => undefined,
): Promise<TargetResult> {
  const answer = await client.target(source, place, options);
  if ("problems" in answer) return { kind: "problems", problems: answer.problems };
  const context: TokenContext = { ...place, client: client.id, clientTitle: client.title, repo: source.repo };
  const tokens = { ...TOKENS, ...client.tokens };
  const problems: SourceProblem[] = [];
  const entries: TargetEntry[] = [];
  const seen = new Map<string, string>();
  for (const entry of answer.entries) {
    const finished = finishEntry(entry, context, tokens, deployed(entry.path));
    problems.push(
      ...finished.problems.map((problem) => placeInPart(problem, entry)),
      ...checkPath(entry, client, seen),
    );
    entries.push(finished.entry);
  }
  if (problems.length > 0) return { kind: "problems", problems };
  return { kind: "target", target: { client: client.id, home: place.home, entries } };
}

/** The header above a part is no line of any file: what is wrong with it is said of the part's first line. */
function placeInPart(problem: SourceProblem, { parts = [] }: TargetEntry): SourceProblem {
  const part = parts.findLast(({ line }) => line <= problem.line + 1);
  return part === undefined
    ? problem
    : { ...problem, file: part.source, line: Math.max(problem.line - part.line, 0) + 1 };
}

const SKILL_FILE = "SKILL.md";

function finishEntry(
  entry: TargetEntry,
  context: TokenContext,
  tokens: Tokens,
  deployed: string | undefined,
): { entry: TargetEntry; problems: readonly SourceProblem[] } {
  const { content, source, kind, path, format } = entry;
  if (isBinary(content)) return { entry, problems: checkBinary(entry) };
  const skill = kind === "skills" ? /^skills\/(.+)\/SKILL\.md$/.exec(path)?.[1] : undefined;
  const text = skill === undefined ? content : addCommandLog(content, skill);
  const expanded = expandTokens(text, source, context, tokens);
  if (deployed !== undefined && expanded.problems.length === 0 && isSame(expanded.text, deployed, format)) {
    return { entry: { ...entry, content: expanded.text }, problems: [] };
  }
  const problems = [
    ...expanded.problems,
    ...findSecrets(content, source),
    ...(skill === undefined ? [] : checkSkill(content, source)),
    ...(kind === "skills" && isMisspelt(path) ? [misspelt(source)] : []),
  ];
  const wanted = format === "toml-keys" && problems.length === 0 ? checkFragment(expanded.text, source) : [];
  return { entry: { ...entry, content: expanded.text }, problems: [...problems, ...wanted] };
}

/** A fragment is recorded without the blank lines at its ends. */
function isSame(content: string, deployed: string, format: TargetEntry["format"]): boolean {
  return content === deployed || (format === "toml-keys" && content.trim() === deployed.trim());
}

/** Only files that are wholly ours, and that nobody reads as prose, may hold bytes that are no text. */
function checkBinary({ kind, path, source }: TargetEntry): readonly SourceProblem[] {
  if (kind === "skills" && !path.endsWith(".md")) return [];
  return [{ file: source, line: 1, column: undefined, message: "it is not UTF-8 text" }];
}

/** A mistake in a fragment is the repo's, whatever the home holds. */
function checkFragment(text: string, file: string): readonly SourceProblem[] {
  const read = readFragment(text);
  if (read.kind === "fragment") return [];
  const { line, column, message } = read.problem;
  return [{ file, line, column, message }];
}

function findSecrets(content: string, file: string): readonly SourceProblem[] {
  return content.split("\n").flatMap((line, index): SourceProblem[] => {
    const secret = findSecret(line);
    if (secret === undefined) return [];
    const message =
      `it holds what looks like a secret (${secret.kind}); name an environment variable instead`;
    return [{ file, line: index + 1, column: secret.column, message }];
  });
}

function checkSkill(content: string, file: string): readonly SourceProblem[] {
  const problem = findSkillProblem(content);
  return problem === undefined ? [] : [{ file, column: undefined, ...problem }];
}

/** Clients find a skill by this exact name, also where the file system does not mind the case. */
function isMisspelt(path: string): boolean {
  const name = path.slice(path.lastIndexOf("/") + 1);
  return name !== SKILL_FILE && name.toLowerCase() === SKILL_FILE.toLowerCase();
}

function misspelt(file: string): SourceProblem {
  return { file, line: 1, column: undefined, message: `a skill's file is named ${SKILL_FILE}, in this case` };
}

function checkPath(
  { path, source }: TargetEntry,
  client: SyncClient,
  seen: Map<string, string>,
): readonly SourceProblem[] {
  const problem = (
    message: string,
  ): readonly SourceProblem[] => [{ file: source, line: 1, column: undefined, message }];
  if (!isSafePath(path)) return problem(`"${path}" is no path below the client's home`);
  if (client.isNative(path)) {
    return problem(`"${path}" belongs to ${client.title} itself; give the file another name`);
  }
  const folded = path.toLowerCase();
  const other = seen.get(folded);
  seen.set(folded, source);
  return other === undefined ? [] : problem(`it would be written to the same place as "${other}"`);
}
