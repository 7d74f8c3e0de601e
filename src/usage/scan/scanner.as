/**
 * The scanner: finds, in a window of bytes, the lines that matter and picks their fields, without making text of them.
 *
 * Written in AssemblyScript (TypeScript with machine types) and compiled by `deno task gen` into `scanner_wasm.ts`.
 * It knows JSON and lines and no client: what to look for is a plan, which `plan.ts` writes into this memory.
 *
 * It is sure or it passes. Whatever is not strict JSON, or is odd in a place that matters (a field twice, a key with an
 * escape), is answered with LOOK, and JSON.parse has the word. So mistakes here can cost time, not tokens; the one thing
 * that is taken on trust is the rest of a line whose beginning says that it does not matter: it must end like JSON, and
 * does not say a second time, and otherwise, what kind of line it is.
 *
 * Most lines that matter are written by the same program and differ in their values alone. So what stands between the
 * values is remembered, as shapes; a line of a known shape is compared with it instead of being read key by key, and with
 * the latest line of that shape, so that only the values that changed are read.
 *
 * Memory: bytes that are sought from SOUGHT_START, answers from ANSWER_START, what lines said that do not matter from
 * SKIP_START, the plan behind them, one entry per field from FIELDS_START, open containers from
 * STACK_START, what is tallied from ROWS_START, what a child of the log may ask of it from TOTALS_START, shapes from
 * SHAPES_START, and the window behind it all. Behind the window's last byte stands a newline, so that every loop ends
 * there.
 */

// ---------------------------------------------------------------------------------------------- memory

// The same numbers stand in plan.ts and engine.ts.
const SOUGHT_START: usize = 0;
const ANSWER_START: usize = 64;
const SKIP_START: usize = 512;
const FIELDS_START: usize = 32768;
const STACK_START: usize = 49152;
const DECIDING_START: usize = 57344;
const LATEST_START: usize = 61440;
const ROWS_START: usize = 65536;
const ROWS_END: usize = 131072;
const TALLY_START: usize = 131072;
const IDS_START: usize = 196608;
const TOTALS_START: usize = 327680;
const TOTALS_END: usize = 393216;
const NAMES_START: usize = 393216;
const NAMES_END: usize = 458752;
const SHAPES_START: usize = 458752;
const HEADS_START: usize = 589824;
const KEPT_START: usize = 593920;

/** How deep containers may nest before JSON.parse has to look; real lines are some ten levels deep. */
const MAX_DEPTH: i32 = 1000;

/** An entry of a field: stamp and kind, start, end (u32 each), padding, and the value of a count (f64). */
const FIELD_BYTES: usize = 24;

// What a field holds, in the low byte of its first word; the numbers stand in scanner.ts too.
const ABSENT: u32 = 0;
const OBJECT: u32 = 1;
const TEXT: u32 = 2;
/** A text with escapes in it. */
const ESCAPED: u32 = 3;
/** A whole number from 0, of at most fifteen digits: a double holds it exactly. */
const COUNT: u32 = 4;
const NUMBER: u32 = 5;
const OTHER: u32 = 6;

// ---------------------------------------------------------------------------------------------- answers

/** The window ends inside a line of which nothing can be said yet; `lineStart` is its first byte. */
const MORE: i32 = 0;
/** A line that matters; its fields are picked. */
const PICKED: i32 = 1;
/** A line that JSON.parse has to look at. */
const LOOK: i32 = 2;
/** The window ends inside a line that does not matter. */
const SKIPPING: i32 = 3;
/** There is no room for what another line may tell of; `lineStart` is the first byte of the line that comes next. */
const FULL: i32 = 4;
/** The log is none that can be tallied here. */
const REFUSED: i32 = 5;

let lineStart: usize = 0;
/** The line's newline. */
let lineEnd: usize = 0;
/** Which kinds of line the picked one is, one bit each. */
let picked: u32 = 0;
/** What the upper bytes of a field's first word hold when it belongs to this line, and not to one before. */
let stamp: u32 = 0;
/** How many closing braces a line that is skipped must end with. */
let closers: i32 = 0;

// ---------------------------------------------------------------------------------------------- the plan

/**
 * A node is an object of which some keys matter: u32 number of keys, then for each key 16 bytes: u32 start of its
 * text, u32 length, u32 field, u32 node of its value or 0.
 */
let rootNode: usize = 0;
let fieldsEnd: usize = 0;
let allKinds: u32 = 0;
/**
 * For each field u32: 0, or where its choices stand: u32 kinds that remain when no choice fits, u32 kinds that remain
 * when the field is missing, u32 number of choices, then for each: u32 start of the text, u32 length, u32 kinds that
 * remain.
 */
let choicesStart: usize = 0;
/**
 * For each kind u32: 0, or where its total stands: u32 field of the object, u32 number of counts, u32 field of each; then,
 * of what it says of the latest response alone, u32 field of the object, u32 field of each count; u32 field of the time.
 */
let totalsStart: usize = 0;
/**
 * For each kind u32: 0, or where its record stands: u32 fields of the object, the session, the turn and the response's id,
 * u32 field of each count, u32 field of the time.
 */
let recordsStart: usize = 0;
/**
 * For each kind u32: 0, or where what begins with it stands: u32 field of the turn, u32 field of the model that answers in
 * it, or NO_FIELD when the line does not say it.
 */
let turnsStart: usize = 0;
const NO_FIELD: u32 = 0xffffffff;
/** How many fields decide what kind of line it is; from DECIDING_START u32 each. */
let deciding: u32 = 0;

export function usePlan(
  root: usize,
  fields: u32,
  choices: usize,
  totals: usize,
  records: usize,
  turns: usize,
  kinds: u32,
): void {
  rootNode = root;
  fieldsEnd = FIELDS_START + <usize> fields * FIELD_BYTES;
  choicesStart = choices;
  totalsStart = totals;
  recordsStart = records;
  turnsStart = turns;
  allKinds = kinds;
  store<u8>(SOUGHT_START, <u8> NEWLINE, NEWLINE_SOUGHT);
  store<u8>(SOUGHT_START, <u8> QUOTE, QUOTE_SOUGHT);
  store<u8>(SOUGHT_START, <u8> BACKSLASH, BACKSLASH_SOUGHT);
  store<u8>(SOUGHT_START, <u8> LAST_CONTROL, CONTROL_SOUGHT);
  deciding = 0;
  for (let field: u32 = 0; field < fields; field++) {
    if (choicesOf(field) == 0) continue;
    store<u32>(DECIDING_START + <usize> deciding * 4, field);
    deciding++;
  }
  memory.fill(SHAPES_START, 0, KEPT_START - SHAPES_START);
  nextHead = HEADS_START;
  latestHead = HEADS_START;
  memory.fill(SKIP_START, 0, SKIP_END - SKIP_START);
  shape = 0;
  forgetTotal();
}

// ---------------------------------------------------------------------------------------------- bytes

const NEWLINE: u32 = 10;
const QUOTE: u32 = 34;
const COMMA: u32 = 44;
const COLON: u32 = 58;
const OPEN_ARRAY: u32 = 91;
const BACKSLASH: u32 = 92;
const CLOSE_ARRAY: u32 = 93;
const OPEN: u32 = 123;
const CLOSE: u32 = 125;
/** The last byte that no string holds as it is. */
const LAST_CONTROL: u32 = 31;

// Bytes that are sought sixteen at a time, at their places from SOUGHT_START: a constant of sixteen would be made anew in
// every round of a loop (V8 13, seen 2026-11), what comes from memory is kept in a register.
const NEWLINE_SOUGHT: usize = 0;
const QUOTE_SOUGHT: usize = 1;
const BACKSLASH_SOUGHT: usize = 2;
const CONTROL_SOUGHT: usize = 3;

/** The next newline, 64 bytes at a time; there is one behind the window. */
export function findNewline(from: usize): usize {
  const wanted = v128.load8_splat(SOUGHT_START, NEWLINE_SOUGHT);
  let at = from;
  while (true) {
    const a = i8x16.eq(v128.load(at), wanted);
    const b = i8x16.eq(v128.load(at, 16), wanted);
    const c = i8x16.eq(v128.load(at, 32), wanted);
    const d = i8x16.eq(v128.load(at, 48), wanted);
    if (v128.any_true(v128.or(v128.or(a, b), v128.or(c, d)))) {
      let bits: u64 = <u64> (<u32> i8x16.bitmask(a)) | (<u64> (<u32> i8x16.bitmask(b)) << 16) |
        (<u64> (<u32> i8x16.bitmask(c)) << 32) | (<u64> (<u32> i8x16.bitmask(d)) << 48);
      return at + <usize> ctz(bits);
    }
    at += 64;
  }
}

/** From inside a string to the next byte that is not plain there: a quote, a backslash, or a control character. */
@inline
function findInString(from: usize): usize {
  const quote = v128.load8_splat(SOUGHT_START, QUOTE_SOUGHT);
  const backslash = v128.load8_splat(SOUGHT_START, BACKSLASH_SOUGHT);
  const lastControl = v128.load8_splat(SOUGHT_START, CONTROL_SOUGHT);
  let at = from;
  while (true) {
    const bytes = v128.load(at);
    const odd = v128.or(
      v128.or(i8x16.eq(bytes, quote), i8x16.eq(bytes, backslash)),
      i8x16.le_u(bytes, lastControl),
    );
    const bits = i8x16.bitmask(odd);
    if (bits != 0) return at + <usize> ctz(bits);
    at += 16;
  }
}

@inline
function isHex(byte: u32): bool {
  return byte - 48 < 10 || (byte | 32) - 97 < 6;
}

/** True when a string had an escape. */
let hadEscape: bool = false;

/** From behind a string's first quote to its last one, or 0 when it is no strict JSON string. */
function endString(from: usize): usize {
  hadEscape = false;
  let at = from;
  while (true) {
    at = findInString(at);
    const byte: u32 = load<u8>(at);
    if (byte == QUOTE) return at;
    if (byte != BACKSLASH) return 0;
    hadEscape = true;
    const next: u32 = load<u8>(at, 1);
    if (next == 117) {
      if (
        !isHex(load<u8>(at, 2)) || !isHex(load<u8>(at, 3)) || !isHex(load<u8>(at, 4)) || !isHex(load<u8>(at, 5))
      ) return 0;
      at += 6;
    } else if (
      // n " \ t r / b f
      next == 110 || next == QUOTE || next == BACKSLASH || next == 116 || next == 114 || next == 47 ||
      next == 98 || next == 102
    ) {
      at += 2;
    } else return 0;
  }
}

@inline
function skipSpace(from: usize): usize {
  let at = from;
  while (true) {
    const byte: u32 = load<u8>(at);
    if (byte > 32 || (byte != 32 && byte != 9 && byte != 13)) return at;
    at++;
  }
}

@inline
function isDigit(byte: u32): bool {
  return byte - 48 < 10;
}

/** What a number is: COUNT with {@link count}, NUMBER, or ABSENT when it is none. */
let count: f64 = 0;
let numberEnd: usize = 0;

function readNumber(from: usize): u32 {
  let at = from;
  let kind = COUNT;
  if (load<u8>(at) == 45) {
    kind = NUMBER;
    at++;
  }
  const digits = at;
  let value: u64 = 0;
  for (let digit: u32 = load<u8>(at) - 48; digit < 10; digit = load<u8>(++at) - 48) value = value * 10 + digit;
  if (at == digits || (load<u8>(digits) == 48 && at - digits > 1)) return ABSENT;
  if (at - digits > 15) kind = NUMBER;
  if (load<u8>(at) == 46) {
    kind = NUMBER;
    if (!isDigit(load<u8>(++at))) return ABSENT;
    while (isDigit(load<u8>(at))) at++;
  }
  if ((load<u8>(at) | 32) == 101) {
    kind = NUMBER;
    at++;
    const sign: u32 = load<u8>(at);
    if (sign == 43 || sign == 45) at++;
    if (!isDigit(load<u8>(at))) return ABSENT;
    while (isDigit(load<u8>(at))) at++;
  }
  count = <f64> value;
  numberEnd = at;
  return kind;
}

/** From the first letter of `true`, `false` or `null` to behind it, or 0. */
@inline
function endWord(at: usize): usize {
  const word: u32 = load<u32>(at);
  if (word == 0x65757274 || word == 0x6c6c756e) return at + 4;
  return word == 0x736c6166 && load<u8>(at, 4) == 101 ? at + 5 : 0;
}

// ---------------------------------------------------------------------------------------------- keys and choices

/** True when so many bytes are the same in two places. */
export function areSame(a: usize, b: usize, length: usize): bool {
  let done: usize = 0;
  for (; done + 64 <= length; done += 64) {
    const left = v128.xor(v128.load(a + done), v128.load(b + done));
    const right = v128.xor(v128.load(a + done, 16), v128.load(b + done, 16));
    const next = v128.xor(v128.load(a + done, 32), v128.load(b + done, 32));
    const last = v128.xor(v128.load(a + done, 48), v128.load(b + done, 48));
    if (v128.any_true(v128.or(v128.or(left, right), v128.or(next, last)))) return false;
  }
  return isSame(a + done, b + done, length - done);
}

function isSame(a: usize, b: usize, length: usize): bool {
  let done: usize = 0;
  for (; done + 8 <= length; done += 8) if (load<u64>(a + done) != load<u64>(b + done)) return false;
  for (; done < length; done++) if (load<u8>(a + done) != load<u8>(b + done)) return false;
  return true;
}

/** The node's entry of a key, or 0. */
function findKey(node: usize, start: usize, length: usize): usize {
  let entry = node + 4;
  for (let left = load<u32>(node); left > 0; left--) {
    if (load<u32>(entry, 4) == <u32> length && isSame(load<u32>(entry), start, length)) return entry;
    entry += 16;
  }
  return 0;
}

/** The kinds of line that remain possible once a field has this text. */
function chooseText(choices: usize, start: usize, length: usize): u32 {
  let entry = choices + 12;
  for (let left = load<u32>(choices, 8); left > 0; left--) {
    if (load<u32>(entry, 4) == <u32> length && isSame(load<u32>(entry), start, length)) return load<u32>(entry, 8);
    entry += 12;
  }
  return load<u32>(choices);
}

@inline
function choicesOf(field: usize): usize {
  return load<u32>(choicesStart + field * 4);
}

/** The kinds of line that remain possible when a field that decides has no text, or is not there. */
function chooseAbsent(kinds: u32): u32 {
  let left = kinds;
  for (let index: u32 = 0; index < deciding; index++) {
    const field: usize = load<u32>(DECIDING_START + <usize> index * 4);
    const choices = choicesOf(field);
    const word = load<u32>(FIELDS_START + field * FIELD_BYTES) ^ stamp;
    if (word >= 256) left &= load<u32>(choices, 4);
    else if (word != TEXT) left &= load<u32>(choices);
  }
  return left;
}

// ---------------------------------------------------------------------------------------------- shapes

/**
 * A shape says how a line of one kind goes on once that kind is known: u32 node and u32 depth where that is, u32 whether
 * there is a shape, u32 which one of the kind is given up next, u32 length of the latest line's text that is kept, or 0,
 * u32 the shape of the line of this kind that came after the latest one of this shape, u32 the shape of the kind's latest
 * line; then its steps. A step: u16 length of the text up to a value, u16 what comes then, u32 the entry of its field or 0; of
 * the value in the kept text u16 start, u16 end, u32 what it is, f64 the value of a number; and the text.
 *
 * A head is a shape too: how a line begins, up to the first text that decides what kind it is.
 */
const SHAPE_BYTES: usize = 2048;
const SHAPES_OF_KIND: usize = 2;
const SHAPE_STEPS: usize = 28;
const STEP_TEXT: usize = 24;
const HEADS: usize = 2;

// What comes after a step's text: the line's end, a value, the text that decides, or, from MARK on, nothing but what a field is.
const STEP_END: u32 = 0;
const STEP_TEXT_VALUE: u32 = 1;
const STEP_NUMBER: u32 = 2;
const STEP_DECIDING: u32 = 3;
const STEP_MARK: u32 = 16;

/** The shape that is being written down, or 0; where its next step goes, and where that step's text begins. */
let shape: usize = 0;
let shapeEnd: usize = 0;
let textStart: usize = 0;

/** The head that is given up next. */
let nextHead: usize = HEADS_START;
/** The field that decides, at the end of the head that was followed; that head, which the next line most likely has too. */
let headField: usize = 0;
let latestHead: usize = HEADS_START;

/**
 * What the latest lines said behind their heads, up to the last quote of the text that decided that they do not matter:
 * most lines say the same again. Of each: u32 length, or 0, u32 the head's field, u32 how deep that text stands, u32
 * nothing, and the text.
 */
const SKIP_BYTES: usize = 128;
const SKIP_TEXT: usize = 16;
const SKIP_END: usize = SKIP_START + 4 * SKIP_BYTES;
/** The one that is given up next. */
let nextSkip: usize = SKIP_START;

@inline
function isSameText(a: usize, b: usize, length: usize): bool {
  let done: usize = 0;
  for (; done + 16 <= length; done += 16) {
    if (!i8x16.all_true(i8x16.eq(v128.load(a + done), v128.load(b + done)))) return false;
  }
  const rest = (<u32> 1 << <u32> (length - done)) - 1;
  return (i8x16.bitmask(i8x16.eq(v128.load(a + done), v128.load(b + done))) & rest) == rest;
}

/** Where one text begins to differ from another one; the limit when it does not before that. */
@inline
function findDifference(text: usize, other: usize, limit: usize): usize {
  const shift = other - text;
  let at = text;
  while (at < limit) {
    const bits = i8x16.bitmask(i8x16.eq(v128.load(at), v128.load(at + shift))) ^ 0xffff;
    if (bits != 0) {
      at += <usize> ctz(bits);
      break;
    }
    at += 16;
  }
  return at < limit ? at : limit;
}

/** What the steps of a shape set is set no more: the line is read anew, and no field may seem to be there twice. */
function unsetFields(known: usize, end: usize): void {
  for (let step = known + SHAPE_STEPS; step < end; step += STEP_TEXT + <usize> load<u16>(step)) {
    const field: usize = load<u32>(step, 4);
    if (field != 0) store<u32>(field, 0);
  }
}

/** Where the latest line of a shape is kept, from where the shape begins: there is room for SHAPE_BYTES of it. */
@inline
function keptOf(known: usize): usize {
  return KEPT_START + (known - SHAPES_START);
}

/**
 * Reads the rest of a line by what differs from the latest one of a shape: the address of its newline, or 0 when it has
 * another shape. What does not differ has been read once and means the same.
 */
function followKept(from: usize, known: usize): usize {
  const kept = keptOf(known);
  const limit = kept + <usize> load<u32>(known, 16);
  let shift = from - kept;
  let differs = findDifference(kept, from, limit);
  let hasChanged = false;
  let step = known + SHAPE_STEPS;
  while (true) {
    const then: u32 = load<u16>(step, 2);
    const field: usize = load<u32>(step, 4);
    // The field was there before: in a line of another order of keys, or twice, which reading it key by key tells.
    if (field != 0 && (load<u32>(field) ^ stamp) < 256) break;
    if (then == STEP_END) {
      if (differs < limit) break;
      const newline = limit - 1 + shift;
      if (hasChanged) keep(from, newline, known);
      return newline;
    }
    if (then >= STEP_MARK) store<u32>(field, stamp | (then - STEP_MARK));
    else {
      const start = kept + <usize> load<u16>(step, 8);
      const end = kept + <usize> load<u16>(step, 10);
      const value = start + shift;
      if (differs <= end) {
        if (differs < start) break;
        hasChanged = true;
        const behind = readValue(then, value, step);
        if (behind == 0) break;
        shift = behind - end;
        differs = findDifference(end, behind, limit);
      }
      if (hasChanged) placeValue(step, value - from, end + shift - from);
      if (field != 0) putValue(field, step, value, end + shift);
    }
    step += STEP_TEXT + <usize> load<u16>(step);
  }
  unsetFields(known, step);
  if (hasChanged) store<u32>(known, 0, 16);
  return 0;
}

/** Reads the rest of a line by a shape: the address of its newline, or 0 when it has another one. */
function followShape(from: usize, known: usize): usize {
  let at = from;
  let step = known + SHAPE_STEPS;
  while (true) {
    const length: usize = load<u16>(step);
    if (!isSameText(step + STEP_TEXT, at, length)) break;
    at += length;
    const then: u32 = load<u16>(step, 2);
    const field: usize = load<u32>(step, 4);
    if (field != 0 && (load<u32>(field) ^ stamp) < 256) break;
    if (then == STEP_DECIDING) {
      headField = field;
      return at;
    }
    if (then == STEP_END) {
      if (load<u8>(at) != NEWLINE) break;
      keep(from, at, known);
      return at;
    }
    if (then >= STEP_MARK) store<u32>(field, stamp | (then - STEP_MARK));
    else {
      const value = at;
      at = readValue(then, value, step);
      if (at == 0) break;
      placeValue(step, value - from, at - from);
      if (field != 0) putValue(field, step, value, at);
    }
    step += STEP_TEXT + length;
  }
  unsetFields(known, step);
  return 0;
}

/** Reads a step's value, notes what it is, and answers where it ends, or 0 when it is none. */
@inline
function readValue(then: u32, at: usize, step: usize): usize {
  if (then == STEP_NUMBER) {
    const kind = readNumber(at);
    if (kind == ABSENT) return 0;
    store<u32>(step, kind, 12);
    store<f64>(step, count, 16);
    return numberEnd;
  }
  const end = endString(at);
  store<u32>(step, hadEscape ? ESCAPED : TEXT, 12);
  return end;
}

/** Notes where a step's value stands in the text that will be kept, should there be room for it. */
@inline
function placeValue(step: usize, start: usize, end: usize): void {
  store<u16>(step, <u16> start, 8);
  store<u16>(step, <u16> end, 10);
}

/** Sets a field to a step's value. */
@inline
function putValue(field: usize, step: usize, start: usize, end: usize): void {
  store<u32>(field, stamp | load<u32>(step, 12));
  store<u32>(field, <u32> start, 4);
  store<u32>(field, <u32> end, 8);
  store<f64>(field, load<f64>(step, 16), 16);
}

/** Keeps a line's text with its newline, for the next one to be compared with. */
@inline
function keep(from: usize, newline: usize, known: usize): void {
  const length = newline + 1 - from;
  if (length > SHAPE_BYTES) {
    store<u32>(known, 0, 16);
    return;
  }
  store<u32>(known, <u32> length, 16);
  memory.copy(keptOf(known), from, length);
}

/** Follows the shapes of a kind, from behind the text that said which kind it is; else begins to write one down. */
function tryShapes(kinds: u32, at: usize, depth: i32, node: usize): usize {
  const first = SHAPES_START + <usize> ctz(kinds) * SHAPES_OF_KIND * SHAPE_BYTES;
  // Lines of two shapes may take turns: what came after the latest one before is tried first.
  const latest: usize = load<u32>(first, 24);
  let known: usize = latest == 0 ? 0 : load<u32>(latest, 20);
  if (known == 0) known = first;
  for (let left = SHAPES_OF_KIND; left > 0; left--) {
    if (load<u32>(known, 8) != 0 && load<u32>(known) == <u32> node && load<u32>(known, 4) == <u32> depth) {
      const newline = load<u32>(known, 16) != 0 ? followKept(at, known) : followShape(at, known);
      if (newline != 0) {
        noteLatest(first, latest, known);
        return newline;
      }
    }
    known += SHAPE_BYTES;
    if (known == first + SHAPES_OF_KIND * SHAPE_BYTES) known = first;
  }
  const next: usize = load<u32>(first, 12);
  store<u32>(first, <u32> ((next + 1) % SHAPES_OF_KIND), 12);
  beginShape(first + next * SHAPE_BYTES, at);
  noteLatest(first, latest, shape);
  store<u32>(shape, <u32> node);
  store<u32>(shape, <u32> depth, 4);
  return 0;
}

/** Notes that a line has a shape, and that it came after the latest one of its kind. */
@inline
function noteLatest(first: usize, latest: usize, known: usize): void {
  if (latest != 0) store<u32>(latest, <u32> known, 20);
  store<u32>(first, <u32> known, 24);
}

/** Follows the heads: the address behind the first quote of the text that decides; else 0, and begins to write one down. */
@inline
function tryHeads(start: usize): usize {
  let known = latestHead;
  for (let left = HEADS; left > 0; left--) {
    if (load<u32>(known, 8) != 0) {
      const text = followShape(start, known);
      if (text != 0) {
        latestHead = known;
        return text;
      }
    }
    known = otherHead(known);
  }
  beginShape(nextHead, start);
  return 0;
}

@inline
function otherHead(head: usize): usize {
  return head == HEADS_START ? HEADS_START + SHAPE_BYTES : HEADS_START;
}

/** What was kept of a line that said the same behind a head and does not matter, or 0. */
@inline
function findSkipped(text: usize): usize {
  for (let known = SKIP_START; known < SKIP_END; known += SKIP_BYTES) {
    const length: usize = load<u32>(known);
    if (length != 0 && load<u32>(known, 4) == <u32> headField && isSameText(known + SKIP_TEXT, text, length)) return known;
  }
  return 0;
}

/** Keeps what a line said behind its head until it did not matter, unless that is too long. */
@inline
function keepSkipped(text: usize, quote: usize, depth: i32): void {
  const length = quote + 1 - text;
  if (length > SKIP_BYTES - SKIP_TEXT) return;
  store<u32>(nextSkip, <u32> length);
  store<u32>(nextSkip, <u32> headField, 4);
  store<u32>(nextSkip, <u32> depth, 8);
  memory.copy(nextSkip + SKIP_TEXT, text, length);
  nextSkip += SKIP_BYTES;
  if (nextSkip == SKIP_END) nextSkip = SKIP_START;
}

/** Says that the head is written down that ends here, at the text that decides; such a text may stand deeper, too. */
@inline
function endHead(text: usize, field: usize, depth: i32): void {
  if (shape == nextHead && depth == 1) {
    addStep(text, STEP_DECIDING, field);
    if (shape != 0) {
      store<u32>(shape, 1, 8);
      nextHead = otherHead(nextHead);
    }
  }
  shape = 0;
}

function beginShape(known: usize, at: usize): void {
  shape = known;
  store<u32>(shape, 0, 8);
  store<u32>(shape, 0, 16);
  shapeEnd = shape + SHAPE_STEPS;
  textStart = at;
}

/** Writes down a step whose text ends here; a shape that gets too long is given up. */
function addStep(end: usize, then: u32, field: usize): void {
  if (shape == 0) return;
  const length = end - textStart;
  if (shapeEnd + STEP_TEXT + length > shape + SHAPE_BYTES) {
    shape = 0;
    return;
  }
  store<u16>(shapeEnd, <u16> length);
  store<u16>(shapeEnd, <u16> then, 2);
  store<u32>(shapeEnd, <u32> field, 4);
  memory.copy(shapeEnd + STEP_TEXT, textStart, length);
  shapeEnd += STEP_TEXT + length;
  textStart = end;
}

// ---------------------------------------------------------------------------------------------- fields

@inline
function putText(field: usize, start: usize, end: usize): void {
  store<u32>(field, stamp | (hadEscape ? ESCAPED : TEXT));
  store<u32>(field, <u32> start, 4);
  store<u32>(field, <u32> end, 8);
}

@inline
function putNumber(field: usize, kind: u32, start: usize): void {
  store<u32>(field, stamp | kind);
  store<u32>(field, <u32> start, 4);
  store<u32>(field, <u32> numberEnd, 8);
  store<f64>(field, count, 16);
}

// ---------------------------------------------------------------------------------------------- totals

/** Where the total stands that was found in the line before, or 0; its counts are kept from LATEST_START, f64 each. */
let latestTotal: usize = 0;

/** Says that a total which comes next may not be taken for a repetition. */
export function forgetTotal(): void {
  latestTotal = 0;
}

/** True when the picked line says the same total as the one before. */
function isTotalAgain(): bool {
  const total: usize = load<u32>(totalsStart + <usize> ctz(picked) * 4);
  if (total == 0 || (load<u32>(FIELDS_START + <usize> load<u32>(total) * FIELD_BYTES) ^ stamp) != OBJECT) {
    latestTotal = 0;
    return false;
  }
  let isAgain = latestTotal == total;
  latestTotal = total;
  const counts: usize = load<u32>(total, 4);
  for (let index: usize = 0; index < counts; index++) {
    const field = FIELDS_START + <usize> load<u32>(total + index * 4, 8) * FIELD_BYTES;
    const word = load<u32>(field) ^ stamp;
    // Of anything but a count it is not for here to say what it counts as.
    if (word < 256 && word != COUNT) {
      latestTotal = 0;
      return false;
    }
    const value: f64 = word == COUNT ? load<f64>(field, 16) : 0;
    if (value != load<f64>(LATEST_START + index * 8)) {
      store<f64>(LATEST_START + index * 8, value);
      isAgain = false;
    }
  }
  return isAgain;
}

// ---------------------------------------------------------------------------------------------- the tally

/**
 * A log is tallied here where that is simple: a running total that only grows, records that stand right before the total
 * that they go with, each of the log's own session and of the turn that began last. Every response becomes a row, f64
 * each: what holds for it (a number that was handed in), its time, its counts, with a zero behind the third. Anything
 * else is refused.
 *
 * The log of a child session is tallied from its own first line on; which one that is, and what its first total is to be
 * compared with, the language around says. What a child may ask of its parent is written down for every log: its totals as
 * they change (f64 each: the time and the counts), and the names of its turns (u16 length, and the text).
 *
 * Counts are, in this order: input, the part of it read from the cache, the part written to it, output, reasoning.
 */
const COUNTS: usize = 5;
const ROW_BYTES: usize = 64;
const TOTAL_BYTES: usize = 48;

// Five counts each: the running total, the one of this line, what it says of the latest response, the record before.
const TOTAL_COUNTS: usize = TALLY_START;
const LINE_COUNTS: usize = TALLY_START + 64;
const LAST_COUNTS: usize = TALLY_START + 128;
const ADVANCE_COUNTS: usize = TALLY_START + 192;
const RECORD_COUNTS: usize = TALLY_START + 256;

/** Texts: u32 length, and the text: the session that the log is of, which is handed in, the latest turn and its model. */
const SESSION_TEXT: usize = TALLY_START + 1024;
const TURN_TEXT: usize = TALLY_START + 2048;
const MODEL_TEXT: usize = TALLY_START + 3072;
const TEXT_BYTES: usize = 1024;

/** A hash table of the responses' ids, u64 each; two that look the same refuse the log. */
const IDS: usize = 16384;
const MAX_IDS: u32 = 12000;

const OUTSIDE: u32 = 0;
const TOOK: u32 = 1;
const REFUSE: u32 = 2;

// What stood before, of advances of the total and of records.
const NOTHING: u32 = 0;
const RECORD: u32 = 1;
const RECORDED_ADVANCE: u32 = 2;
const ADVANCE: u32 = 3;

let isTallying: bool = false;
let hasSession: bool = false;
/** The log is that of a child: what a line does not say may be its parent's. */
let isOfChild: bool = false;
/** It is known what the next total is to be compared with. */
let hasTotal: bool = false;
/** A total stands among those that are written down, or before them. */
let hasListed: bool = false;
let hasTurn: bool = false;
let hasModel: bool = false;
let before: u32 = NOTHING;
let setting: f64 = 0;
let ids: u32 = 0;
let rowEnd: usize = ROWS_START;
let totalEnd: usize = TOTALS_START;
let nameEnd: usize = NAMES_START;

/** Says that the lines which come next are not to be tallied. */
export function stopTally(): void {
  isTallying = false;
  clearRows();
}

/** Begins a log: from here on its lines are tallied. */
export function beginTally(): void {
  isTallying = true;
  isOfChild = false;
  hasTotal = true;
  hasListed = false;
  hasSession = false;
  hasTurn = false;
  hasModel = false;
  before = NOTHING;
  clearRows();
  memory.fill(TOTAL_COUNTS, 0, COUNTS * 8);
  if (ids > 0) memory.fill(IDS_START, 0, IDS * 8);
  ids = 0;
}

/**
 * Begins a child's own part of its log.
 *
 * @param isAfterTotals totals stand before it
 */
export function beginChild(isAfterTotals: bool): void {
  beginTally();
  isOfChild = true;
  hasTotal = false;
  hasListed = isAfterTotals;
}

/** Says what holds for the responses that come next, and that the session's text was handed in. */
export function useSetting(index: f64): void {
  setting = index;
  hasSession = true;
}

/** Says that what was tallied so far was taken. */
export function clearRows(): void {
  rowEnd = ROWS_START;
  totalEnd = TOTALS_START;
  nameEnd = NAMES_START;
  storeEnds();
}

function storeEnds(): void {
  store<u32>(ANSWER_START, <u32> rowEnd, 24);
  store<u32>(ANSWER_START, <u32> totalEnd, 28);
  store<u32>(ANSWER_START, <u32> nameEnd, 32);
}

/** True when there may be no room for what another line tells of. */
@inline
function isFull(): bool {
  return rowEnd + ROW_BYTES > ROWS_END || totalEnd + TOTAL_BYTES > TOTALS_END || nameEnd + TEXT_BYTES > NAMES_END;
}

@inline
function entryOf(field: u32): usize {
  return FIELDS_START + <usize> field * FIELD_BYTES;
}

@inline
function isObject(field: u32): bool {
  return (load<u32>(entryOf(field)) ^ stamp) == OBJECT;
}

/** Reads counts; false when one is a number that only the language around can count with. */
function readCounts(fields: usize, into: usize): bool {
  for (let index: usize = 0; index < COUNTS; index++) {
    const entry = entryOf(load<u32>(fields + index * 4));
    const word = load<u32>(entry) ^ stamp;
    if (word == NUMBER) return false;
    store<f64>(into + index * 8, word == COUNT ? load<f64>(entry, 16) : 0);
  }
  return true;
}

function haveSameCounts(a: usize, b: usize): bool {
  for (let at: usize = 0; at < COUNTS * 8; at += 8) if (load<f64>(a + at) != load<f64>(b + at)) return false;
  return true;
}

function areNothing(counts: usize): bool {
  for (let at: usize = 0; at < COUNTS * 8; at += 8) if (load<f64>(counts + at) != 0) return false;
  return true;
}

/** The line's time, or -1. */
function readLineTime(field: u32): f64 {
  const entry = entryOf(field);
  if ((load<u32>(entry) ^ stamp) != TEXT) return -1;
  return readTime(load<u32>(entry, 4), load<u32>(entry, 8));
}

function addRow(at: f64, counts: usize): void {
  store<f64>(rowEnd, setting);
  store<f64>(rowEnd, at, 8);
  store<f64>(rowEnd, load<f64>(counts), 16);
  store<f64>(rowEnd, load<f64>(counts, 8), 24);
  store<f64>(rowEnd, load<f64>(counts, 16), 32);
  store<f64>(rowEnd, 0, 40);
  store<f64>(rowEnd, load<f64>(counts, 24), 48);
  store<f64>(rowEnd, load<f64>(counts, 32), 56);
  rowEnd += ROW_BYTES;
}

function listTotal(at: f64): void {
  store<f64>(totalEnd, at);
  memory.copy(totalEnd + 8, LINE_COUNTS, COUNTS * 8);
  totalEnd += TOTAL_BYTES;
  hasListed = true;
}

/** Says what the total of the picked line is to be compared with, which stands at TOTAL_COUNTS, and tallies it. */
export function tallyFrom(): bool {
  hasTotal = true;
  const isTaken = tallyLine() == TOOK;
  storeEnds();
  return isTaken;
}

function tallyTotal(total: usize): u32 {
  const lastPlace = total + 8 + COUNTS * 4;
  const hasLast = isObject(load<u32>(lastPlace));
  // It tells of rate limits only.
  if (!isObject(load<u32>(total))) return hasLast ? REFUSE : TOOK;
  if (!hasSession || load<u32>(total, 4) != <u32> COUNTS || !readCounts(total + 8, LINE_COUNTS)) return REFUSE;
  if (!hasTotal) return OUTSIDE;
  const isSame = haveSameCounts(LINE_COUNTS, TOTAL_COUNTS);
  if (isSame && hasListed) return TOOK;
  const at = readLineTime(load<u32>(lastPlace + 4 + COUNTS * 4));
  if (at < 0) return REFUSE;
  listTotal(at);
  if (isSame) return TOOK;
  for (let part: usize = 0; part < COUNTS * 8; part += 8) {
    const advance = load<f64>(LINE_COUNTS + part) - load<f64>(TOTAL_COUNTS + part);
    if (advance < 0) return REFUSE;
    store<f64>(ADVANCE_COUNTS + part, advance);
  }
  if (hasLast) {
    if (!readCounts(lastPlace + 4, LAST_COUNTS) || !haveSameCounts(LAST_COUNTS, ADVANCE_COUNTS)) return REFUSE;
    // A counter that began anew can look like one that grew.
    if (!areNothing(TOTAL_COUNTS) && haveSameCounts(LAST_COUNTS, LINE_COUNTS)) return REFUSE;
  }
  memory.copy(TOTAL_COUNTS, LINE_COUNTS, COUNTS * 8);
  if (before == RECORD) {
    before = RECORDED_ADVANCE;
    // The parts that every version tells in both kinds of lines: input, what was cached of it, output.
    const isRecorded = load<f64>(ADVANCE_COUNTS) == load<f64>(RECORD_COUNTS) &&
      load<f64>(ADVANCE_COUNTS, 8) == load<f64>(RECORD_COUNTS, 8) &&
      load<f64>(ADVANCE_COUNTS, 24) == load<f64>(RECORD_COUNTS, 24);
    return isRecorded ? TOOK : REFUSE;
  }
  before = ADVANCE;
  addRow(at, ADVANCE_COUNTS);
  return TOOK;
}

function tallyRecord(record: usize): u32 {
  if (!isObject(load<u32>(record))) return TOOK;
  const at = readLineTime(load<u32>(record + 16 + COUNTS * 4));
  // A record may also stand behind its total.
  if (!hasSession || at < 0 || before == ADVANCE || !readCounts(record + 16, RECORD_COUNTS)) return REFUSE;
  if (!isOf(load<u32>(record, 4), SESSION_TEXT) || (hasTurn && !isOf(load<u32>(record, 8), TURN_TEXT))) return REFUSE;
  // Without its session it may be the parent's, and without a turn of the child's own, of one of the parent's.
  if (isOfChild && (!hasTurn || !hasText(load<u32>(record, 4)))) return REFUSE;
  if (!addId(load<u32>(record, 12))) return REFUSE;
  before = RECORD;
  if (!areNothing(RECORD_COUNTS)) addRow(at, RECORD_COUNTS);
  return TOOK;
}

/** True when the line's field is this text, or the line does not have it. */
function isOf(field: u32, text: usize): bool {
  const entry = entryOf(field);
  const word = load<u32>(entry) ^ stamp;
  if (word >= 256) return true;
  if (word != TEXT) return false;
  const start: usize = load<u32>(entry, 4);
  const length: u32 = load<u32>(entry, 8) - <u32> start;
  return length == load<u32>(text) && isSame(text + 4, start, length);
}

@inline
function hasText(field: u32): bool {
  return (load<u32>(entryOf(field)) ^ stamp) == TEXT;
}

/** True when a field has a text that is not empty, with or without escapes. */
@inline
function saysText(field: u32): bool {
  const entry = entryOf(field);
  const what = load<u32>(entry) ^ stamp;
  return (what == TEXT || what == ESCAPED) && load<u32>(entry, 8) > load<u32>(entry, 4);
}

/** Keeps an id; false when it is none, may be there already, or there are too many. */
function addId(field: u32): bool {
  const entry = entryOf(field);
  if ((load<u32>(entry) ^ stamp) != TEXT || ids >= MAX_IDS) return false;
  const end: usize = load<u32>(entry, 8);
  // FNV-1a, of 64 bits.
  let hash: u64 = 0xcbf29ce484222325;
  for (let at: usize = load<u32>(entry, 4); at < end; at++) hash = (hash ^ <u64> load<u8>(at)) * 0x100000001b3;
  if (hash == 0) return false;
  let slot = <usize> (hash & (IDS - 1));
  while (true) {
    const known = load<u64>(IDS_START + slot * 8);
    if (known == hash) return false;
    if (known == 0) break;
    slot = (slot + 1) & (IDS - 1);
  }
  store<u64>(IDS_START + slot * 8, hash);
  ids++;
  return true;
}

/** Keeps the text of a field; false when it has none that could be compared with. */
function keepText(field: u32, text: usize): bool {
  const entry = entryOf(field);
  const start: usize = load<u32>(entry, 4);
  const length: usize = load<u32>(entry, 8) - <u32> start;
  if (!hasText(field) || length > TEXT_BYTES - 4) return false;
  store<u32>(text, <u32> length);
  memory.copy(text + 4, start, length);
  return true;
}

/** A turn of the model that answers already is nothing new to the language around, nor is one that does not say it. */
function tallyTurn(turn: usize): u32 {
  // What stands before the session may be a parent's.
  if (!hasSession) return OUTSIDE;
  const name: u32 = load<u32>(turn);
  const model: u32 = load<u32>(turn, 4);
  const isNamed = (load<u32>(entryOf(name)) ^ stamp) < 256;
  if (isNamed && !listTurn(name)) return REFUSE;
  if (model == NO_FIELD) return TOOK;
  if (isNamed) {
    // Without a model, an earlier line may have said which one answers in that turn.
    if (!saysText(model) || !keepText(name, TURN_TEXT)) return REFUSE;
    hasTurn = true;
  } else if (hasTurn) return REFUSE; // A record may still be of the turn that has a name.
  if (hasModel && hasText(model) && isOf(model, MODEL_TEXT)) return TOOK;
  hasModel = keepText(model, MODEL_TEXT);
  return OUTSIDE;
}

/** Writes down a turn's name; false when it has none that could be. */
function listTurn(name: u32): bool {
  const entry = entryOf(name);
  const start: usize = load<u32>(entry, 4);
  const length: usize = load<u32>(entry, 8) - <u32> start;
  if (!hasText(name) || length > TEXT_BYTES - 4) return false;
  store<u16>(nameEnd, <u16> length);
  memory.copy(nameEnd + 2, start, length);
  nameEnd += 2 + length;
  return true;
}

/** Tallies the picked line, unless it is one that only the language around understands. */
function tallyLine(): u32 {
  const kind = <usize> ctz(picked) * 4;
  const total: usize = load<u32>(totalsStart + kind);
  if (total != 0) return tallyTotal(total);
  const record: usize = load<u32>(recordsStart + kind);
  if (record != 0) return tallyRecord(record);
  const turn: usize = load<u32>(turnsStart + kind);
  return turn == 0 ? OUTSIDE : tallyTurn(turn);
}

// ---------------------------------------------------------------------------------------------- sums

/** Sums of rows, f64 each: how many there are, the counts of a row, and the latest time. */
const SUMS_START: usize = TALLY_START + 512;

/**
 * Adds up rows from one on that are of its setting, of one stretch of time and of one price, which the time and the input
 * tell; the address behind the last of them.
 */
export function addRun(start: usize, end: usize, from: f64, to: f64, above: f64, upTo: f64): usize {
  const setting = load<f64>(start);
  memory.fill(SUMS_START, 0, 64);
  let latestAt: f64 = -Infinity;
  let rows: f64 = 0;
  let isOdd = false;
  let at = start;
  for (; at < end; at += ROW_BYTES) {
    const time = load<f64>(at, 8);
    const input = load<f64>(at, 16);
    const isOther = load<f64>(at) != setting || time < from || time >= to || input <= above || input > upTo;
    // Parts that are more than the whole are cut when they are priced, which cannot be done to a sum: such a row stands alone.
    const wasOdd = isOdd;
    isOdd = load<f64>(at, 24) + load<f64>(at, 32) > input || load<f64>(at, 40) > load<f64>(at, 32);
    // The first one is taken as it is, so that there is an end whatever the numbers are.
    if (rows > 0 && (isOther || isOdd || wasOdd)) break;
    rows++;
    for (let part: usize = 0; part < 6 * 8; part += 8) {
      store<f64>(SUMS_START + 8 + part, load<f64>(SUMS_START + 8 + part) + load<f64>(at + 16 + part));
    }
    if (time > latestAt) latestAt = time;
  }
  store<f64>(SUMS_START, rows);
  store<f64>(SUMS_START, latestAt, 56);
  return at;
}

// ---------------------------------------------------------------------------------------------- lines

/**
 * Looks for the next line that matters, from the first byte of a line, and answers how the search ended. What else there
 * is to say stands from ANSWER_START: the line's start, its end, the kinds that it is, the stamp, how many lines ended on
 * the way, how many of them did nothing but repeat the total of the line that was picked last, and where the rows, the
 * totals and the names end.
 */
export function next(from: usize, end: usize): i32 {
  lineStart = from;
  let lines: u32 = 0;
  let repeats: u32 = 0;
  let answer = MORE;
  while (lineStart < end) {
    if (isTallying && isFull()) {
      answer = FULL;
      break;
    }
    answer = readLine(lineStart, end);
    if (answer == PICKED) {
      lines++;
      if (isTallying) {
        const tallied = tallyLine();
        if (tallied == OUTSIDE) break;
        if (tallied == REFUSE) {
          answer = REFUSED;
          break;
        }
      } else {
        if (!isTotalAgain()) break;
        repeats++;
      }
      lineStart = lineEnd + 1;
      answer = MORE;
      continue;
    }
    if (answer != SKIPPING) {
      if (answer == LOOK) {
        lines++;
        forgetTotal();
      }
      break;
    }
    lineEnd = findNewline(lineEnd);
    if (lineEnd >= end) break;
    lines++;
    if (!isClosed(lineStart, lineEnd)) {
      answer = LOOK;
      forgetTotal();
      break;
    }
    lineStart = lineEnd + 1;
    answer = MORE;
  }
  store<u32>(ANSWER_START, <u32> lineStart);
  store<u32>(ANSWER_START, <u32> lineEnd, 4);
  store<u32>(ANSWER_START, picked, 8);
  store<u32>(ANSWER_START, stamp, 12);
  store<u32>(ANSWER_START, lines, 16);
  store<u32>(ANSWER_START, repeats, 20);
  storeEnds();
  return answer;
}

/** True when the last bytes before a newline are the braces that must be there. */
function isClosed(start: usize, end: usize): bool {
  let at = end;
  while (at > start) {
    const byte: u32 = load<u8>(at - 1);
    if (byte != 13 && byte != 32 && byte != 9) break;
    at--;
  }
  if (at < start + <usize> closers) return false;
  for (let left = closers; left > 0; left--) if (load<u8>(--at) != CLOSE) return false;
  return true;
}

/** Ends a line that JSON.parse has to look at. */
function look(at: usize, end: usize): i32 {
  lineEnd = findNewline(at);
  return lineEnd >= end ? MORE : LOOK;
}

/**
 * Reads one line; PICKED, LOOK and MORE as above. SKIPPING: it does not matter, `lineEnd` is some byte of it or its
 * newline, `closers` says how it must end.
 */
function readLine(start: usize, end: usize): i32 {
  if (load<u8>(start) != OPEN) return look(start, end);
  stamp += 256;
  if (stamp == 0) {
    memory.fill(FIELDS_START, 0, fieldsEnd - FIELDS_START);
    stamp = 256;
  }
  let kinds = allKinds;
  shape = 0;
  let head = tryHeads(start);
  if (head != 0) {
    const known = findSkipped(head);
    if (known != 0) return skip(head + <usize> load<u32>(known), load<u32>(known, 8));
  }
  const behindHead = head;
  // What is open: for each container u32: the node, or 0 when nothing in it matters, and one bit for arrays.
  let depth: i32 = 1;
  let node = rootNode;
  let isArray = false;
  store<u32>(STACK_START, <u32> node);
  let at = start + 1;
  // An object or array was just opened, so that it may end right here.
  let isFresh = true;
  while (true) {
    let field: usize = 0;
    let inner: usize = 0;
    let isPicked = false;
    // Behind a head stands a text.
    at = head == 0 ? skipSpace(at) : head - 1;
    let byte: u32 = load<u8>(at);
    if (head == 0 && isFresh && byte == (isArray ? CLOSE_ARRAY : CLOSE)) {
      // Falls through to the end of the container.
    } else {
      isFresh = false;
      if (head != 0) {
        head = 0;
        field = headField;
        isPicked = true;
      } else if (!isArray) {
        if (byte != QUOTE) return look(at, end);
        const key = at + 1;
        at = endString(key);
        if (at == 0) return look(key, end);
        if (node != 0) {
          if (hadEscape) return look(at, end);
          const entry = findKey(node, key, at - key);
          if (entry != 0) {
            isPicked = true;
            field = FIELDS_START + <usize> load<u32>(entry, 8) * FIELD_BYTES;
            inner = load<u32>(entry, 12);
            if ((load<u32>(field) ^ stamp) < 256) return look(at, end);
          }
        }
        at = skipSpace(at + 1);
        if (load<u8>(at) != COLON) return look(at, end);
        at = skipSpace(at + 1);
        byte = load<u8>(at);
      }
      // A value.
      if (byte == QUOTE) {
        const text = ++at;
        at = endString(text);
        if (at == 0) return look(text, end);
        if (isPicked) {
          putText(field, text, at);
          const choices = choicesOf((field - FIELDS_START) / FIELD_BYTES);
          if (choices != 0) {
            if (hadEscape) return look(at, end);
            // What decides more than once decides at its end.
            endHead(text, field, depth);
            kinds &= chooseText(choices, text, at - text);
            if (kinds == 0) {
              if (behindHead != 0) keepSkipped(behindHead, at, depth);
              return skip(at + 1, depth);
            }
            if ((kinds & (kinds - 1)) == 0) {
              const newline = tryShapes(kinds, at + 1, depth, node);
              if (newline != 0) {
                if (newline >= end) return MORE;
                lineEnd = newline;
                closers = 0;
                picked = chooseAbsent(kinds);
                return picked == 0 ? SKIPPING : PICKED;
              }
            }
          } else addStep(text, STEP_TEXT_VALUE, field);
        } else addStep(text, STEP_TEXT_VALUE, 0);
        if (textStart == text) textStart = at;
        at++;
      } else if (byte == OPEN || byte == OPEN_ARRAY) {
        if (depth >= MAX_DEPTH) return look(at, end);
        isArray = byte == OPEN_ARRAY;
        if (isPicked) {
          const kind = isArray ? OTHER : OBJECT;
          store<u32>(field, stamp | kind);
          addStep(at, STEP_MARK + kind, field);
        }
        node = isArray ? 0 : inner;
        store<u32>(STACK_START + <usize> depth * 4, <u32> node | <u32> isArray);
        depth++;
        at++;
        isFresh = true;
        continue;
      } else if (byte == 45 || isDigit(byte)) {
        const kind = readNumber(at);
        if (kind == ABSENT) return look(at, end);
        if (isPicked) putNumber(field, kind, at);
        addStep(at, STEP_NUMBER, field);
        if (textStart == at) textStart = numberEnd;
        at = numberEnd;
      } else {
        const behind = endWord(at);
        if (behind == 0) return look(at, end);
        if (isPicked) {
          store<u32>(field, stamp | OTHER);
          addStep(at, STEP_MARK + OTHER, field);
        }
        at = behind;
      }
      at = skipSpace(at);
      byte = load<u8>(at);
    }
    // Behind a value, or at the end of an empty container.
    while (true) {
      if (byte == COMMA && !isFresh) {
        at++;
        break;
      }
      if (byte != (isArray ? CLOSE_ARRAY : CLOSE)) return look(at, end);
      isFresh = false;
      at = skipSpace(at + 1);
      byte = load<u8>(at);
      depth--;
      if (depth == 0) {
        if (byte != NEWLINE) return look(at, end);
        lineEnd = at;
        if (at >= end) return MORE;
        // A head ends at what decides, and a line without that has none.
        if (shape != nextHead) {
          addStep(at, STEP_END, 0);
          if (shape != 0) store<u32>(shape, 1, 8);
        }
        closers = 0;
        picked = chooseAbsent(kinds);
        return picked == 0 ? SKIPPING : PICKED;
      }
      const open = load<u32>(STACK_START + <usize> (depth - 1) * 4);
      isArray = (open & 1) != 0;
      node = open & ~1;
    }
  }
}

/** A line that does not matter from here on; when an object follows right away, one more brace must end it. */
function skip(at: usize, depth: i32): i32 {
  closers = depth;
  lineEnd = at;
  if (load<u8>(at) == COMMA && load<u8>(at, 1) == QUOTE) {
    let key = at + 2;
    while ((<u32> load<u8>(key) | 32) - 97 < 26) key++;
    if (load<u8>(key) == QUOTE && load<u8>(key, 1) == COLON && load<u8>(key, 2) == OPEN) closers++;
  }
  return SKIPPING;
}

// ---------------------------------------------------------------------------------------------- times

@inline
function twoDigits(at: usize): u32 {
  const high: u32 = load<u8>(at) - 48;
  const low: u32 = load<u8>(at, 1) - 48;
  return high < 10 && low < 10 ? high * 10 + low : 1000;
}

/** How many days a month has. */
function lengthOf(month: u32, year: u32): u32 {
  if (month == 2) return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

/** The time at a text of the form 2026-11-23T10:00:00.000Z, in milliseconds since 1970; -1 when it is not just that. */
export function readTime(start: usize, end: usize): f64 {
  if (end - start != 24) return -1;
  const century = twoDigits(start);
  const decade = twoDigits(start + 2);
  const year = century * 100 + decade;
  const month = twoDigits(start + 5);
  const day = twoDigits(start + 8);
  const hour = twoDigits(start + 11);
  const minute = twoDigits(start + 14);
  const second = twoDigits(start + 17);
  const tenths = twoDigits(start + 20);
  const last: u32 = load<u8>(start, 22) - 48;
  if (
    load<u8>(start, 4) != 45 || load<u8>(start, 7) != 45 || load<u8>(start, 10) != 84 || load<u8>(start, 13) != 58 ||
    load<u8>(start, 16) != 58 || load<u8>(start, 19) != 46 || load<u8>(start, 23) != 90
  ) return -1;
  if (
    century > 99 || decade > 99 || year < 1970 || month - 1 > 11 || day - 1 > 30 || hour > 23 || minute > 59 || second > 59 ||
    tenths > 99 || last > 9
  ) return -1;
  // What a day means that the month does not have is left to Date.parse.
  if (day > 28 && day > lengthOf(month, year)) return -1;
  // Days before the first of March of a year, counted from 0000-03-01, so that leap days come last.
  const y: u32 = month > 2 ? year : year - 1;
  const m: u32 = month > 2 ? month - 3 : month + 9;
  const days: u32 = y * 365 + y / 4 - y / 100 + y / 400 + (m * 153 + 2) / 5 + day - 1;
  return (<f64> (days - 719468) * 86400 + <f64> (hour * 3600 + minute * 60 + second)) * 1000 +
    <f64> (tenths * 10 + last);
}
