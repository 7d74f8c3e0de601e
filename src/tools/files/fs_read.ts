/**
 * The tool `agentOS_fs_read`: text of a file by lines, with what is needed to change it safely afterwards.
 *
 * @module
 */

import { z } from "zod";
import { AppError } from "../../base/errors.ts";
import { jsonBytes } from "../../base/json_size.ts";
import { quotePath } from "../../base/path_rules.ts";
import { SNIFF_BYTES, sniffBytes, type TextMark } from "../../base/text_encoding.ts";
import { defineTool, MAX_ANSWER_BYTES, refuseInput, type Tool, type ToolAnswer } from "../define.ts";
import { type OpenFile, withOpenFile } from "./open_checked.ts";
import { type LinePosition, type Lines, readAllLines, readLines } from "./read_lines.ts";
import {
  CHUNK_BYTES,
  countLineEnds,
  eachChunk,
  encodingOf,
  hashFile,
  scanText,
  snapshot,
  type TextFacts,
} from "./scan_text.ts";

/** Larger files are neither hashed nor counted, and only read by ranges. */
const MAX_WHOLE_BYTES = 64 * 1024 * 1024;
/** How far into a larger file a line is looked for. */
const MAX_SEEK_BYTES = 256 * 1024 * 1024;
const MAX_LINE_CHARS = 2_000;

const output = z.object({
  kind: z.string().describe("text, image or binary."),
  text: z.string().optional().describe("Line ends as \\n."),
  startLine: z.int().optional().describe("First shown."),
  endLine: z.int().optional().describe("Last shown."),
  totalLines: z.int().optional().describe("In the file."),
  nextStartLine: z.int().optional().describe("If there is more."),
  encoding: z.string().optional().describe("Or media type."),
  eol: z.string().optional().describe("lf, crlf, mixed, none."),
  sizeBytes: z.int().describe("Whole file."),
  sha256: z.string().optional().describe("For ifSha256."),
});

type Data = z.input<typeof output>;
type Range = {
  readonly startLine?: number | undefined;
  readonly endLine?: number | undefined;
  readonly tail?: number | undefined;
};

/** See its description. */
export const fsRead: Tool = defineTool({
  name: "agentOS_fs_read",
  title: "Read a file",
  description:
    "Read text, 10 kB at a time, before changing it. Over 64 MiB only by range; long lines are cut.",
  hints: { readOnly: true, destructive: false, idempotent: true, openWorld: false },
  input: z.strictObject({
    path: z.string().describe("Absolute, or below the only root."),
    startLine: z.int().min(1).optional().describe("First line, from 1; default 1."),
    endLine: z.int().min(1).optional().describe("Last line, inclusive; default the end."),
    tail: z.int().min(1).optional().describe("Instead: the last so many lines."),
  }),
  output,
  examples: [
    { title: "A whole file", input: { path: "README.md" } },
    { title: "One line of it", input: { path: "README.md", startLine: 1, endLine: 1 } },
    { title: "The end of a log", input: { path: "README.md", tail: 20 } },
  ],
  async run({ path, ...range }, { settings, signal }): Promise<ToolAnswer<Data>> {
    checkRange(range);
    return await withOpenFile(path, settings, async (opened) => {
      const file = snapshot(opened);
      const head = new Uint8Array(SNIFF_BYTES);
      const sniffed = sniffBytes(head.subarray(0, file.read(head, 0)));
      if (sniffed.kind !== "text") {
        const encoding = sniffed.kind === "image" ? sniffed.mediaType : undefined;
        return await answerBinary(file, sniffed.kind, encoding, signal);
      }
      const data = file.info.size <= MAX_WHOLE_BYTES
        ? await readCounted(file, sniffed.mark, range, signal)
        : await readHuge(file, sniffed.mark, range, signal);
      return { data, text: renderText(data) };
    });
  },
});

function checkRange({ startLine, endLine, tail }: Range): void {
  if (tail !== undefined && (startLine ?? endLine) !== undefined) {
    throw refuseInput("agentOS_fs_read", "tail goes without startLine and endLine");
  }
  if (endLine !== undefined && endLine < (startLine ?? 1)) {
    throw refuseInput("agentOS_fs_read", "endLine is before startLine");
  }
}

async function answerBinary(
  file: OpenFile,
  kind: "image" | "binary",
  encoding: string | undefined,
  signal: AbortSignal,
): Promise<ToolAnswer<Data>> {
  const sizeBytes = file.info.size;
  const sha256 = sizeBytes <= MAX_WHOLE_BYTES ? await hashFile(file, signal) : undefined;
  const text = `${encoding ?? "A binary file"}, ${sizeBytes} bytes${
    sha256 === undefined ? "" : `, sha256 ${sha256}`
  }`;
  return { data: { kind, encoding, sizeBytes, sha256 }, text };
}

/** A file that is read from end to end: everything about it is known. */
async function readCounted(file: OpenFile, mark: TextMark, range: Range, signal: AbortSignal): Promise<Data> {
  const facts = await scanText(file, mark, signal);
  const { totalLines, encoding, lineEnds: eol, sha256 } = facts;
  const { tail } = range;
  const startLine = tail === undefined ? range.startLine ?? 1 : Math.max(1, totalLines - tail + 1);
  if (startLine > Math.max(1, totalLines)) {
    throw refuseInput("agentOS_fs_read", `startLine ${startLine} is past the last line, ${totalLines}`);
  }
  const rest = { kind: "text", totalLines, encoding, eol, sizeBytes: file.info.size, sha256 };
  const endLine = Math.min(range.endLine ?? totalLines, totalLines);
  const wanted = { startLine, endLine, tail, ...limits(startLine === endLine, rest) };
  const from = positionOf(facts, mark, startLine);
  const all = startLine === 1 && endLine === totalLines
    ? readAllLines(file, encoding, from, wanted)
    : undefined;
  const lines = all ?? await readLines(file, encoding, from, wanted, signal);
  return { ...shown(lines), ...rest };
}

/** A file too large to count: its lines are numbered from the start, and from the end not at all. */
async function readHuge(file: OpenFile, mark: TextMark, range: Range, signal: AbortSignal): Promise<Data> {
  const { startLine = 1, endLine = Number.MAX_SAFE_INTEGER, tail } = range;
  const sizeBytes = file.info.size;
  if (tail === undefined && range.startLine === undefined && range.endLine === undefined) {
    throw new AppError(
      "file.too_large",
      `${quotePath(file.place.path)} has ${sizeBytes} bytes, over 64 MiB.`,
      {
        hint: "Give startLine and endLine, or tail.",
      },
    );
  }
  // The last chunk starts inside a line: numbering it 0 leaves it out.
  const from = tail === undefined
    ? await seekLine(file, mark, startLine, signal)
    : { offset: Math.floor(sizeBytes / CHUNK_BYTES - 1) * CHUNK_BYTES, line: 0 };

  const assumed = encodingOf(mark, true);
  const wanted = {
    startLine,
    endLine,
    tail,
    ...limits(startLine === endLine, { encoding: assumed, sizeBytes }),
  };
  const lines = await readLines(file, assumed, from, wanted, signal);
  if (tail !== undefined && lines.endLine < lines.startLine) {
    throw new AppError(
      "file.too_large",
      `The last line of ${quotePath(file.place.path)} is too long to be read.`,
      {
        hint: "Give startLine and endLine.",
      },
    );
  }
  if (lines.endLine < lines.startLine) {
    throw refuseInput("agentOS_fs_read", `startLine ${startLine} is past the last line, ${startLine - 1}`);
  }
  // What is shown decides here: the whole file cannot be looked at for bytes that UTF-8 does not have.
  const encoding = encodingOf(mark, !lines.text.includes("\ufffd"));
  const decoded = encoding === assumed ? lines : await readLines(file, encoding, from, wanted, signal);
  const { startLine: first, endLine: last, ...unnumbered } = shown(decoded);
  const numbers = tail === undefined ? { startLine: first, endLine: last } : {};
  return { ...unnumbered, ...numbers, kind: "text", encoding, sizeBytes };
}

/** What remains for the text when all else is in the answer. A line asked for by itself may fill it. */
function limits(isOneLine: boolean, rest: object): { maxJsonBytes: number; maxLineChars: number } {
  const frame = {
    ...rest,
    kind: "text",
    text: "",
    startLine: 1e9,
    endLine: 1e9,
    nextStartLine: 1e9,
  };
  const maxJsonBytes = MAX_ANSWER_BYTES - jsonBytes(frame);
  return { maxJsonBytes, maxLineChars: isOneLine ? maxJsonBytes : MAX_LINE_CHARS };
}

function shown(lines: Lines): Pick<Data, "text" | "startLine" | "endLine" | "nextStartLine"> {
  const { text, startLine, endLine } = lines;
  return {
    text,
    startLine,
    endLine,
    ...(lines.hasMore ? { nextStartLine: endLine + 1 } : {}),
  };
}

/** Where to start reading in order to meet a line: at the chunk that holds the line end before it. */
function positionOf(facts: TextFacts, mark: TextMark, line: number): LinePosition {
  if (line === 1) return { offset: markBytes(mark), line: 1 };
  const chunk = Math.max(0, facts.lineEndsBefore.findLastIndex((before) => before < line - 1));
  return { offset: chunk * CHUNK_BYTES, line: (facts.lineEndsBefore[chunk] ?? 0) + 1 };
}

/** Counts line ends from the start until a line is met. */
async function seekLine(
  file: OpenFile,
  mark: TextMark,
  line: number,
  signal: AbortSignal,
): Promise<LinePosition> {
  if (line === 1) return { offset: markBytes(mark), line: 1 };
  let found: LinePosition | undefined;
  let lineEnds = 0;
  let isWhole = false;
  await eachChunk(file, 0, signal, (bytes, position) => {
    const before = lineEnds;
    lineEnds += countLineEnds(bytes, mark);
    if (lineEnds >= line - 1) found = { offset: position, line: before + 1 };
    isWhole = position + bytes.length >= file.info.size;
    return found === undefined && position < MAX_SEEK_BYTES;
  });
  if (found !== undefined) return found;
  const where = isWhole ? `behind its end: it has ${lineEnds} line ends` : "not in its first 256 MiB";
  throw new AppError("file.too_large", `Line ${line} of ${quotePath(file.place.path)} is ${where}.`, {
    hint: `Lines up to ${lineEnds} can be read. Use tail for the end.`,
  });
}

function markBytes(mark: TextMark): number {
  return mark === "none" ? 0 : mark === "utf-8" ? 3 : 2;
}

function renderText(data: Data): string {
  const { text = "", startLine, endLine, totalLines, encoding, eol, sizeBytes, nextStartLine } = data;
  const lines = startLine === undefined ? "The last lines" : `Lines ${startLine} to ${endLine}`;
  const range = totalLines === undefined ? lines : `${lines} of ${totalLines}`;
  const facts = [encoding, eol, `${sizeBytes} bytes`].filter((fact) => fact !== undefined).join(", ");
  const more = nextStartLine === undefined ? "" : `\n(more: startLine ${nextStartLine})`;
  // Joined and not concatenated: V8 (15.0) writes a concatenation as JSON in three times the time.
  return [range, " (", facts, "):\n", text, more].join("");
}
