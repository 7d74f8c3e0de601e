/**
 * What the parser lets pass and TOML does not: days that no month has, and whole numbers beyond 64 bits. Programs that are
 * stricter refuse a whole file for one. Pure.
 *
 * The parser says where a value stands only when it refuses it, so a suspect is made one that it must refuse: if it does not,
 * the suspect was part of a string, a comment or a key.
 *
 * @module
 */

/** A place with what is wrong there, as in `toml_values.ts`. */
interface Problem {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** Text that is no TOML value if it is one, and the text of the same length that no parser takes for a value. */
interface Suspect {
  readonly at: number;
  readonly stand: string;
  readonly message: string;
}

/**
 * The first value of a text that TOML does not have.
 *
 * @param hasHuge whether any of its whole numbers is one for {@link isHuge}
 * @param parses whether a text is TOML to the parser
 */
export function findBeyondLimits(
  text: string,
  hasHuge: boolean,
  parses: (text: string) => boolean,
): Problem | undefined {
  const suspects = [...suspectDates(text), ...(hasHuge ? suspectIntegers(text) : [])]
    .sort((left, right) => left.at - right.at);
  const isBroken = (count: number): boolean => !parses(replaceFirst(text, suspects, count));
  if (suspects.length === 0 || !isBroken(suspects.length)) return undefined;
  let [sound, broken] = [0, suspects.length];
  while (broken - sound > 1) {
    const middle = (sound + broken) >> 1;
    if (isBroken(middle)) broken = middle;
    else sound = middle;
  }
  const suspect = suspects[broken - 1];
  if (suspect === undefined) return undefined;
  const before = text.slice(0, suspect.at);
  return {
    line: before.split("\n").length,
    column: suspect.at - before.lastIndexOf("\n"),
    message: suspect.message,
  };
}

/** True for a whole number that 64 bits with a sign cannot hold. */
export function isHuge(value: unknown): boolean {
  return typeof value === "bigint" && BigInt.asIntN(64, value) !== value;
}

/** The last days that not every month or year has. */
const LATE_DAY = /\d\d(\d\d)-(?:02-(?:29|3[01])|(?:04|06|09|11)-31)/g;

function suspectDates(text: string): readonly Suspect[] {
  return [...text.matchAll(LATE_DAY)].flatMap(({ 0: date, index }) =>
    date.endsWith("02-29") && isLeapYear(Number(date.slice(0, 4)))
      ? []
      // There is no month 90 or above, and a bare key of this name stays one.
      : [{ at: index, stand: `${date.slice(0, 5)}9${date.slice(6)}`, message: `there is no day ${date}` }]
  );
}

function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

const INTEGER = /(?<![\w.+-])[+-]?(?:0x[\dA-Fa-f_]+|0o[0-7_]+|0b[01_]+|\d[\d_]*)(?![\w.])/g;

function suspectIntegers(text: string): readonly Suspect[] {
  return [...text.matchAll(INTEGER)].flatMap(({ 0: number, index }) => {
    const digits = number.replace(/^[+-]/, "").replaceAll("_", "");
    const size = BigInt(digits);
    const message = "a whole number of more than 64 bits stands here";
    // Digits of another base than ten are bits, and programs differ in whether the first of 64 is a sign.
    const isBeyond = /^0[xob]/.test(digits)
      ? BigInt.asUintN(64, size) !== size
      : isHuge(number.startsWith("-") ? -size : size);
    return isBeyond ? [{ at: index, stand: `${number.slice(0, -1)}_`, message }] : [];
  });
}

function replaceFirst(text: string, suspects: readonly Suspect[], count: number): string {
  let replaced = "";
  let from = 0;
  for (const { at, stand } of suspects.slice(0, count)) {
    replaced += text.slice(from, at) + stand;
    from = at + stand.length;
  }
  return replaced + text.slice(from);
}
