/**
 * A user's TOML file seen from outside: the bytes before, inside and after the managed block, and why a file is not
 * touched when it cannot be understood. Pure.
 *
 * @module
 */

import { majorityLineEnd, markerOf } from "./managed_block.ts";
import { endOfLine, scanStart, scanStatement, scanToml, type TomlStatement } from "../../base/toml_scan.ts";
import { parseToml, type TextProblem } from "../../base/toml_values.ts";

/** The block's place in the body; lines count from 1 in the whole file. */
export interface BlockPlace {
  readonly start: number;
  readonly end: number;
  readonly insideStart: number;
  readonly insideEnd: number;
  readonly beginLine: number;
  readonly endLine: number;
}

/** A file that may be edited: valid TOML outside the block. */
export interface TomlDocument {
  /** `\ufeff` or nothing; stays first. */
  readonly mark: string;
  readonly body: string;
  readonly lineEnd: "\n" | "\r\n";
  readonly block: BlockPlace | undefined;
  /** Marker comments that do not pair, only when `allowLoose` was given. */
  readonly looseMarkers: readonly TomlStatement[];
  /** The statements outside the block, as if it were blank: offsets and lines are those of the file. */
  readonly outside: readonly TomlStatement[];
}

/** A document, or all that keeps it from being one. */
export type OpenedDocument =
  | { readonly kind: "document"; readonly document: TomlDocument }
  | { readonly kind: "problems"; readonly problems: readonly TextProblem[] };

interface Marker {
  readonly which: "begin" | "end";
  readonly start: number;
  readonly end: number;
  readonly line: number;
}

/**
 * Opens a text. Markers must pair; but with `allowLoose`, when there is a record of what we last wrote, one may stand
 * alone: the program that owns the file deletes a marker with the table beside it, and ours are known by their paths.
 */
export function openDocument(text: string, allowLoose: boolean): OpenedDocument {
  const mark = text.startsWith("\ufeff") ? "\ufeff" : "";
  const body = text.slice(mark.length);
  if (body.startsWith("\ufeff")) {
    return { kind: "problems", problems: [{ line: 1, column: 1, message: "it has two byte order marks" }] };
  }
  const statements = scanToml(body);
  const markers = statements === undefined ? markersOfBroken(body) : markerComments(statements);
  const paired = markers.length === 0 || isPair(markers);
  if (!paired && !(allowLoose && markers.length === 1)) {
    return { kind: "problems", problems: unpairedProblems(markers) };
  }
  const block = paired ? placeBlock(markers) : undefined;
  const blanked = block === undefined ? body : blankOut(body, block.start, block.end);
  const parsed = parseToml(blanked);
  if (parsed.kind === "problem") return { kind: "problems", problems: [parsed.problem] };
  const outside = block === undefined
    ? statements
    : scanToml(blanked)?.filter(({ start }) => start < block.start || start >= block.end);
  if (outside === undefined) return { kind: "problems", problems: [{ line: 1, message: "it is not TOML" }] };
  const loose = paired ? [] : outside.filter((s) => s.kind === "comment" && markerOf(s.text) !== undefined);
  return {
    kind: "document",
    document: { mark, body, lineEnd: majorityLineEnd(body), block, looseMarkers: loose, outside },
  };
}

/** The same text with everything but line ends replaced by blanks, so that places behind it do not move. */
function blankOut(text: string, start: number, end: number): string {
  return text.slice(0, start) + text.slice(start, end).replace(/[^\r\n]|\r(?!\n)/g, " ") + text.slice(end);
}

function markerComments(statements: readonly TomlStatement[]): readonly Marker[] {
  return statements.flatMap((statement) => {
    const which = statement.kind === "comment" ? markerOf(statement.text) : undefined;
    return which === undefined
      ? []
      : [{ which, start: statement.start, end: statement.end, line: statement.line }];
  });
}

/** For a text that is broken somewhere, perhaps only inside the block, where nobody knows which text is in a string. */
function markersOfBroken(body: string): readonly Marker[] {
  const outsideStrings = markersBesideStrings(body);
  return isPair(outsideStrings) ? outsideStrings : markerLines(body);
}

/**
 * Whole lines that read as markers: up to BEGIN and after END those that are no part of a string. None where the text there
 * is broken, too: then the file is refused whichever of them count, and each statement without an end would be looked for
 * through all the rest.
 */
function markersBesideStrings(body: string): readonly Marker[] {
  const markers: Marker[] = [];
  const place = scanStart();
  let end = 0;
  for (const line of markerLines(body)) {
    const isInside = markers.at(-1)?.which === "begin";
    while (!isInside && end < line.start) {
      const statement = scanStatement(body, end, 1, place);
      if (statement === undefined) return [];
      end = statement.end;
    }
    if (end <= line.start || isInside) {
      markers.push(line);
      end = line.end;
    }
  }
  return markers;
}

function isPair(markers: readonly Marker[]): boolean {
  return markers.length === 2 && markers[0]?.which === "begin" && markers[1]?.which === "end";
}

/** Whole lines that read as markers, wherever they stand. */
function markerLines(body: string): readonly Marker[] {
  const markers: Marker[] = [];
  let start = 0;
  let line = 1;
  while (start < body.length) {
    const end = endOfLine(body, start);
    const which = markerOf(body.slice(start, end));
    if (which !== undefined) markers.push({ which, start, end, line });
    start = end;
    line++;
  }
  return markers;
}

function placeBlock(markers: readonly Marker[]): BlockPlace | undefined {
  const [begin, end] = markers;
  if (begin === undefined || end === undefined) return undefined;
  return {
    start: begin.start,
    end: end.end,
    insideStart: begin.end,
    insideEnd: end.start,
    beginLine: begin.line,
    endLine: end.line,
  };
}

function unpairedProblems(markers: readonly Marker[]): readonly TextProblem[] {
  const places = markers.map(({ which, line }) => `${which === "begin" ? "BEGIN" : "END"} on line ${line}`);
  const message = `the markers of the managed block do not pair: ${places.join(", ")}`;
  return [{ line: firstOutOfPlace(markers)?.line ?? 1, message }];
}

/** The first marker that cannot belong to one block: a second BEGIN, an END before it, or a BEGIN never closed. */
function firstOutOfPlace(markers: readonly Marker[]): Marker | undefined {
  const misplaced = markers.find(({ which }, index) =>
    index > 1 || which !== (index === 0 ? "begin" : "end")
  );
  return misplaced ?? markers[0];
}
