/**
 * The tool `list_portfolio_files`: what the user has written down about themselves, to choose from.
 *
 * @module
 */

import { z } from "zod";
import type { PortfolioFile } from "../../portfolio/model.ts";
import { defineTool, type Tool, type ToolAnswer } from "../define.ts";
import { endOfListPiece } from "../page.ts";

/** Keeps the whole answer under 10 kB. */
const maxFilesBytes = 9_000;

const output = z.object({
  files: z.array(z.object({
    name: z.string().describe("For read_portfolio_file."),
    filename: z.string().describe("With .md."),
    uri: z.string().describe("MCP resource."),
    title: z.string().describe("Subject."),
    summary: z.string().describe("When to read it."),
    sizeBytes: z.int().describe("Bytes."),
    modifiedAt: z.string().optional().describe("ISO 8601."),
    unfilled: z.int().describe("Template parts still open."),
  })).describe("By filename."),
  nextCursor: z.string().optional().describe("If more."),
});

/** See its description. */
export const listPortfolioFiles: Tool = defineTool({
  name: "list_portfolio_files",
  title: "List portfolio files",
  description:
    "Call this first to see which files tell who the user is, how they work and what they decided.",
  hints: { readOnly: true, destructive: false, idempotent: true, openWorld: false },
  input: z.strictObject({
    cursor: z.string().optional().describe("nextCursor, to go on."),
  }),
  output,
  examples: [{ title: "See what there is", input: {} }],
  async run({ cursor }, { portfolio }): Promise<ToolAnswer<z.input<typeof output>>> {
    const files = await portfolio.list();
    const rest = cursor === undefined ? files : files.filter((file) => file.filename > cursor);
    const page = rest.slice(0, endOfListPiece(rest, 0, maxFilesBytes));
    const nextCursor = page.length < rest.length ? page.at(-1)?.filename : undefined;
    const lines = page.map(renderFile);
    if (nextCursor !== undefined) lines.push(`(more: call again with cursor ${JSON.stringify(nextCursor)})`);
    return {
      data: { files: [...page], nextCursor },
      text: lines.join("\n") || (files.length === 0 ? "The portfolio is empty." : "There are no more files."),
    };
  },
});

function renderFile(file: PortfolioFile): string {
  const state = file.unfilled === 0 ? "" : `, unfilled: ${file.unfilled}`;
  return `${file.name}: ${file.summary || file.title} (${file.sizeBytes} bytes${state})`;
}
