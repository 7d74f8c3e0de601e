/**
 * The way back: what a home holds of ours, turned into files for the repo, and the secrets that must not get there. Pure.
 *
 * Only what the record of the last push names is looked at; a client's own files are never copied.
 *
 * @module
 */

import { findSecrets } from "../base/secrets.ts";
import type { SourceFile } from "./client.ts";
import { removeCommandLog } from "./command_log.ts";
import { splitMarkdown, unpairedReason } from "./formats/markdown_block.ts";
import { extractKeys } from "./formats/toml_extract.ts";
import type { ActualFile, Applied, AppliedEntry, EntryKind } from "./model.ts";
import { restoreTokens, type TokenContext, type Tokens } from "./tokens.ts";

/** A secret in a file of the home: where, and of what kind; never its text. */
export interface CapturedSecret {
  readonly path: string;
  readonly line: number;
  readonly column: number;
  readonly kind: string;
}

/** A file of the home that is there and cannot be used. */
export interface CapturedFault {
  readonly path: string;
  /** From 1; undefined for what has no lines. */
  readonly line?: number;
  readonly column?: number;
  readonly message: string;
}

/** What a pull would write into the repo. */
export interface Capture {
  /** Paths relative to the client's runtime folder. */
  readonly files: readonly SourceFile[];
  readonly secrets: readonly CapturedSecret[];
  /** Entries of the record that the home no longer holds. */
  readonly missing: readonly string[];
  /** Entries of the record whose files cannot be understood. */
  readonly faults: readonly CapturedFault[];
}

/** Captures every recorded entry of the kinds asked for, by path. */
export function capture(
  applied: Applied,
  only: readonly EntryKind[] | undefined,
  actual: ReadonlyMap<string, ActualFile>,
  context: TokenContext,
  tokens: Tokens,
  liveSecrets: readonly string[],
): Capture {
  const files: SourceFile[] = [];
  const secrets: CapturedSecret[] = [];
  const missing: string[] = [];
  const faults: CapturedFault[] = [];
  const entries = Object.entries(applied.entries).filter(([, { kind }]) => only?.includes(kind) !== false);
  for (const [path, entry] of entries.sort(([a], [b]) => a < b ? -1 : 1)) {
    const file = actual.get(path) ?? { kind: "absent" };
    const ours = extractFrom(file, entry);
    switch (ours.kind) {
      case "missing":
        missing.push(path);
        break;
      case "fault":
        faults.push({ path, ...ours.fault });
        break;
      case "part":
        for (const { line, column, kind } of findSecrets(ours.around, liveSecrets)) {
          secrets.push({ path, line: ours.lineOf(line), column, kind });
        }
        files.push({
          path,
          executable: file.kind === "text" && file.executable,
          text: restoreTokens(removeCommandLog(ours.text), context, tokens),
        });
    }
  }
  return { files, secrets, missing, faults };
}

/** Our part of a file. */
interface OurPart {
  readonly kind: "part";
  readonly text: string;
  /** What is searched for secrets: the part, and in a block also what others put there, which is not copied. */
  readonly around: string;
  /** Where a line of `around` stands in the file. */
  lineOf(line: number): number;
}

type Extracted = OurPart | { readonly kind: "missing" } | {
  readonly kind: "fault";
  readonly fault: Omit<CapturedFault, "path">;
};

function extractFrom(file: ActualFile, entry: AppliedEntry): Extracted {
  switch (file.kind) {
    case "absent":
      return { kind: "missing" };
    case "text":
      return extract(file.text, entry);
    case "not-utf8":
      return { kind: "fault", fault: { line: file.line, message: file.detail } };
    case "unusable":
      return { kind: "fault", fault: { message: file.reason } };
  }
}

function extract(text: string, { format, content }: AppliedEntry): Extracted {
  switch (format) {
    case "whole-file":
      return { kind: "part", text, around: text, lineOf: (line) => line };
    case "markdown-block": {
      const parts = splitMarkdown(text);
      if (parts.kind === "no-block") return { kind: "missing" };
      return parts.kind === "unpaired"
        ? { kind: "fault", fault: { line: parts.lines[0] ?? 1, message: unpairedReason(parts.lines) } }
        : { kind: "part", text: parts.inside, around: parts.inside, lineOf: (line) => parts.line + line };
    }
    case "toml-keys": {
      const extracted = extractKeys(text, content);
      if (extracted === undefined) return { kind: "missing" };
      return extracted.kind === "problem"
        ? { kind: "fault", fault: extracted.problem }
        : { ...extracted, kind: "part", lineOf: (line) => extracted.lines[line - 1] ?? 1 };
    }
  }
}
