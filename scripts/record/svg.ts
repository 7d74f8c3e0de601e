/**
 * A terminal session as a picture: SVG text, so that it is small, sharp, and can be read back. Pure.
 *
 * @module
 */

import { escapeXml, unescapeXml } from "../../src/service/words.ts";

/** One command and what it printed. */
export interface RecordedCommand {
  readonly command: string;
  readonly output: string;
}

const FONT_SIZE = 13;
const LINE_HEIGHT = 18;
/** Of the fonts named below, the widest takes so much of the size for a letter. */
const LETTER_WIDTH = FONT_SIZE * 0.61;
const PADDING = 16;
const BAR_HEIGHT = 28;
/** Longer lines end with an ellipsis. */
const MAX_COLUMNS = 104;

/** The picture. */
export function renderSvg(session: readonly RecordedCommand[]): string {
  const lines = session.flatMap(({ command, output }, index) => [
    ...index === 0 ? [] : [{ text: "", isCommand: false }],
    { text: command, isCommand: true },
    ...output.trimEnd().split("\n").map((text) => ({ text: shorten(text), isCommand: false })),
  ]);
  const columns = Math.max(...lines.map(({ text, isCommand }) => text.length + (isCommand ? 2 : 0)));
  const width = Math.ceil(columns * LETTER_WIDTH + 2 * PADDING);
  const height = BAR_HEIGHT + PADDING + lines.length * LINE_HEIGHT + PADDING / 2;
  const rows = lines.map(({ text, isCommand }, index) => {
    const y = BAR_HEIGHT + PADDING + index * LINE_HEIGHT + FONT_SIZE / 2;
    const prompt = isCommand ? '<tspan class="p">$ </tspan>' : "";
    const attributes = `x="${PADDING}" y="${y}" xml:space="preserve"${isCommand ? ' class="c"' : ""}`;
    return `<text ${attributes}>${prompt}${escapeXml(text)}</text>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" ` +
    `viewBox="0 0 ${width} ${height}" role="img" aria-label="A terminal session with agentos">`,
    "<style>",
    `text { font: ${FONT_SIZE}px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace;`,
    "  fill: #c9d1d9; }",
    ".c { fill: #ffffff; font-weight: bold; } .p { fill: #7ee787; }",
    "</style>",
    `<rect width="${width}" height="${height}" rx="8" fill="#0d1117"/>`,
    ...["#ff5f57", "#febc2e", "#28c840"].map((colour, index) =>
      `<circle cx="${PADDING + 4 + index * 18}" cy="${BAR_HEIGHT / 2 + 3}" r="5.5" fill="${colour}"/>`
    ),
    ...rows,
    "</svg>",
    "",
  ].join("\n");
}

/** The lines of text in a picture that {@link renderSvg} made. */
export function readSvg(svg: string): readonly string[] {
  return Array.from(
    svg.matchAll(/<text [^>]*>(?:<tspan class="p">(\$ )<\/tspan>)?([^<]*)<\/text>/g),
    ([, prompt = "", text = ""]) => prompt + unescapeXml(text),
  );
}

function shorten(line: string): string {
  return line.length <= MAX_COLUMNS ? line : `${line.slice(0, MAX_COLUMNS - 1)}…`;
}
