/**
 * The portfolio from where it lives: a folder on disk, looked at anew by every call, or the templates inside the
 * executable. Knows nothing of who asks.
 *
 * @module
 */

import { AppError } from "../base/errors.ts";
import { findFilename, nameOf, notFound, uriOf } from "./find.ts";
import { describe } from "./front_matter.ts";
import type { Portfolio, PortfolioDocument, PortfolioFile, PortfolioSource } from "./model.ts";
import { embeddedShelf, folderShelf, maxFileBytes, type Shelf, type Taken } from "./shelf.ts";
import { findUnfilled } from "./template.ts";

/**
 * Opens a portfolio. Every module that reading needs is loaded when this resolves, so that the caller may give
 * up the right to load more.
 *
 * @param source a repo's folder is an absolute real path
 */
export async function openPortfolio(source: PortfolioSource): Promise<Portfolio> {
  const shelf = source.kind === "repo"
    ? folderShelf(source.folder)
    : embeddedShelf((await import("./embedded.ts")).EMBEDDED_FILES);
  return {
    source,
    list: () => list(shelf),
    read: (name) => read(shelf, name),
  };
}

async function list(shelf: Shelf): Promise<readonly PortfolioFile[]> {
  const files: PortfolioFile[] = [];
  for (const filename of await shelf.filenames()) {
    const taken = await takeOrNothing(shelf, filename);
    if (taken !== undefined) files.push(toFile(filename, taken, new TextDecoder().decode(taken.bytes)));
  }
  return files;
}

async function read(shelf: Shelf, name: string): Promise<PortfolioDocument> {
  const filenames = await shelf.filenames();
  const filename = findFilename(filenames, name);
  if (filename === undefined) throw notFound(filenames, name);
  const taken = await shelf.take(filename);
  if (taken === undefined) throw notFound(filenames.filter((other) => other !== filename), name);
  if (taken.sizeBytes > maxFileBytes) throw tooLarge(filename, taken.sizeBytes);
  const text = decode(filename, taken.bytes);
  return { file: toFile(filename, taken, text), text };
}

/** One file that may not be opened must not hide the others from a list. */
async function takeOrNothing(shelf: Shelf, filename: string): Promise<Taken | undefined> {
  try {
    return await shelf.take(filename);
  } catch (error) {
    if (error instanceof AppError) return undefined;
    throw error;
  }
}

function toFile(filename: string, taken: Taken, text: string): PortfolioFile {
  const name = nameOf(filename);
  return {
    name,
    filename,
    uri: uriOf(filename),
    ...describe(name, text),
    sizeBytes: taken.sizeBytes,
    modifiedAt: taken.modifiedAt,
    unfilled: findUnfilled(text).length,
  };
}

function tooLarge(filename: string, sizeBytes: number): AppError {
  return new AppError(
    "file.too_large",
    `Cannot read "${filename}" of the portfolio: it has ${sizeBytes} bytes and the limit is ${maxFileBytes}`,
    { hint: "Split it into files of one subject each." },
  );
}

function decode(filename: string, bytes: Uint8Array<ArrayBuffer>): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new AppError("file.encoding", `Cannot read "${filename}" of the portfolio: it is not UTF-8 text`, {
      cause,
    });
  }
}
