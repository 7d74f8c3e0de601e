/**
 * Reads a JavaScript regular expression token by token, as far as searching needs to understand it: the pieces of
 * text that every match holds, what must be refused, and the same expression with both cases spelled out.
 *
 * It does not judge syntax: V8 does that. Where it meets something it does not understand, it only learns less.
 * Source: ECMA-262 (2025) 22.2.1 with Annex B.1.2.
 *
 * @module
 */

/** Pieces of text of which a match holds at least one. */
export type Piece = readonly string[];

/** What was learnt, or why the pattern is refused and where (counted from 1). */
export type ReadPattern =
  | {
    readonly ok: true;
    /** Of each, every matching line holds one. */
    readonly pieces: readonly Piece[];
    readonly looksAround: boolean;
    /** It speaks of code points beyond 0xFFFF or of Unicode properties. */
    readonly needsUnicode: boolean;
    /** Matches without the flag `i` what the pattern matches with it; undefined when that cannot be spelled out. */
    readonly folded: string | undefined;
  }
  | { readonly ok: false; readonly problem: string; readonly position: number };

/** Reads a pattern. */
export function readPattern(source: string): ReadPattern {
  const reader = new PatternReader(source);
  try {
    const pieces = reader.readAlternatives(0);
    const { looksAround, needsUnicode, folded } = reader;
    return { ok: true, pieces, looksAround, needsUnicode, folded };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { ok: false, problem: error.message, position: error.position + 1 };
  }
}

class Refusal extends Error {
  constructor(message: string, readonly position: number) {
    super(message);
  }
}

/** What one atom tells: the text it stands for, or the pieces that stand somewhere inside it. */
type Atom = { readonly text: string } | { readonly pieces: readonly Piece[] };

/** Looking for more texts at once costs more than running the expression. */
const mostAlternatives = 8;

const NOTHING: Atom = { pieces: [] };
const CONTROL: Readonly<Record<string, string>> = { t: "\t", v: "\v", f: "\f", "0": "\0" };

class PatternReader {
  looksAround = false;
  needsUnicode = false;
  /** What was read so far, both cases spelled out; undefined from the moment that this cannot be done. */
  folded: string | undefined = "";
  #at = 0;
  readonly #source: string;
  readonly #hasNamedGroup: boolean;

  constructor(source: string) {
    this.#source = source;
    this.#hasNamedGroup = /\(\?<[^=!]/.test(source);
  }

  /** Up to the end, or to the parenthesis that closes the group. */
  readAlternatives(depth: number): readonly Piece[] {
    const alternatives = [this.#readSequence(depth)];
    while (this.#take("|")) alternatives.push(this.#readSequence(depth));
    const [only, ...others] = alternatives;
    if (only !== undefined && others.length === 0) return only;
    const best = alternatives.map(choosePiece);
    const any = best.flatMap((piece) => piece ?? []);
    return best.includes(undefined) || any.length > mostAlternatives ? [] : [any];
  }

  #readSequence(depth: number): readonly Piece[] {
    const pieces: Piece[] = [];
    let run = "";
    while (this.#at < this.#source.length) {
      const next = this.#source.charAt(this.#at);
      if (next === "|" || (next === ")" && depth > 0)) break;
      const atom = this.#readAtom(depth);
      const { least, given } = this.#readQuantifier();
      if ("text" in atom && least > 0) run += atom.text;
      if ("text" in atom && !given) continue;
      if (run !== "") pieces.push([run]);
      run = "";
      if ("pieces" in atom && least > 0) pieces.push(...atom.pieces);
    }
    return run === "" ? pieces : [...pieces, [run]];
  }

  #readAtom(depth: number): Atom {
    const next = this.#source.charAt(this.#at);
    switch (next) {
      case "(":
        return this.#readGroup(depth);
      case "[":
        this.#readClass();
        return NOTHING;
      case "\\":
        return this.#readEscape();
      case "^":
      case "$":
      case ".":
      case ")":
        this.#take(next);
        return NOTHING;
      default:
        return this.#readCharacter();
    }
  }

  #readGroup(depth: number): Atom {
    const opening = /^\((?:\?(?:<[=!]|[=!:]|<[^>]*>|[a-z]*(?:-[a-z]*)?:))?/.exec(this.#source.slice(this.#at))
      ?.[0];
    const lookaround = /^\(\?<?([=!])$/.exec(opening ?? "")?.[1];
    if (lookaround !== undefined) this.looksAround = true;
    this.#take(opening ?? "(");
    // `(?i:` changes what letters mean; then no text inside may be relied on.
    const changesMeaning = /^\(\?[a-z-]+:$/.test(opening ?? "");
    if (changesMeaning) this.folded = undefined;
    // `(?-m:` lets ^ and $ mean the ends of all that is looked at, which then must be one line.
    if (/^\(\?[a-z]*-[a-z]*m/.test(opening ?? "")) this.looksAround = true;
    const pieces = this.readAlternatives(depth + 1);
    this.#take(")");
    return lookaround === "!" || changesMeaning ? NOTHING : { pieces };
  }

  #readEscape(): Atom {
    const from = this.#at;
    const token = this.#takeEscape();
    const reference = /^\\[1-9]/.test(token) || (token === "\\k" && this.#hasNamedGroup);
    if (reference) {
      const whole = /^\\(?:[1-9][0-9]*|k<[^>]*>?)/.exec(this.#source.slice(from))?.[0] ?? token;
      throw new Refusal(`${whole} is a back-reference, which can take exponential time,`, from);
    }
    if (token === "\\n") throw new Refusal("matching is line by line, but \\n is a line break", from);
    const text = escapedCharacter(token);
    this.#addFolded(text, token);
    return text === undefined ? NOTHING : { text };
  }

  /** A class tells nothing about text, but must be spelled out when case is ignored. */
  #readClass(): void {
    const opening = this.#source.startsWith("[^", this.#at) ? "[^" : "[";
    this.#at += opening.length;
    const from = this.#at;
    let folded = "";
    let spellable = true;
    while (this.#at < this.#source.length && this.#source.charAt(this.#at) !== "]") {
      const first = this.#takeClassMember();
      let last = first;
      if (/^-[^\]]/.test(this.#source.slice(this.#at, this.#at + 2))) {
        this.#at++;
        last = this.#takeClassMember();
      }
      if (first === undefined && last === undefined) continue;
      const range = first === undefined || last === undefined ? undefined : otherCases(first, last);
      if (range === undefined) spellable = false;
      else folded += range;
    }
    const members = this.#source.slice(from, this.#at);
    this.#at++;
    if (!spellable) this.folded = undefined;
    if (this.folded === undefined) return;
    // What is added goes in front, where it cannot become the end of a range; nor may it become the start of one.
    const guard = folded !== "" && members.startsWith("-") ? "\\" : "";
    this.folded += `${opening}${folded}${guard}${members}]`;
  }

  /** One character of a class; undefined for `\d` and its like. */
  #takeClassMember(): string | undefined {
    if (this.#source.charAt(this.#at) !== "\\") return this.#takeCharacter();
    const token = this.#takeEscape();
    return token === "\\b" ? "\b" : token === "\\n" ? "\n" : escapedCharacter(token);
  }

  #readCharacter(): Atom {
    const text = this.#takeCharacter();
    this.#addFolded(text, text);
    return { text };
  }

  /** What was read as `written` and stands for `text` is spelled in both cases. */
  #addFolded(text: string | undefined, written: string): void {
    if (text !== undefined && /[^\0-\x7f]/.test(text)) this.folded = undefined;
    if (this.folded === undefined) return;
    this.folded += text !== undefined && /[A-Za-z]/.test(text)
      ? `[${text.toLowerCase()}${text.toUpperCase()}]`
      : written;
  }

  #readQuantifier(): { readonly least: number; readonly given: boolean } {
    const found = /^(?:[*+?]|\{(\d+)(?:,\d*)?\})\??/.exec(this.#source.slice(this.#at, this.#at + 40));
    if (found === null) return { least: 1, given: false };
    this.#take(found[0]);
    return {
      least: found[1] === undefined ? (found[0].startsWith("+") ? 1 : 0) : Number(found[1]),
      given: true,
    };
  }

  #takeEscape(): string {
    const found = ESCAPE.exec(this.#source.slice(this.#at, this.#at + 80))?.[0] ?? "\\";
    this.#at += found.length;
    if (/^\\(?:u\{|[pP]\{)/.test(found)) {
      this.needsUnicode = true;
      this.folded = undefined;
    }
    return found;
  }

  #takeCharacter(): string {
    const text = String.fromCodePoint(this.#source.codePointAt(this.#at) ?? 0);
    this.#at += text.length;
    if (text.length > 1) this.needsUnicode = true;
    return text;
  }

  /** Takes text that stays as it is in `folded`; false when it does not stand here. */
  #take(text: string): boolean {
    if (!this.#source.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    if (this.folded !== undefined) this.folded += text;
    return true;
  }
}

/**
 * The piece that tells most: the one whose shortest text is longest, and of equals the one with fewest texts.
 * Undefined when there is none.
 */
export function choosePiece(pieces: readonly Piece[]): Piece | undefined {
  const worth = (piece: Piece): number => Math.min(...piece.map(worthOf)) - piece.length / 100;
  return pieces.reduce<Piece | undefined>(
    (best, piece) => best === undefined || worth(piece) > worth(best) ? piece : best,
    undefined,
  );
}

function worthOf(text: string): number {
  return COMMON_WORDS.test(text) ? 1 : text.length;
}

/** Words that stand in most source files, whatever their length. */
const COMMON_WORDS =
  /^\W*(async|await|class|const|default|else|export|false|from|function|import|interface|module|name|null|number|object|private|public|require|return|self|static|string|struct|this|true|type|value|void)\W*$/i;

const ESCAPE =
  /^\\(?:u\{[0-9a-fA-F]+\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|c[A-Za-z]|[pP]\{[^}]*\}|0[0-7]{1,2}|[\s\S])?/;

/** The character that an escape stands for; undefined when it stands for several, for none, or is not understood. */
function escapedCharacter(token: string): string | undefined {
  const kind = token.charAt(1);
  if (/^\\[xu][0-9a-fA-F]+$/.test(token)) return String.fromCharCode(parseInt(token.slice(2), 16));
  if (token.length !== 2 || /[dDwWsSbBrnpPuxck]/.test(kind)) return undefined;
  return CONTROL[kind] ?? kind;
}

/** The other case of every ASCII letter from `first` to `last`, as members of a class; undefined beyond ASCII. */
function otherCases(first: string, last: string): string | undefined {
  if (first > "\x7f" || last > "\x7f") return undefined;
  let others = "";
  for (let code = first.charCodeAt(0); code <= last.charCodeAt(0); code++) {
    const letter = String.fromCharCode(code);
    if (/[a-z]/.test(letter)) others += letter.toUpperCase();
    else if (/[A-Z]/.test(letter)) others += letter.toLowerCase();
  }
  return others;
}
