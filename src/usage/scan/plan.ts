/**
 * Writes down for the scanner what to look for, in the form that `scanner.as` reads: a tree of keys, and for the fields
 * that decide what kind of line it is, which kinds remain possible for each text.
 *
 * @module
 */

import type { LineKind, UsageClient } from "../client.ts";

/** Where the plan stands in the scanner's memory; `scanner.as` has the same numbers. */
const PLAN_START = 1024;
const PLAN_END = 32768;
const MAX_FIELDS = 256;

/** Bytes of a plan's parts, as `scanner.as` describes them. */
const KEY_BYTES = 16;
const CHOICES_BYTES = 12;
const CHOICE_BYTES = 12;

/** In place of a field that a line does not have. */
const NO_FIELD = 0xffffffff;

/** What the scanner is told. */
export interface Plan {
  /** The bytes from {@link PLAN_START} on. */
  readonly bytes: Uint8Array;
  readonly root: number;
  readonly choices: number;
  readonly totals: number;
  readonly records: number;
  readonly turns: number;
  /** One bit for each kind of line. */
  readonly kinds: number;
  /** How many fields there are: the client's, in its order, and those on the way to one. */
  readonly fieldCount: number;
}

/** An object on the way, with the keys that matter in it. */
interface Node {
  readonly keys: Map<string, { readonly field: number; readonly node: Node | undefined }>;
}

/** Makes the plan of a client's `fields` and `kinds`. */
export function makePlan({ fields: wanted, kinds }: Pick<UsageClient, "fields" | "kinds">): Plan {
  const fields = new Map(wanted.map((path, index) => [path, index]));
  const deciding = new Set(kinds.flatMap(({ where }) => Object.keys(where)));
  const root = makeTree([...wanted, ...deciding], fields);
  const encoder = new TextEncoder();
  const bytes = new Uint8Array(PLAN_END - PLAN_START);
  const view = new DataView(bytes.buffer);
  let used = 0;
  const reserve = (size: number): number => {
    const at = used;
    used += Math.ceil(size / 8) * 8;
    if (used > bytes.length || fields.size > MAX_FIELDS || kinds.length > 31) {
      throw new RangeError("a client looks for more than the scanner can hold");
    }
    return at;
  };
  const put = (at: number, ...numbers: number[]): void => {
    for (let index = 0; index < numbers.length; index++) {
      view.setUint32(at + index * 4, numbers[index] ?? 0, true);
    }
  };
  const putText = (text: string): { readonly start: number; readonly length: number } => {
    const encoded = encoder.encode(text);
    const at = reserve(encoded.length);
    bytes.set(encoded, at);
    return { start: PLAN_START + at, length: encoded.length };
  };
  const putNode = ({ keys }: Node): number => {
    const at = reserve(4 + keys.size * KEY_BYTES);
    put(at, keys.size);
    let entry = at + 4;
    for (const [key, { field, node }] of keys) {
      const text = putText(key);
      put(entry, text.start, text.length, field, node === undefined ? 0 : putNode(node));
      entry += KEY_BYTES;
    }
    return PLAN_START + at;
  };
  const putChoices = (path: string): number => {
    if (!deciding.has(path)) return 0;
    const texts = new Set(kinds.flatMap(({ where }) => where[path] ?? []));
    /** The kinds that remain for a text, for null (nothing is there), or for anything else. */
    const bits = (found?: string | null): number =>
      kinds.reduce((sum, { where }, kind) => {
        const asked = where[path];
        return asked === undefined || asked === found ? sum | 1 << kind : sum;
      }, 0);
    const at = reserve(CHOICES_BYTES + texts.size * CHOICE_BYTES);
    put(at, bits(), bits(null), texts.size);
    let entry = at + CHOICES_BYTES;
    for (const text of texts) {
      const { start, length } = putText(text);
      put(entry, start, length, bits(text));
      entry += CHOICE_BYTES;
    }
    return PLAN_START + at;
  };
  const rootAt = putNode(root);
  const choices = reserve(fields.size * 4);
  for (const [path, field] of fields) put(choices + field * 4, putChoices(path));
  /** What each kind has of some sort, or 0. */
  const putForKinds = (find: (kind: LineKind) => readonly number[] | undefined): number => {
    const places = reserve(kinds.length * 4);
    for (const [index, kind] of kinds.entries()) {
      const numbers = find(kind);
      if (numbers === undefined) continue;
      const at = reserve(numbers.length * 4);
      put(at, ...numbers);
      put(places + index * 4, PLAN_START + at);
    }
    return PLAN_START + places;
  };
  const totals = putForKinds(({ total }) =>
    total &&
    [total.object, total.counts.length, ...total.counts, total.last.object, ...total.last.counts, total.time]
  );
  const records = putForKinds(({ record }) =>
    record && [record.object, record.session, record.turn, record.id, ...record.counts, record.time]
  );
  const turns = putForKinds(({ turn }) => turn && [turn.turn, turn.model ?? NO_FIELD]);
  return {
    bytes: bytes.subarray(0, used),
    root: rootAt,
    choices: PLAN_START + choices,
    totals,
    records,
    turns,
    kinds: 2 ** kinds.length - 1,
    fieldCount: fields.size,
  };
}

function makeTree(paths: readonly string[], fields: Map<string, number>): Node {
  const root: Node = { keys: new Map() };
  for (const path of new Set(paths)) {
    let node = root;
    for (let start = 0; start <= path.length;) {
      const dot = path.indexOf(".", start);
      const end = dot < 0 ? path.length : dot;
      const key = path.slice(start, end);
      const own = path.slice(0, end);
      const known = node.keys.get(key);
      const field = known?.field ?? fields.get(own) ?? fields.size;
      fields.set(own, field);
      const inner: Node | undefined = known?.node ?? (dot < 0 ? undefined : { keys: new Map() });
      node.keys.set(key, { field, node: inner });
      if (inner !== undefined) node = inner;
      start = end + 1;
    }
  }
  return root;
}
