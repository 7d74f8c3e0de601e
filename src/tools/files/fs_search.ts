/**
 * The tool `agentOS_fs_search`: the lines that hold a text or match an expression, as many as one answer takes.
 *
 * The searching itself is done elsewhere, in a process that can be stopped; here paths are checked before and the
 * answer is cut to size after.
 *
 * @module
 */

import { z } from "zod";
import { AppError } from "../../base/errors.ts";
import { jsonBytes } from "../../base/json_size.ts";
import { isInside, pathBelow, showPath } from "../../base/path_rules.ts";
import { sayCount } from "../../base/say_count.ts";
import { defineTool, MAX_ANSWER_BYTES, type Tool, type ToolAnswer, type ToolSettings } from "../define.ts";
import { asFileError } from "./file_error.ts";
import { withOpenFile } from "./open_checked.ts";
import { resolveInRoots } from "./resolve.ts";
import { cursorAfter } from "./search/cursor.ts";
import type { SearchMatch, SearchRequest, SearchResult } from "./search/model.ts";

/** Of an answer without matches, with the longest cursor and notes. */
const FRAME_BYTES = 600;
const MAX_QUERY_CHARS = 1_000;
const MAX_GLOB_CHARS = 500;
const MAX_CONTEXT = 10;
const MAX_RESULTS = 200;
const DEFAULT_RESULTS = 50;
const TIMEOUT_MS = 10_000;

const row = z.object({
  path: z.string().describe("For agentOS_fs_read."),
  line: z.int().describe("From 1."),
  column: z.int().describe("From 1."),
  text: z.string().describe("The line."),
  around: z.string().optional().describe("Context."),
});

const output = z.object({
  matches: z.array(row).describe("In path order."),
  filesSearched: z.int().describe("Count."),
  leftOut: z.string().optional().describe("Files."),
  stopped: z.string().optional().describe("maxResults, answerSize, timeout."),
  nextCursor: z.string().optional().describe("For more."),
});

type Row = z.input<typeof row>;
type Data = z.input<typeof output>;

/** See its description. */
export const fsSearch: Tool = defineTool({
  name: "agentOS_fs_search",
  title: "Search files",
  description:
    "Find lines in UTF-8/16 files, except .gitignore'd, hidden, binary and over 32 MiB. 10 kB at a time, limit 10 s.",
  hints: { readOnly: true, destructive: false, idempotent: true, openWorld: false },
  input: z.strictObject({
    query: z.string().describe("Text within a line, up to 1000 characters."),
    path: z.string().optional().describe("File or folder; default all roots."),
    glob: z.string().optional().describe("*.ts (any level), src/**/*.ts."),
    regex: z.boolean().optional().describe("query is a JavaScript regex; no back-references."),
    ignoreCase: z.boolean().optional().describe("Default false."),
    context: z.int().optional().describe("Lines around each, 0 to 10; default 0."),
    maxResults: z.int().optional().describe("1 to 200; default 50."),
    cursor: z.string().optional().describe("nextCursor, to go on."),
  }),
  output,
  examples: [
    { title: "Where a name is used", input: { query: "TODO", ignoreCase: true } },
    {
      title: "By expression, in some files",
      input: { query: "^#+ \\w+", regex: true, glob: "*.md", maxResults: 5 },
    },
  ],
  async run(input, { settings, search, signal }): Promise<ToolAnswer<Data>> {
    const { query, glob, context = 0, maxResults = DEFAULT_RESULTS } = input;
    checkRange("characters in query", query.length, 1, MAX_QUERY_CHARS);
    checkRange("characters in glob", glob?.length ?? 1, 1, MAX_GLOB_CHARS);
    checkRange("context", context, 0, MAX_CONTEXT);
    checkRange("maxResults", maxResults, 1, MAX_RESULTS);
    const request: SearchRequest = {
      paths: input.path === undefined
        ? allRoots(settings)
        : [resolveInRoots(input.path, settings, { for: "read" }).path],
      query,
      regex: input.regex ?? false,
      ignoreCase: input.ignoreCase ?? false,
      glob,
      contextLines: context,
      maxResults,
      cursor: input.cursor,
      timeoutMs: TIMEOUT_MS,
    };
    const result = await search(request, signal);
    const [named, ...others] = request.paths;
    if (named !== undefined && others.length === 0 && isDenied(result)) {
      await refuseUnreadable(named, settings);
    }
    const data = fitAnswer(request, result, settings);
    return { data, text: renderText(data) };
  },
});

/** Here and not in the schema, where limits cost each client more than their words in the descriptions. */
function checkRange(what: string, value: number, least: number, most: number): void {
  if (value >= least && value <= most) return;
  throw new AppError(
    "tool.input",
    `Cannot call agentOS_fs_search: ${what}: ${value} is not ${least} to ${most}.`,
  );
}

/** Every root that does not lie in another, so that no file is searched twice. */
function allRoots({ roots, platform }: ToolSettings): string[] {
  if (roots.length === 0) throw new AppError("path.no_roots", "No folder is open to this tool.");
  const paths = [...new Set(roots.map(({ path }) => path))];
  return paths.filter((path) => !paths.some((other) => other !== path && isInside(path, other, platform)));
}

/** As many whole matches as an answer takes; the cursor goes on after the last of them. */
function fitAnswer(request: SearchRequest, result: SearchResult, settings: ToolSettings): Data {
  const matches: Row[] = [];
  let free = MAX_ANSWER_BYTES - FRAME_BYTES;
  let tooLong = 0;
  let cursor = "";
  let isCut = false;
  for (const match of result.matches) {
    const itsCursor = cursorAfter(request, match, settings.platform);
    // Whichever cursor ends the answer has room.
    const cursorBytes = Math.max(itsCursor.length, result.nextCursor?.length ?? 0);
    let one = toRow(match, settings);
    if (sizeOf(one) + cursorBytes > free) {
      const bare = toRow({ ...match, before: [], after: [] }, settings);
      if (sizeOf(bare) + cursorBytes > MAX_ANSWER_BYTES - FRAME_BYTES) {
        // No answer has room for it; one that ended here would begin again here.
        tooLong++;
        continue;
      }
      isCut = matches.length > 0;
      if (isCut) break;
      one = bare;
    }
    free -= sizeOf(one);
    matches.push(one);
    cursor = itsCursor;
  }
  const leftOut = renderCounts(result, tooLong);
  const searched = {
    filesSearched: result.filesSearched,
    ...(leftOut === "" ? {} : { leftOut }),
  };
  if (isCut) return { matches, ...searched, stopped: "answerSize", nextCursor: cursor };
  return {
    matches,
    ...searched,
    ...(result.stopped === undefined ? {} : { stopped: result.stopped }),
    ...(result.nextCursor === undefined ? {} : { nextCursor: result.nextCursor }),
  };
}

/** True when all there was could not be read: then the reason may lie with the one path that was searched. */
function isDenied({ filesSearched, filesUnreadable, foldersUnreadable }: SearchResult): boolean {
  return filesSearched === 0 && filesUnreadable + foldersUnreadable > 0;
}

/**
 * Throws when the one file or folder that was searched cannot be read itself.
 *
 * @throws {AppError} path.denied, and whatever else keeps it from being opened
 */
async function refuseUnreadable(named: string, settings: ToolSettings): Promise<void> {
  const { path, kind, root } = resolveInRoots(named, settings, { for: "read" });
  if (kind === "file") return await withOpenFile(path, settings, () => {});
  try {
    Deno.readDirSync(path)[Symbol.iterator]().next();
  } catch (error) {
    throw asFileError(error, path, "search", root);
  }
}

function renderCounts(
  { filesTooLarge, filesBinary, filesUnreadable, foldersUnreadable }: SearchResult,
  tooLong: number,
): string {
  return [
    filesTooLarge > 0 ? `${filesTooLarge} over 32 MiB` : "",
    filesBinary > 0 ? `${filesBinary} binary` : "",
    filesUnreadable > 0 ? `${filesUnreadable} that cannot be read` : "",
    foldersUnreadable > 0 ? `the inside of ${foldersUnreadable} that cannot be read` : "",
    tooLong > 0 ? `${sayCount(tooLong, "matching line")} whose path is too long to be shown` : "",
  ].filter((part) => part !== "").join(", ");
}

/** Paths are given as the other file tools take them: below the only root, or absolute. */
function toRow({ path, line, column, text, before, after }: SearchMatch, settings: ToolSettings): Row {
  const [root, ...others] = settings.roots;
  const shown = root === undefined || others.length > 0
    ? path
    : pathBelow(path, root.path, settings.platform);
  const around = [
    ...before.map((one, index) => `${line - before.length + index}: ${one}`),
    ...after.map((one, index) => `${line + 1 + index}: ${one}`),
  ];
  return { path: shown, line, column, text, ...(around.length === 0 ? {} : { around: around.join("\n") }) };
}

/** What a match takes of either form of the answer. */
function sizeOf(match: Row): number {
  const shown = new TextEncoder().encode(`${match.path}\n${renderRow(match)}\n`).length;
  return Math.max(jsonBytes(match) + 1, shown);
}

/** The match first, so that it is not looked for among the lines around it. */
function renderRow({ line, column, text, around }: Row): string {
  return `${line}:${column}: ${text}${around === undefined ? "" : `\n  ${around.replaceAll("\n", "\n  ")}`}`;
}

function renderText({ matches, filesSearched, leftOut, stopped, nextCursor }: Data): string {
  const rows = matches.map((match, index) =>
    `${match.path === matches[index - 1]?.path ? "" : `${showPath(match.path)}\n`}${renderRow(match)}`
  );
  const passedOver = leftOut === undefined ? "" : `; ${leftOut} left out`;
  const count = sayCount(matches.length, "matching line");
  return [
    ...rows,
    `(${count}, ${sayCount(filesSearched, "file")} searched${passedOver}${
      stopped === undefined ? "" : `; stopped: ${stopped}`
    })`,
    ...(nextCursor === undefined ? [] : [`(more: call again with cursor ${JSON.stringify(nextCursor)})`]),
  ].join("\n");
}
