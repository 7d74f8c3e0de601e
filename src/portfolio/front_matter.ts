/**
 * What a portfolio file says about itself: title and summary from its front matter, else from its first words.
 * Takes text, answers values; a file with broken front matter is still a file.
 *
 * Front matter is a YAML mapping between two `---` lines at the very top:
 *
 * ```
 * ---
 * title: Identity
 * summary: Who I am and how to address me.   # one sentence: what an agent finds here, and when to read it
 * updated: 2026-03-14                        # when the user last read the file through; empty in a template
 * ---
 * ```
 *
 * @module
 */

import { load, YAMLException } from "js-yaml";

/** A file's text, cut at the end of its front matter. `fields` is empty where there is none or it is broken. */
export interface FrontMatter {
  readonly fields: Readonly<Record<string, unknown>>;
  /** Everything after the front matter; the whole text where there is none. */
  readonly body: string;
}

/** How a file is shown in a list. */
export interface Description {
  readonly title: string;
  /** One line of at most {@link maxSummaryLength} characters; empty when the file has no words. */
  readonly summary: string;
}

/** Longest title, in characters. */
export const maxTitleLength = 80;
/** Longest summary, in characters. */
export const maxSummaryLength = 200;

/** A description stands at the top: what lies beyond, in characters, is not looked at. */
const topLength = 16 * 1024;

const block = /^---[ \t]*\r?\n([\s\S]*?)(?<=\n)(?:---|\.\.\.)[ \t]*(?:\r?\n|$)/;

/** Splits a text into its front matter and the rest. Never fails. */
export function parseFrontMatter(text: string): FrontMatter {
  const found = block.exec(text);
  if (found === null) return { fields: {}, body: text };
  return { fields: parseFields(found[1] ?? ""), body: text.slice(found[0].length) };
}

/** Something about a front matter that keeps a file from being found or understood in a list. */
export interface FrontMatterProblem {
  /** From 1. */
  readonly line: number;
  readonly message: string;
}

/** What is wrong with a file's front matter; undefined when a reader of the list learns what it needs. */
export function findFrontMatterProblem(text: string): FrontMatterProblem | undefined {
  const found = block.exec(text.slice(0, topLength));
  if (found === null) {
    return { line: 1, message: "it has no front matter (title and summary between --- lines)" };
  }
  try {
    load(found[1] ?? "");
  } catch (error) {
    if (!(error instanceof YAMLException)) return { line: 2, message: "its front matter is not YAML" };
    const reason = error.reason ?? "it cannot be read";
    return { line: (error.mark?.line ?? 0) + 2, message: `its front matter is not YAML: ${reason}` };
  }
  const { fields } = parseFrontMatter(text);
  for (const [name, maxLength] of [["title", maxTitleLength], ["summary", maxSummaryLength]] as const) {
    const value = sentence(fields[name]);
    if (value === undefined) return { line: 1, message: `its front matter has no ${name}` };
    if ([...value.trim()].length > maxLength) {
      return { line: 1, message: `its ${name} is longer than ${maxLength} characters, and is cut in lists` };
    }
  }
  return undefined;
}

/**
 * Title and summary of a file, for people and models to choose by.
 *
 * @param name stands in where the file names no title
 */
export function describe(name: string, text: string): Description {
  const { fields, body } = parseFrontMatter(text.slice(0, topLength));
  const words = body.replace(/<!--[\s\S]*?(?:-->|$)/g, "");
  const heading = /^#{1,6}[ \t]+(.+)$/m.exec(words)?.[1];
  return {
    title: shorten(sentence(fields["title"]) ?? heading ?? name, maxTitleLength),
    summary: shorten(sentence(fields["summary"]) ?? firstParagraph(words), maxSummaryLength),
  };
}

function parseFields(yaml: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = load(yaml);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
  } catch (error) {
    // RangeError: nested deeper than the stack.
    if (error instanceof YAMLException || error instanceof RangeError) return {};
    throw error;
  }
}

function sentence(value: unknown): string | undefined {
  return typeof value === "string" && value.trim() !== "" ? value : undefined;
}

function firstParagraph(words: string): string {
  const paragraphs = words.split(/\r?\n[ \t]*\r?\n/).map((paragraph) =>
    paragraph.replace(/^[ \t]*#{1,6}[ \t].*$/gm, "").replace(/^[ \t]*(?:>[ \t]?|[-*+][ \t]+)/gm, "").trim()
  );
  return paragraphs.find((paragraph) => paragraph !== "") ?? "";
}

function shorten(text: string, maxLength: number): string {
  const line = text.replace(/\s+/g, " ").trim();
  const characters = [...line];
  return characters.length <= maxLength ? line : `${characters.slice(0, maxLength - 1).join("").trimEnd()}…`;
}
