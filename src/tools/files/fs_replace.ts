/**
 * The tool `agentOS_fs_replace`: one exact text of a file replaced by another, or nothing at all.
 *
 * @module
 */

import { z } from "zod";
import { AppError } from "../../base/errors.ts";
import { sha256Hex } from "../../base/hash.ts";
import { quotePath } from "../../base/path_rules.ts";
import { sayCount } from "../../base/say_count.ts";
import { sniffBytes } from "../../base/text_encoding.ts";
import { type TextView, viewText } from "../../base/text_view.ts";
import { defineTool, refuseInput, type Tool, type ToolAnswer, type ToolContext } from "../define.ts";
import { findMatches, flattenLineEnds, lineNumbers, type Matches, MAX_PLACES, replaceSpans } from "./edit.ts";
import { findNearest } from "./nearest.ts";
import { withOpenFile } from "./open_checked.ts";
import { unifiedDiff } from "./show_diff.ts";
import { withWriteTarget } from "./write_checked.ts";

const MAX_FILE_BYTES = 16 * 1024 * 1024;
const MAX_SNIPPET_CHARS = 1024 * 1024;
const MAX_DIFF_BYTES = 7_000;
/** So many line numbers are named when a text is ambiguous. */
const MAX_NAMED_LINES = 20;

const output = z.object({
  replaced: z.int().describe("Places."),
  diff: z.string().describe("Unified, up to 7 kB."),
  sizeBytes: z.int().describe("After."),
  sha256: z.string().describe("After."),
});

/** See its description. */
export const fsReplace: Tool = defineTool({
  name: "agentOS_fs_replace",
  title: "Replace text in a file",
  description:
    "Change text in a file up to 16 MiB. Unless oldText is there expectedCount times, nothing changes.",
  hints: { readOnly: false, destructive: true, idempotent: false, openWorld: false },
  input: z.strictObject({
    path: z.string().describe("Absolute, or below the only root."),
    oldText: z.string().describe("Exact; \\n is any line end."),
    newText: z.string().describe("Literal; empty deletes."),
    expectedCount: z.int().min(1).optional().describe("Default 1."),
    dryRun: z.boolean().optional().describe("Only show the diff; default false."),
  }),
  output,
  examples: [
    {
      title: "Change one place",
      input: { path: "README.md", oldText: "# Example", newText: "# Better example" },
    },
    { title: "Look first", input: { path: "README.md", oldText: "Example", newText: "Model", dryRun: true } },
  ],
  async run(input, context): Promise<ToolAnswer<z.input<typeof output>>> {
    const { path, oldText, newText, expectedCount = 1, dryRun = false } = input;
    checkEdit(oldText, newText, expectedCount);
    return await withWriteTarget(path, context.settings, async (target) => {
      const real = target.place.path;
      if (target.info === undefined) {
        throw new AppError("path.not_found", `There is no file ${quotePath(real)}.`);
      }
      const bytes = await readWhole(real, context);
      const view = viewFile(bytes, real);

      const { after, count } = edit(view, oldText, newText, expectedCount, real);
      const newBytes = view.toBytes(after);
      if (newBytes.length > MAX_FILE_BYTES) throw tooLarge(real, newBytes.length);
      if (dryRun) target.refuseProtected();
      else await target.write(newBytes);

      const show = (text: string): string => flattenLineEnds(view.decode(text));
      const data = {
        replaced: count,
        diff: unifiedDiff(show(view.text), show(after), MAX_DIFF_BYTES),
        sizeBytes: newBytes.length,
        sha256: sha256Hex(newBytes),
      };
      const did = dryRun ? "Would replace" : "Replaced";
      return { data, text: `${did} ${sayCount(count, "place")} in ${real}:\n${data.diff}` };
    });
  },
});

function checkEdit(oldText: string, newText: string, expectedCount: number): void {
  if (oldText === "") {
    throw refuseInput("agentOS_fs_replace", "oldText is empty; to write a whole file use agentOS_fs_write");
  }
  if (flattenLineEnds(oldText) === flattenLineEnds(newText)) {
    throw refuseInput("agentOS_fs_replace", "oldText and newText are the same");
  }
  if (!oldText.isWellFormed() || !newText.isWellFormed()) {
    throw refuseInput("agentOS_fs_replace", "a text holds half of a character (a lone surrogate)");
  }
  if (expectedCount > MAX_PLACES) {
    throw refuseInput("agentOS_fs_replace", `expectedCount is more than ${MAX_PLACES}`);
  }
  if (Math.max(oldText.length, newText.length) > MAX_SNIPPET_CHARS) {
    throw refuseInput("agentOS_fs_replace", `a text is longer than ${MAX_SNIPPET_CHARS} characters`);
  }
}

async function readWhole(path: string, { settings }: ToolContext): Promise<Uint8Array> {
  return await withOpenFile(path, settings, (file) => {
    if (file.info.size > MAX_FILE_BYTES) throw tooLarge(path, file.info.size);
    const bytes = new Uint8Array(file.info.size);
    return bytes.subarray(0, file.read(bytes, 0));
  });
}

function viewFile(bytes: Uint8Array, path: string): TextView {
  const sniffed = sniffBytes(bytes);
  if (sniffed.kind !== "text") {
    throw new AppError("file.binary", `${quotePath(path)} is not text (${sniffed.kind}); it is not edited.`);
  }
  const view = viewText(bytes, sniffed.mark);
  if (view !== undefined) return view;
  throw new AppError("file.encoding", `${quotePath(path)} says it is UTF-16 but has an odd number of bytes.`);
}

/** The file's text after the edit, and in how many places it changed. */
function edit(
  view: TextView,
  oldText: string,
  newText: string,
  expectedCount: number,
  path: string,
): { readonly after: string; readonly count: number } {
  const tried = new Set<string>();
  for (const encode of view.encoders) {
    const wanted = encode(oldText);
    // Plain ASCII is the same in every encoding, and a large file is not gone through twice for it.
    if (wanted === undefined || tried.has(wanted)) continue;
    tried.add(wanted);
    const matches = findMatches(view.text, wanted);
    if (matches.spans.length === 0) continue;

    const count = matches.spans.length;
    if (matches.overlap || count !== expectedCount) throw wrongCount(view, matches, expectedCount, path);
    const replacement = encode(newText);
    if (replacement === undefined) {
      throw new AppError(
        "file.encoding",
        `${quotePath(path)} is ${view.encoding}, which lacks a character of newText.`,
      );
    }
    // A unit is a byte or more: what cannot fit is not even put together.
    const growth = count * (replacement.length - wanted.length);
    if (view.text.length + growth > MAX_FILE_BYTES) throw tooLarge(path, view.text.length + growth);
    return { after: replaceSpans(view.text, matches.spans, replacement), count };
  }
  throw noMatch(view, oldText, path);
}

function wrongCount(
  view: TextView,
  { spans, overlap }: Matches,
  expectedCount: number,
  path: string,
): AppError {
  const named = lineNumbers(view.text, spans.slice(0, MAX_NAMED_LINES));
  const lines = `${named.length === 1 ? "line" : "lines"} ${named.join(", ")}${
    spans.length > named.length ? ", …" : ""
  }`;
  const count = spans.length > MAX_PLACES ? `more than ${MAX_PLACES}` : `${spans.length}`;
  const places = `${count} place${spans.length === 1 ? "" : "s"}`;
  const orSetCount = spans.length > MAX_PLACES
    ? ""
    : `, or set expectedCount to ${count} to replace all of them`;
  if (overlap) {
    return new AppError(
      "file.ambiguous",
      `oldText occurs in ${
        quotePath(path)
      } in places that reach into each other (${lines}). Nothing was written.`,
      { hint: "Add surrounding lines to oldText." },
    );
  }
  return new AppError(
    "file.ambiguous",
    `oldText occurs in ${places} of ${
      quotePath(path)
    } (${lines}), not in ${expectedCount}. Nothing was written.`,
    { hint: `Add surrounding lines to oldText${orSetCount}.` },
  );
}

function noMatch(view: TextView, oldText: string, path: string): AppError {
  const start = `oldText does not occur in ${quotePath(path)} (0 matches). Nothing was written.`;
  const nearest = findNearest(flattenLineEnds(view.decode(view.text)), flattenLineEnds(oldText));
  if (nearest === undefined) return new AppError("file.no_match", start);
  const { line, differs, diff } = nearest;
  return new AppError(
    "file.no_match",
    `${start} The nearest place is at line ${line}; it differs ${differs} (- oldText, + file):\n${diff}`,
    { hint: "Copy the text exactly as the file has it." },
  );
}

function tooLarge(path: string, sizeBytes: number): AppError {
  return new AppError(
    "file.too_large",
    `${quotePath(path)}: ${sizeBytes} bytes; files up to 16 MiB are edited.`,
    {
      hint: "Change so large a file by hand.",
    },
  );
}
