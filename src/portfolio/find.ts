/**
 * Finding a portfolio file by what a person or a model calls it. Pure: a name is compared with the names that
 * are there and never becomes part of a path, so no name can lead anywhere else.
 *
 * @module
 */

import { distance } from "fastest-levenshtein";
import { AppError } from "../base/errors.ts";

const scheme = "portfolio://";
const maxEchoLength = 60;
const maxSuggestions = 3;
/** A name that is more edits than this farther away than the closest one is not worth naming. */
const maxMoreEdits = 2;

/** `identity.md` → `identity`; `a.md.md` stays as it is, as `a.md` would be the name of another file. */
export function nameOf(filename: string): string {
  return filename.replace(/(?<!\.md)\.md$/i, "");
}

/** `current projects.md` → `portfolio://current%20projects.md` */
export function uriOf(filename: string): string {
  return `${scheme}${encodeURIComponent(filename)}`;
}

/**
 * The one of `filenames` that `wanted` means: its name, its file name, or its `portfolio://` URI (percent-decoded
 * once). Exact spelling wins over another case; undefined when nothing matches.
 */
export function findFilename(filenames: readonly string[], wanted: string): string | undefined {
  const spelled = plainName(wanted);
  const folded = fold(spelled);
  return filenames.find((filename) => filename === spelled) ??
    filenames.find((filename) => nameOf(filename) === spelled) ??
    filenames.find((filename) => fold(filename) === folded) ??
    filenames.find((filename) => fold(nameOf(filename)) === folded);
}

/** The refusal for a name that nothing matches, with the files it may have meant. */
export function notFound(filenames: readonly string[], wanted: string): AppError {
  const spelled = plainName(wanted).slice(0, maxEchoLength).toWellFormed();
  const ranked = filenames.map(nameOf)
    .map((name) => ({ name, edits: countEdits(fold(name), nameOf(fold(spelled))) }))
    .toSorted((one, other) => one.edits - other.edits);
  const limit = (ranked[0]?.edits ?? 0) + maxMoreEdits;
  const closest = ranked.filter(({ edits }) => edits <= limit).slice(0, maxSuggestions).map(({ name }) =>
    name
  );
  const rest = closest.length === 0
    ? "it is empty"
    : `closest ${closest.length === 1 ? "is" : "are"} ${closest.join(", ")}`;
  return new AppError(
    "portfolio.not_found",
    `Cannot find ${JSON.stringify(spelled)} in the portfolio: ${rest}`,
  );
}

/** How far a name is from what was written; a name that holds it is as near as can be. */
function countEdits(name: string, written: string): number {
  return written !== "" && name.includes(written) ? 0 : distance(name, written);
}

function plainName(wanted: string): string {
  const trimmed = wanted.trim();
  if (!trimmed.toLowerCase().startsWith(scheme)) return trimmed;
  const encoded = trimmed.slice(scheme.length);
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded;
  }
}

function fold(name: string): string {
  return name.normalize("NFC").toLowerCase();
}
