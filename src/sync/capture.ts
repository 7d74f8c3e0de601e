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
import { splitMarkdown } from "./formats/markdown_block.ts";
import { openDocument } from "./formats/toml_document.ts";
import type { ActualFile, Applied, AppliedEntry } from "./model.ts";
import { restoreTokens, type TokenContext, type Tokens } from "./tokens.ts";

/** A secret in a file of the home: where, and of what kind; never its text. */
export interface CapturedSecret {
  readonly path: string;
  readonly line: number;
  readonly column: number;
  readonly kind: string;
}

/** What a pull would write into the repo. */
export interface Capture {
  /** Paths relative to the client's runtime folder. */
  readonly files: readonly SourceFile[];
  readonly secrets: readonly CapturedSecret[];
  /** Entries of the record that the home no longer holds, or that cannot be read. */
  readonly missing: readonly string[];
}

/** Captures every recorded entry, by path. */
export function capture(
  applied: Applied,
  actual: ReadonlyMap<string, ActualFile>,
  context: TokenContext,
  tokens: Tokens,
  liveSecrets: readonly string[],
): Capture {
  const files: SourceFile[] = [];
  const secrets: CapturedSecret[] = [];
  const missing: string[] = [];
  for (const [path, entry] of Object.entries(applied.entries).sort(([a], [b]) => a < b ? -1 : 1)) {
    const file = actual.get(path);
    const ours = file?.kind === "text" ? extract(file.text, entry) : undefined;
    if (ours === undefined) {
      missing.push(path);
      continue;
    }
    for (const { line, column, kind } of findSecrets(ours.text, liveSecrets)) {
      secrets.push({ path, line: ours.line + line - 1, column, kind });
    }
    files.push({
      path,
      executable: file?.kind === "text" && file.executable,
      text: restoreTokens(removeCommandLog(ours.text), context, tokens),
    });
  }
  return { files, secrets, missing };
}

/** Our part of a file and the line it starts on. */
function extract(text: string, { format }: AppliedEntry): { text: string; line: number } | undefined {
  switch (format) {
    case "whole-file":
      return { text, line: 1 };
    case "markdown-block": {
      const parts = splitMarkdown(text);
      return parts.kind === "block" ? { text: parts.inside, line: parts.line + 1 } : undefined;
    }
    case "toml-keys": {
      const opened = openDocument(text, true);
      if (opened.kind !== "document" || opened.document.block === undefined) return undefined;
      const { body, block } = opened.document;
      return {
        text: body.slice(block.insideStart, block.insideEnd).replaceAll("\r\n", "\n"),
        line: block.beginLine + 1,
      };
    }
  }
}
