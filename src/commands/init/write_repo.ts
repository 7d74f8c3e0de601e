/**
 * Writing a home repo out of the executable: whatever is missing is made, and nothing that is there is touched.
 *
 * @module
 */

import { EMBEDDED_CLIENT_FILES } from "../../../clients/embedded.ts";
import { writeNewAtomically } from "../../base/atomic_write.ts";
import { AppError, messageOf } from "../../base/errors.ts";
import { joinPath } from "../../base/path_rules.ts";
import { currentPlatform } from "../../base/platform.ts";
import { PORTFOLIO_FOLDER } from "../../base/repo.ts";
import { EMBEDDED_FILES } from "../../portfolio/embedded.ts";
import homeReadme from "./home_readme.md" with { type: "text" };

/** What became of the files; paths are relative to the folder, with forward slashes. */
export interface WrittenRepo {
  readonly written: readonly string[];
  /** There already, with the very same text. */
  readonly same: readonly string[];
  /** There already with another text, or something stands in the way: left alone. */
  readonly kept: readonly { readonly path: string; readonly why: string }[];
}

/** Every file of a new home repo: path to text. */
function repoFiles(): ReadonlyMap<string, string> {
  return new Map([
    ["README.md", homeReadme],
    ...Object.entries(EMBEDDED_FILES).map(([name, text]) => [`${PORTFOLIO_FOLDER}/${name}`, text] as const),
    ...Object.entries(EMBEDDED_CLIENT_FILES),
  ]);
}

/**
 * Writes what is missing. A folder that is a link is not followed: it could lead out of the repo.
 *
 * @throws {AppError} file.write_failed
 */
export function writeRepo(folder: string): WrittenRepo {
  const written: string[] = [];
  const same: string[] = [];
  const kept: { path: string; why: string }[] = [];
  for (const [path, text] of repoFiles()) {
    const why = makeFolders(folder, path) ?? writeNew(folder, path, text);
    if (why === undefined) written.push(path);
    else if (why === SAME) same.push(path);
    else kept.push({ path, why });
  }
  return { written, same, kept };
}

const SAME = "the same";

/** Makes the folders above a file; answers what stands in the way. */
function makeFolders(folder: string, path: string): string | undefined {
  let at = folder;
  for (const part of path.split("/").slice(0, -1)) {
    at = place(at, part);
    try {
      const info = Deno.lstatSync(at);
      if (!info.isDirectory) return `${part} is ${info.isSymlink ? "a link" : "no folder"}`;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw failed(at, error);
      attempt(at, () => Deno.mkdirSync(at));
    }
  }
  return undefined;
}

/** Writes a file that is not there; answers why it was left alone. */
function writeNew(folder: string, path: string, text: string): string | undefined {
  const file = path.split("/").reduce(place, folder);
  try {
    const info = Deno.lstatSync(file);
    if (!info.isFile) return info.isSymlink ? "it is a link" : "it is no file";
    return Deno.readTextFileSync(file) === text ? SAME : "yours differs";
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) {
      return messageOf(error);
    }
  }
  // Half a file would be taken for the user's own by the run that is to complete it.
  const isNew = attempt(file, () => writeNewAtomically(file, new TextEncoder().encode(text)));
  return isNew ? undefined : "it was made just now";
}

function place(folder: string, name: string): string {
  return joinPath(folder, name, currentPlatform());
}

function attempt<Result>(path: string, write: () => Result): Result {
  try {
    return write();
  } catch (error) {
    throw failed(path, error);
  }
}

function failed(path: string, cause: unknown): AppError {
  const reason = messageOf(cause);
  return new AppError("file.write_failed", `Cannot write ${path}: ${reason}`, {
    hint: "Check the free space and the folder's mode; what was written before stays, run again to go on.",
    cause,
  });
}
