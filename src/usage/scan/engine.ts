/**
 * The compiled scanner (`scanner.as`) in its memory, one for each thread, and where in that memory things stand.
 *
 * @module
 */

import type { UsageClient } from "../client.ts";
import type { LineView } from "../line_view.ts";
import { viewPickedLine } from "./picked_line.ts";
import { makePlan } from "./plan.ts";
import { SCANNER_WASM } from "./scanner_wasm.ts";

/** How much of a log is held at once. */
export const WINDOW_BYTES = 4 * 1024 * 1024;

/** Where a log's bytes go. The numbers here are those of `scanner.as`. */
export const WINDOW_START = 724992;

/** Where rows are, and totals and names; the total that a child goes on from; the session: u32 length, and its text. */
export const ROWS_START = 65536;
export const TOTALS_START = 327680;
export const NAMES_START = 393216;
export const TOTAL_COUNTS = 131072;
export const SESSION_TEXT = 132096;
export const SESSION_BYTES = 1024;

/** How many bytes of rows there is room for. */
export const ROWS_BYTES = 65536;

/** Where the sums of rows stand, as places in {@link Engine.doubles}. */
export const SUMS = 16448;

/** Where the answers to `next` stand, as places in {@link Engine.words}. */
export const ANSWER = {
  lineStart: 16,
  lineEnd: 17,
  pickedKinds: 18,
  lines: 20,
  repeats: 21,
  rowsEnd: 22,
  totalsEnd: 23,
  namesEnd: 24,
} as const;

const PLAN_START = 1024;
/** Loops of the scanner look up to 64 bytes beyond the newline that ends them. */
const PADDING_BYTES = 128;
const PAGE_BYTES = 65536;

/**
 * How much memory the scanner has, and says that it needs: what a module says of it needs no test at each access (V8 13
 * tests all others twice, measured 2026-11).
 */
export const MEMORY_PAGES = Math.ceil((WINDOW_START + WINDOW_BYTES + PADDING_BYTES) / PAGE_BYTES);

/** What `scanner.as` exports. */
export interface ScannerExports extends WebAssembly.Exports {
  usePlan(
    root: number,
    fields: number,
    choices: number,
    totals: number,
    records: number,
    turns: number,
    kinds: number,
  ): void;
  stopTally(): void;
  beginTally(): void;
  beginChild(isAfterTotals: boolean): void;
  tallyFrom(): number;
  useSetting(index: number): void;
  clearRows(): void;
  forgetTotal(): void;
  addRun(start: number, end: number, from: number, to: number, above: number, upTo: number): number;
  areSame(a: number, b: number, length: number): number;
  findNewline(from: number): number;
  next(from: number, end: number): number;
  readTime(start: number, end: number): number;
}

/** The scanner in its memory. */
export interface Engine {
  readonly wasm: ScannerExports;
  /** All of its memory, in three ways. */
  readonly bytes: Uint8Array;
  readonly words: Uint32Array;
  readonly doubles: Float64Array;
  /** Has it look for what a client looks for; answers the view of the line that it picks. */
  use(client: UsageClient): LineView;
}

let ownEngine: Engine | undefined;

/** The engine of this thread. */
export function shareEngine(): Engine {
  return ownEngine ??= openEngine();
}

function openEngine(): Engine {
  const memory = new WebAssembly.Memory({ initial: MEMORY_PAGES, maximum: MEMORY_PAGES });
  const module = new WebAssembly.Module(decodeBase64(SCANNER_WASM));
  const { exports: wasm } = new WebAssembly.Instance(module, { env: { memory } });
  if (!isScanner(wasm)) throw new TypeError("scanner_wasm.ts is not what scanner.as says; run deno task gen");
  const bytes = new Uint8Array(memory.buffer);
  const words = new Uint32Array(memory.buffer);
  let current: { readonly client: UsageClient; readonly view: LineView } | undefined;
  return {
    wasm,
    bytes,
    words,
    doubles: new Float64Array(memory.buffer),
    use(client): LineView {
      if (current?.client === client) return current.view;
      const plan = makePlan(client);
      bytes.set(plan.bytes, PLAN_START);
      wasm.usePlan(
        plan.root,
        plan.fieldCount,
        plan.choices,
        plan.totals,
        plan.records,
        plan.turns,
        plan.kinds,
      );
      current = { client, view: viewPickedLine(memory, wasm.readTime) };
      return current.view;
    },
  };
}

/** A plain loop: a function called for each byte costs a millisecond before it is compiled. */
function decodeBase64(text: string): Uint8Array<ArrayBuffer> {
  const chars = atob(text);
  const bytes = new Uint8Array(chars.length);
  for (let at = 0; at < chars.length; at++) bytes[at] = chars.charCodeAt(at);
  return bytes;
}

function isScanner(exports: WebAssembly.Exports): exports is ScannerExports {
  const names = [
    "usePlan",
    "forgetTotal",
    "stopTally",
    "beginTally",
    "beginChild",
    "tallyFrom",
    "useSetting",
    "clearRows",
    "addRun",
    "areSame",
    "findNewline",
    "next",
    "readTime",
  ];
  return names.every((name) => typeof exports[name] === "function");
}
