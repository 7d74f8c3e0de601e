/**
 * The target: what a client's home should hold, made from the repo's files and this machine's values. Pure.
 *
 * @module
 */

import type { Place, Source, SourceProblem, SyncClient, TargetOptions } from "./client.ts";
import { addCommandLog } from "./command_log.ts";
import { isSafePath, type Target, type TargetEntry } from "./model.ts";
import { findSecret } from "./secrets.ts";
import { expandTokens, type TokenContext } from "./tokens.ts";

/** A target, or everything in the source that keeps it from being one. */
export type TargetResult =
  | { readonly kind: "target"; readonly target: Target }
  | { readonly kind: "problems"; readonly problems: readonly SourceProblem[] };

/** Builds the target of one client. Nothing is dropped silently: all problems of all files are answered together. */
export async function buildTarget(
  client: SyncClient,
  source: Source,
  place: Place,
  options: TargetOptions,
): Promise<TargetResult> {
  const answer = await client.target(source, place, options);
  if ("problems" in answer) return { kind: "problems", problems: answer.problems };
  const context: TokenContext = { ...place, client: client.id, clientTitle: client.title, repo: source.repo };
  const problems: SourceProblem[] = [];
  const entries: TargetEntry[] = [];
  const seen = new Map<string, string>();
  for (const entry of answer.entries) {
    const finished = finishEntry(entry, context);
    problems.push(...finished.problems, ...checkPath(entry, client, seen));
    entries.push(finished.entry);
  }
  if (problems.length > 0) return { kind: "problems", problems };
  return { kind: "target", target: { client: client.id, home: place.home, entries } };
}

function finishEntry(
  entry: TargetEntry,
  context: TokenContext,
): { entry: TargetEntry; problems: readonly SourceProblem[] } {
  const skill = /^skills\/(.+)\/SKILL\.md$/.exec(entry.path)?.[1];
  const text = entry.kind === "skills" && skill !== undefined
    ? addCommandLog(entry.content, skill)
    : entry.content;
  const expanded = expandTokens(text, entry.source, context);
  const secrets = entry.content.split("\n").flatMap((line, index): SourceProblem[] => {
    const secret = findSecret(line);
    if (secret === undefined) return [];
    const message =
      `it holds what looks like a secret (${secret.kind}); name an environment variable instead`;
    return [{ file: entry.source, line: index + 1, column: secret.column, message }];
  });
  return { entry: { ...entry, content: expanded.text }, problems: [...expanded.problems, ...secrets] };
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
