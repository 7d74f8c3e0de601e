/**
 * Lays cells out in aligned columns, within the width that there is. Pure.
 *
 * @module
 */

/** One column; the first of a table is aligned to the left, bars too, numbers to the right. */
export interface Column {
  readonly title: string;
  readonly align: "left" | "right";
}

/** One line: a cell for each column, or a rule across all. */
export interface Line {
  readonly style: "head" | "group" | "row" | "total" | "rule";
  readonly cells: readonly string[];
}

/** What to do, one after the other, until a table fits: leave a column out, or cut the first one to so many letters. */
export type Measure = { readonly drop: string } | { readonly cut: number };

/** A table that is laid out. */
export interface Laid {
  readonly lines: readonly string[];
  /** Titles of the columns that there was no room for. */
  readonly dropped: readonly string[];
}

const GAP = 2;

/** Lays out lines whose first is the head. Without a width there is room for everything. */
export function layOut(
  columns: readonly Column[],
  lines: readonly Line[],
  measures: readonly Measure[],
  width: number | undefined,
  colour: boolean,
): Laid {
  const all = columns.map((column, index) => ({
    ...column,
    cells: lines.map(({ cells }) => cells[index] ?? ""),
  }));
  let shown = all;
  const dropped: string[] = [];
  for (const measure of measures) {
    if (width === undefined || measureWidth(shown) <= width) break;
    if ("cut" in measure) {
      shown = shown.map((column, index) =>
        index > 0 ? column : { ...column, cells: column.cells.map((cell) => cutText(cell, measure.cut)) }
      );
    } else if (shown.some(({ title }) => title === measure.drop)) {
      shown = shown.filter(({ title }) => title !== measure.drop);
      if (measure.drop !== "") dropped.push(measure.drop);
    }
  }
  const widths = shown.map(({ cells }) => widthOf(cells));
  // A rule goes below the numbers, and not below the bars, which have no title.
  const titled = shown.filter(({ title }) => title !== "");
  const rule = "─".repeat(Math.max(0, measureWidth(titled)));
  return {
    dropped,
    lines: lines.map(({ style }, row) => {
      if (style === "rule") return paint(rule, "2", colour);
      const texts = shown.map(({ align, title, cells }, column) => {
        const cell = cells[row] ?? "";
        const fill = " ".repeat((widths[column] ?? 0) - lengthOf(cell));
        const text = align === "left" ? cell + fill : fill + cell;
        return title === "" && cell !== "" ? paint(text.trimEnd(), "36", colour) : text;
      });
      const text = texts.join(" ".repeat(GAP)).trimEnd();
      return style === "row" ? text : paint(text, style === "head" ? "2" : "1", colour);
    }),
  };
}

function measureWidth(columns: readonly { readonly cells: readonly string[] }[]): number {
  return columns.reduce((sum, { cells }) => sum + widthOf(cells) + GAP, -GAP);
}

function widthOf(cells: readonly string[]): number {
  return Math.max(0, ...cells.map(lengthOf));
}

function lengthOf(text: string): number {
  return [...text].length;
}

/** Cuts a text to so many letters, with a sign that it was cut. */
export function cutText(text: string, length: number): string {
  const letters = [...text];
  return letters.length <= length ? text : `${letters.slice(0, Math.max(0, length - 1)).join("").trimEnd()}…`;
}

function paint(text: string, code: string, colour: boolean): string {
  return colour && text !== "" ? `\x1b[${code}m${text}\x1b[0m` : text;
}
