/**
 * The tool `agentOS_fs_write`: a whole file at once, written so that no reader ever sees a part of it.
 *
 * @module
 */

import { z } from "zod";
import { AppError } from "../../base/errors.ts";
import { sha256Hex } from "../../base/hash.ts";
import { quotePath } from "../../base/path_rules.ts";
import { defineTool, refuseInput, type Tool, type ToolAnswer, type ToolContext } from "../define.ts";
import { withOpenFile } from "./open_checked.ts";
import { hashFile } from "./scan_text.ts";
import { withWriteTarget, type WriteTarget } from "./write_checked.ts";

const MAX_CONTENT_BYTES = 4 * 1024 * 1024;
/** A larger old file is not hashed unless the caller's `ifSha256` asks for it. */
const MAX_HASHED_BYTES = 64 * 1024 * 1024;
/** In `ifSha256`: there must be no file yet. */
const NO_FILE = "none";

const output = z.object({
  created: z.boolean().describe("New file."),
  sizeBytes: z.int().describe("After."),
  sha256: z.string().describe("After."),
  previousSha256: z.string().optional().describe("Before."),
});

/** See its description. */
export const fsWrite: Tool = defineTool({
  name: "agentOS_fs_write",
  title: "Write a file",
  description: "Create a file or replace all of it, atomically, in UTF-8, exactly as given. Not in .git.",
  hints: { readOnly: false, destructive: true, idempotent: true, openWorld: false },
  input: z.strictObject({
    path: z.string().describe("Absolute, or below the only root."),
    content: z.string().describe("Whole text; a call holds 4 MiB in all."),
    createDirs: z.boolean().optional().describe("Make missing folders; default false."),
    ifSha256: z.string().optional().describe(
      'Only over a file with this hash; "none": only if there is none.',
    ),
  }),
  output,
  examples: [
    {
      title: "A new file in a new folder",
      input: { path: "notes/plan.md", content: "# Plan\n", createDirs: true },
    },
    {
      title: "Only when nothing stands there",
      input: { path: "todo.md", content: "- [ ] one\n", ifSha256: "none" },
    },
  ],
  async run(input, context): Promise<ToolAnswer<z.input<typeof output>>> {
    const { path, createDirs = false } = input;
    const bytes = encodeContent(input.content);
    const ifSha256 = parseCondition(input.ifSha256);
    if (/[/\\]$/.test(path)) {
      throw refuseInput("agentOS_fs_write", "path ends with a separator, as a folder's does");
    }

    return await withWriteTarget(path, context.settings, async (target) => {
      const previousSha256 = await hashTarget(target, ifSha256 !== undefined, context);
      refuseStale(target, previousSha256, ifSha256);
      if (createDirs) target.makeFolders();
      await target.write(bytes).catch((error) => {
        throw asMissingFolder(error, target);
      });

      const created = target.info === undefined;
      const real = target.place.path;
      const data = { created, sizeBytes: bytes.length, sha256: sha256Hex(bytes) };
      const text = `${
        created ? "Created" : "Replaced"
      } ${real} (${bytes.length} bytes, sha256 ${data.sha256}).`;
      return { data: { ...data, ...(previousSha256 === undefined ? {} : { previousSha256 }) }, text };
    });
  },
});

/** Where the file's folder is missing, the next step is one argument away. */
function asMissingFolder(error: unknown, { place }: WriteTarget): unknown {
  if (!(error instanceof AppError) || error.code !== "path.not_found") return error;
  return new AppError(error.code, `There is no folder to write ${quotePath(place.path)} in.`, {
    hint: "Call again with createDirs true to make it.",
    cause: error,
  });
}

function encodeContent(content: string): Uint8Array {
  if (!content.isWellFormed()) {
    throw refuseInput("agentOS_fs_write", "content holds half of a character (a lone surrogate)");
  }
  const bytes = new TextEncoder().encode(content);
  if (bytes.length > MAX_CONTENT_BYTES) {
    throw new AppError(
      "file.too_large",
      `The content has ${bytes.length} bytes; at most ${MAX_CONTENT_BYTES} are written.`,
      {
        hint: "Write a first part, then add to it with agentOS_fs_replace.",
      },
    );
  }
  return bytes;
}

function parseCondition(ifSha256: string | undefined): string | undefined {
  const condition = ifSha256?.toLowerCase();
  if (condition === undefined || condition === NO_FILE || /^[0-9a-f]{64}$/.test(condition)) return condition;
  throw refuseInput("agentOS_fs_write", "ifSha256 is neither 64 hexadecimal digits nor none");
}

async function hashTarget(
  target: WriteTarget,
  isNeeded: boolean,
  context: ToolContext,
): Promise<string | undefined> {
  const { info, place } = target;
  if (info === undefined || (!isNeeded && info.size > MAX_HASHED_BYTES)) return undefined;
  return await withOpenFile(place.path, context.settings, (file) => hashFile(file, context.signal));
}

function refuseStale(target: WriteTarget, actual: string | undefined, wanted: string | undefined): void {
  if (wanted === undefined || (wanted === NO_FILE ? target.info === undefined : actual === wanted)) return;
  const path = quotePath(target.place.path);
  if (wanted === NO_FILE) throw new AppError("path.exists", `${path} exists already; nothing was written.`);
  const now = actual === undefined ? "it does not exist" : `its SHA-256 is ${actual}`;
  throw new AppError("file.stale", `${path} is not what ifSha256 says: ${now}. Nothing was written.`);
}
