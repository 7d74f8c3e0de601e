/**
 * The tool `read_portfolio_file`: one portfolio file as it stands on disk now.
 *
 * @module
 */

import { z } from "zod";
import { AppError } from "../../base/errors.ts";
import { defineTool, type Tool, type ToolAnswer } from "../define.ts";
import { endOfTextPiece } from "../page.ts";

/** Leaves room for the longest file name in an answer of 10 kB. */
const maxTextBytes = 8_000;

const output = z.object({
  filename: z.string().describe("With .md."),
  text: z.string().describe("Markdown."),
  sizeBytes: z.int().describe("Whole file."),
  modifiedAt: z.string().optional().describe("ISO 8601."),
  unfilled: z.int().describe("Template parts still open."),
  nextCursor: z.string().optional().describe("If more."),
});

/** See its description. */
export const readPortfolioFile: Tool = defineTool({
  name: "read_portfolio_file",
  title: "Read a portfolio file",
  description:
    "Read a portfolio file before work that depends on the user: role, projects, style, rules. With unfilled > 0 it still holds questions and an invented person: not facts. 8 kB a page.",
  hints: { readOnly: true, destructive: false, idempotent: true, openWorld: false },
  input: z.strictObject({
    name: z.string().describe("Name, filename or portfolio:// URI; any case."),
    cursor: z.string().optional().describe("nextCursor, to go on."),
  }),
  output,
  examples: [
    { title: "Learn who the user is", input: { name: "identity" } },
    { title: "By its URI, in any case", input: { name: "portfolio://Current-Projects.md" } },
  ],
  async run(
    { name, cursor },
    { portfolio, recordPortfolioRead },
  ): Promise<ToolAnswer<z.input<typeof output>>> {
    const { file, text } = await portfolio.read(name);
    const version = await hash(text);
    const start = cursor === undefined ? 0 : parseCursor(cursor, version, text.length);
    const end = endOfTextPiece(text, start, maxTextBytes);
    const nextCursor = end < text.length ? `${end}-${version}` : undefined;
    if (start === 0) recordPortfolioRead(file.filename);
    const { filename, sizeBytes, modifiedAt, unfilled } = file;
    const page = text.slice(start, end);
    return {
      data: { filename, text: page, sizeBytes, modifiedAt, unfilled, nextCursor },
      text: nextCursor === undefined ? page : `${page}\n(more: call again with cursor "${nextCursor}")`,
    };
  },
});

function parseCursor(cursor: string, version: string, length: number): number {
  const found = /^(\d{1,9})-([0-9a-f]{12})$/.exec(cursor);
  const start = Number(found?.[1]);
  if (found?.[2] === version && start < length) return start;
  if (found !== null && found[2] !== version) {
    throw new AppError(
      "file.stale",
      "Cannot go on reading: the portfolio file has changed since the last page",
      {
        hint: "Read it again without cursor.",
      },
    );
  }
  throw new AppError("tool.input", "Cannot call read_portfolio_file: cursor: not one of this tool's", {
    hint: "Hand back nextCursor as it came, or leave cursor out.",
  });
}

/** Tells two states of a file apart. */
async function hash(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest, 0, 6), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
