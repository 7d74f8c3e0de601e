/**
 * The marks that a portfolio template carries, and finding the ones a user has not yet dealt with.
 *
 * Two marks, both HTML comments, so that they vanish where Markdown is shown:
 *
 * - `<!-- fill in: a question -->` stands where an answer goes and is replaced by it;
 * - `<!-- example: begin … -->` to `<!-- example: end -->` encloses what an invented person answered, and is
 *   deleted as a whole.
 *
 * @module
 */

/** One part of a template that still waits for its user. */
export interface UnfilledPart {
  readonly kind: "question" | "example";
  /** Where the mark stands, from 1. */
  readonly line: number;
  /** The question, on one line; empty for an example. */
  readonly question: string;
}

const opening = /^\s*(?:fill in:([\s\S]*)|example:\s*begin\b)/i;

/** The unfilled parts of a file, from top to bottom; none in a file that its user has made their own. */
export function findUnfilled(text: string): readonly UnfilledPart[] {
  const parts: UnfilledPart[] = [];
  let line = 1;
  let rest = 0;
  while (true) {
    const start = text.indexOf("<!--", rest);
    const end = text.indexOf("-->", start);
    if (start < 0 || end < 0) return parts;
    line += countLineEnds(text.slice(rest, start));
    const comment = text.slice(start + "<!--".length, end);
    const found = opening.exec(comment);
    if (found !== null) {
      const question = found[1]?.replace(/\s+/g, " ").trim();
      parts.push({ kind: question === undefined ? "example" : "question", line, question: question ?? "" });
    }
    line += countLineEnds(comment);
    rest = end + "-->".length;
  }
}

function countLineEnds(text: string): number {
  return text.split("\n").length - 1;
}
