/**
 * The tool `agentOS_fs_list`: what a folder holds, as far as one answer goes.
 *
 * @module
 */

import { z } from "zod";
import { AppError } from "../../base/errors.ts";
import { readGlob } from "../../base/glob.ts";
import { jsonBytes, jsonTextBytes, utf8Bytes } from "../../base/json_size.ts";
import { ignoresCase, quotePath, rootOf, showPath, showPathShort } from "../../base/path_rules.ts";
import { defineTool, MAX_ANSWER_BYTES, refuseInput, type Tool, type ToolAnswer } from "../define.ts";
import { keepUnswapped, type LookedAt } from "./moved.ts";
import { isForbidden, type PathSettings, resolveInRoots } from "./resolve.ts";
import { type Met, typeOf, type WalkEnd, walkFolder } from "./walk_folder.ts";

/** An answer goes on with its cursor after so many names, shown or not. */
const MAX_MET = 100_000;
const MAX_DEPTH = 32;
const MAX_GLOB_CHARS = 500;
/** Of an answer without entries, with the longest notes. */
const FRAME_BYTES = 250;

const entry = z.object({
  path: z.string().describe("Below the listed folder."),
  type: z.string().describe("file, folder, link, other."),
  sizeBytes: z.int().optional().describe("Files only."),
  modifiedAt: z.string().optional().describe("ISO 8601."),
  target: z.string().optional().describe("Of a link."),
});

const output = z.object({
  entries: z.array(entry).describe("In path order."),
  leftOut: z.string().optional().describe("How many, and why."),
  nextCursor: z.string().optional().describe("If there is more."),
});

type Entry = z.input<typeof entry>;

/** See its description. */
export const fsList: Tool = defineTool({
  name: "agentOS_fs_list",
  title: "List a folder",
  description: "List a folder, or find files by name. 10 kB at a time; .git is never shown.",
  hints: { readOnly: true, destructive: false, idempotent: true, openWorld: false },
  input: z.strictObject({
    path: z.string().describe("Absolute, or below the only root."),
    depth: z.int().min(1).max(MAX_DEPTH).optional().describe("1 to 32; default 1, with glob 32."),
    glob: z.string().optional().describe("*.ts (any level), src/**/*.ts."),
    hidden: z.boolean().optional().describe("Also dot files and what .gitignore excludes; default false."),
    cursor: z.string().optional().describe("nextCursor, to go on."),
  }),
  output,
  examples: [
    { title: "What is in the root", input: { path: "" } },
    { title: "All Markdown files", input: { path: "", glob: "*.md" } },
  ],
  async run(input, { settings, signal }): Promise<ToolAnswer<z.input<typeof output>>> {
    const { path, glob, hidden = false, cursor } = input;
    const startedAtMs = Date.now();
    const place = resolveInRoots(path, settings, { for: "read" });
    if (place.kind !== "folder") {
      throw new AppError("path.not_a_folder", `${quotePath(place.path)} is a file.`, {
        hint: "Read it with agentOS_fs_read.",
      });
    }
    const matches = glob === undefined ? undefined : parseGlob(glob, settings);
    const maxDepth = input.depth ?? (glob === undefined ? 1 : MAX_DEPTH);

    const seen: Seen[] = [];
    const heading = showPathShort(place.path);
    const maxRowsBytes = MAX_ANSWER_BYTES - FRAME_BYTES - utf8Bytes(heading);
    let free = maxRowsBytes;
    let met = 0;
    let tooLong = 0;
    let unseen = 0;
    let last: string | undefined;
    let nextCursor: string | undefined;
    const walk = { folder: place.path, root: place.root, maxDepth, hidden, after: cursor };
    const left = await walkFolder(walk, settings, signal, (one) => {
      const isWanted = matches === undefined || matches(one.path);
      const found = isWanted ? describe(one, settings) : undefined;
      if (isWanted && found === undefined) unseen++;
      const bytes = found === undefined ? 0 : jsonBytes(found.entry) + 1;
      // The cursor that would end the answer here takes its place, too.
      const neededBytes = bytes + jsonTextBytes(one.path);
      if (neededBytes > maxRowsBytes) {
        // No answer has room for it; one that ended here would begin again here.
        if (found !== undefined) tooLong++;
        return true;
      }
      if (neededBytes > free || ++met > MAX_MET) {
        nextCursor = last;
        return false;
      }
      if (found !== undefined) seen.push(found);
      free -= bytes;
      last = one.path;
      return true;
    });

    // The kernel wall keeps files outside from being opened, but not from being looked at.
    const honest = settings.pathChecks
      ? keepUnswapped(seen, place.root, startedAtMs, settings.platform)
      : seen;
    const leftOut = renderCounts(left, tooLong, unseen);
    const data = {
      entries: honest.map(({ entry }) => entry),
      ...(leftOut === "" ? {} : { leftOut }),
      ...(nextCursor === undefined ? {} : { nextCursor }),
    };
    return { data, text: renderText(heading, data) };
  },
});

function parseGlob(glob: string, { platform }: PathSettings): (path: string) => boolean {
  if (glob === "") throw refuseInput("agentOS_fs_list", "glob: it is empty");
  if (glob.length > MAX_GLOB_CHARS) {
    throw refuseInput("agentOS_fs_list", `glob: longer than ${MAX_GLOB_CHARS} characters`);
  }
  const matcher = readGlob(glob, { ignoreCase: ignoresCase(platform) });
  if (typeof matcher === "function") return matcher;
  throw refuseInput("agentOS_fs_list", `glob: ${matcher}`);
}

/** A row of the answer, and what it was made from. */
interface Seen extends LookedAt {
  readonly entry: Entry;
}

/** Looks at an entry; undefined when it went away meanwhile. */
function describe({ path, place }: Met, settings: PathSettings): Seen | undefined {
  let info: Deno.FileInfo;
  try {
    info = Deno.lstatSync(place);
  } catch {
    return undefined;
  }
  // What was said of it when the folder was read may be of another one that stood there.
  const type = typeOf(info);
  const modifiedAt = info.mtime?.toISOString().replace(/\.\d+Z$/, "Z");
  const target = type === "link" ? targetInside(place, settings) : undefined;
  const entry = {
    path,
    type,
    ...(type === "file" ? { sizeBytes: info.size } : {}),
    ...(modifiedAt === undefined ? {} : { modifiedAt }),
    ...(target === undefined ? {} : { target }),
  };
  return { entry, place, info };
}

/** Where a link leads, unless that is nowhere or none of the caller's business. */
function targetInside(link: string, settings: PathSettings): string | undefined {
  try {
    const real = Deno.realPathSync(link);
    const isOpen = rootOf(real, settings.roots, settings.platform) !== undefined &&
      !isForbidden(real, settings);
    return isOpen ? real : undefined;
  } catch {
    return undefined;
  }
}

function renderCounts({ ignored, hidden, unreadable }: WalkEnd, tooLong: number, unseen: number): string {
  return [
    ignored > 0 ? `${ignored} by .gitignore` : "",
    hidden > 0 ? `${hidden} starting with a dot` : "",
    unreadable > 0 ? `the inside of ${unreadable} that cannot be read` : "",
    // A name that is not UTF-8 leads nowhere in this runtime; or it went away meanwhile.
    unseen > 0 ? `${unseen} that cannot be looked at` : "",
    tooLong > 0 ? `${tooLong} whose path is too long to be shown` : "",
  ].filter((part) => part !== "").join(", ");
}

function renderText(heading: string, { entries, leftOut, nextCursor }: z.input<typeof output>): string {
  const rows = entries.map(({ path, type, sizeBytes, target }) => {
    if (type === "folder") return `${showPath(path)}/`;
    const fact = sizeBytes === undefined ? `(${type})` : `${sizeBytes} B`;
    return `${showPath(path)}  ${fact}${target === undefined ? "" : ` -> ${showPath(target)}`}`;
  });
  return [
    heading,
    ...rows,
    ...(leftOut === undefined ? [] : [`(left out: ${leftOut})`]),
    ...(nextCursor === undefined ? [] : [`(more: call again with cursor ${JSON.stringify(nextCursor)})`]),
  ].join("\n");
}
