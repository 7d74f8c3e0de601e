/**
 * Profiles for a Codex that knows no profile files: tables `[profiles.NAME]` behind the fragment. Pure.
 *
 * @module
 */

import type { TextPart } from "../../src/sync/model.ts";
import { isHeader, scanToml } from "../../src/base/toml_scan.ts";

/** A profile of the repo. */
export interface Profile {
  /** Of letters that need no quotes in TOML. */
  readonly role: string;
  readonly path: string;
  readonly text: string;
}

/** Puts each profile behind the fragment, under a header of its own; answers where the text of each begins. */
export function joinProfiles(
  fragment: string,
  profiles: readonly Profile[],
): { readonly content: string; readonly parts: readonly TextPart[] } {
  if (profiles.length === 0) return { content: fragment, parts: [] };
  const parts: TextPart[] = [];
  let content = `${fragment.trimEnd()}\n`;
  for (const { role, path, text } of profiles) {
    content += `\n[profiles.${role}]\n`;
    parts.push({ line: content.split("\n").length, source: path });
    content += `${nestHeaders(text.replace(/^\ufeff/, ""), `profiles.${role}.`).trimEnd()}\n`;
  }
  return { content, parts };
}

/** A header of a profile file names a table of that profile; in config.toml it would name one of the whole file. */
function nestHeaders(text: string, prefix: string): string {
  // A token is no TOML yet: one that begins a line may stand for a whole statement, any other for a name or a value.
  const scannable = text.replaceAll(
    /^[ \t]*\{\{[^{}\n]*\}\}|\{\{[^{}\n]*\}\}/gm,
    (token, offset: number) => (offset === 0 || text[offset - 1] === "\n" ? "#" : "x").repeat(token.length),
  );
  let nested = "";
  let at = 0;
  for (const header of (scanToml(scannable) ?? []).filter(isHeader)) {
    const name = text.indexOf("[", header.start) + (header.kind === "element" ? 2 : 1);
    nested += text.slice(at, name) + prefix;
    at = name;
  }
  return nested + text.slice(at);
}
