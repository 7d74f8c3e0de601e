/**
 * Globs that cannot freeze their caller: names and paths are matched by walking, never by a regular expression.
 *
 * Measured 2026-11: picomatch 4.0.7 takes 3.7 s for `*a*a*a*a*a*a*b` on sixty letters and ignore 7.0.16 does not
 * come back from eight times `**`, `a`; a hostile repository can bring both the pattern and the names. Here
 * the work is at most the product of the two lengths.
 *
 * @module
 */

/** Matches one thing or not: a name, or a path whose names are separated with `/`. */
export type Matcher = (text: string) => boolean;

/** How a pattern is read. */
export interface GlobOptions {
  readonly ignoreCase: boolean;
}

/** A pattern of names: `**` stands for any number of them, everything else for exactly one. */
export type PathPattern = readonly (Matcher | "**")[];

/** `{a,b}` multiplies; more alternatives than this are taken for an attack or a mistake. */
const MAX_ALTERNATIVES = 64;

/**
 * Reads a glob as people write it for paths: `*` and `?` within one name, `**` across names, `[a-z]`, `[!a-z]`,
 * `{a,b}`, `\` before a literal character. A final `/` means all that is inside. A glob without `/` is held against
 * the last name alone, so that `*.ts` finds such files at any depth.
 *
 * @returns the matcher, or why the glob cannot be read, as the end of a sentence
 */
export function readGlob(glob: string, options: GlobOptions): Matcher | string {
  const alternatives = expandBraces(glob);
  if (alternatives === undefined) return `its braces give more than ${MAX_ALTERNATIVES} alternatives`;
  const patterns = alternatives.map((one) => {
    const plain = one.replace(/^(\.?\/)+/, "").replaceAll(/\/{2,}/g, "/").replace(/\/$/, "/**");
    return readPathPattern(one.includes("/") ? plain : `**/${plain}`, options);
  });
  return (path) => {
    const names = path.split("/");
    return patterns.some((pattern) => matchesPath(pattern, names));
  };
}

/** Cuts a pattern at its slashes; a name of only stars, two or more, becomes `**`. */
export function readPathPattern(pattern: string, options: GlobOptions): PathPattern {
  const names = splitNames(pattern);
  return names.map((name) => /^\*{2,}$/.test(name) ? "**" : readNamePattern(name, options));
}

/** A slash inside `[…]` is one of the set, which no name ever holds, and separates nothing (git 2.39). */
function splitNames(pattern: string): readonly string[] {
  if (!pattern.includes("[")) return pattern.split("/");
  const characters = [...pattern];
  const names: string[] = [];
  let start = 0;
  for (let at = 0; at < characters.length; at++) {
    if (characters[at] === "/") {
      names.push(characters.slice(start, at).join(""));
      start = at + 1;
    } else if (characters[at] === "\\" && characters[at + 1] !== "/") {
      at++;
    } else if (characters[at] === "[") {
      const set = readSet(characters, at, (text) => text);
      // One that does not end matches nothing; looking for the end of each would take the square of the length.
      if (set === undefined) break;
      at = set.end;
    }
  }
  return [...names, characters.slice(start).join("")];
}

/** Holds a pattern against the names of a path, whole against whole. */
export function matchesPath(pattern: PathPattern, names: readonly string[]): boolean {
  // Only the last `**` ever has to take one more name: an earlier one gains nothing by it.
  let [at, name, lastStar, resumeName] = [0, 0, -1, 0];
  while (name < names.length) {
    const part = pattern[at];
    if (part === "**") {
      lastStar = at++;
      resumeName = name;
    } else if (part !== undefined && part(names[name] ?? "")) {
      at++;
      name++;
    } else if (lastStar >= 0) {
      at = lastStar + 1;
      name = ++resumeName;
    } else {
      return false;
    }
  }
  return pattern.slice(at).every((part) => part === "**");
}

/** One step of a name: a literal character, any one character, a set of them, or any run of them. */
type Step =
  | { readonly kind: "run" }
  | { readonly kind: "one"; readonly accepts: (codePoint: string) => boolean };

/** Reads the pattern of one name. One that cannot be read (`[a`) matches nothing, as in git. */
export function readNamePattern(pattern: string, { ignoreCase }: GlobOptions): Matcher {
  const fold = ignoreCase ? (text: string): string => text.toLowerCase() : (text: string): string => text;
  if (!/[*?[\\]/.test(pattern)) {
    const literal = fold(pattern);
    return (name) => fold(name) === literal;
  }
  if (/^\*[^*?[\\]*$/.test(pattern)) {
    const ending = fold(pattern.slice(1));
    return (name) => fold(name).endsWith(ending);
  }
  const steps = readSteps([...pattern], fold);
  return steps === undefined ? () => false : (name) => matchesSteps(steps, [...fold(name)]);
}

function readSteps(characters: readonly string[], fold: (text: string) => string): Step[] | undefined {
  const steps: Step[] = [];
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at] ?? "";
    if (character === "*") {
      if (steps.at(-1)?.kind !== "run") steps.push({ kind: "run" });
    } else if (character === "?") {
      steps.push({ kind: "one", accepts: () => true });
    } else if (character === "[") {
      const set = readSet(characters, at, fold);
      if (set === undefined) return undefined;
      steps.push({ kind: "one", accepts: set.accepts });
      at = set.end;
    } else {
      if (character === "\\") at++;
      const literal = characters[at];
      if (literal === undefined) return undefined;
      const folded = fold(literal);
      steps.push({ kind: "one", accepts: (other) => other === folded });
    }
  }
  return steps;
}

function matchesSteps(steps: readonly Step[], characters: readonly string[]): boolean {
  let [at, character, lastRun, resumeAt] = [0, 0, -1, 0];
  while (character < characters.length) {
    const step = steps[at];
    if (step?.kind === "run") {
      lastRun = at++;
      resumeAt = character;
    } else if (step?.accepts(characters[character] ?? "") === true) {
      at++;
      character++;
    } else if (lastRun >= 0) {
      at = lastRun + 1;
      character = ++resumeAt;
    } else {
      return false;
    }
  }
  return steps.slice(at).every((step) => step.kind === "run");
}

const POSIX_CLASSES: Readonly<Record<string, RegExp>> = {
  alnum: /^[A-Za-z0-9]$/,
  alpha: /^[A-Za-z]$/,
  blank: /^[ \t]$/,
  digit: /^[0-9]$/,
  lower: /^[a-z]$/,
  punct: /^[!-/:-@[-`{-~]$/,
  space: /^\s$/,
  upper: /^[A-Z]$/,
  xdigit: /^[0-9A-Fa-f]$/,
};

/** Reads `[…]` from its bracket on; undefined when it does not end. */
function readSet(
  characters: readonly string[],
  start: number,
  fold: (text: string) => string,
): { readonly end: number; readonly accepts: (codePoint: string) => boolean } | undefined {
  let at = start + 1;
  const negated = characters[at] === "!" || characters[at] === "^";
  if (negated) at++;

  const members: ((codePoint: string) => boolean)[] = [];
  for (let first = true;; first = false) {
    let from = characters[at++];
    if (from === undefined) return undefined;
    if (from === "]" && !first) break;
    const named = from === "[" && characters[at] === ":" ? readPosixClass(characters, at) : undefined;
    if (named !== undefined) {
      members.push(named.accepts);
      at = named.end;
      continue;
    }
    if (from === "\\") from = characters[at++] ?? "";
    let to = from;
    if (characters[at] === "-" && characters[at + 1] !== undefined && characters[at + 1] !== "]") {
      to = characters[at + 1] ?? "";
      at += 2;
      if (to === "\\") to = characters[at++] ?? "";
    }
    const [low, high] = [fold(from), fold(to)];
    members.push((other) => low <= other && other <= high);
  }
  return { end: at - 1, accepts: (other) => members.some((accepts) => accepts(other)) !== negated };
}

function readPosixClass(
  characters: readonly string[],
  colon: number,
): { readonly end: number; readonly accepts: (codePoint: string) => boolean } | undefined {
  const match = /^:([a-z]+):\]/.exec(characters.slice(colon, colon + 12).join(""));
  const pattern = POSIX_CLASSES[match?.[1] ?? ""];
  if (match === null || pattern === undefined) return undefined;
  return { end: colon + match[0].length, accepts: (other) => pattern.test(other) };
}

/** Writes `a{b,c}` out as `ab`, `ac`; undefined when that gives too many. Unpaired braces are literal. */
function expandBraces(glob: string): readonly string[] | undefined {
  const done: string[] = [];
  const open = [glob];
  while (open.length > 0) {
    if (done.length + open.length > MAX_ALTERNATIVES) return undefined;
    const next = open.pop() ?? "";
    const group = firstBraceGroup(next);
    if (group === undefined) done.push(next);
    else open.push(...group.choices.map((one) => next.slice(0, group.start) + one + next.slice(group.end)));
  }
  return done;
}

/** The first innermost-closed `{a,b}` with a comma at its own level. */
function firstBraceGroup(
  glob: string,
): { readonly start: number; readonly end: number; readonly choices: readonly string[] } | undefined {
  const open: { at: number; commas: number[] }[] = [];
  for (let at = 0; at < glob.length; at++) {
    const character = glob[at];
    if (character === "\\") at++;
    else if (character === "{") open.push({ at, commas: [] });
    else if (character === ",") open.at(-1)?.commas.push(at);
    else if (character === "}") {
      const group = open.pop();
      if (group === undefined || group.commas.length === 0) continue;
      const cuts = [group.at, ...group.commas, at];
      const choices = cuts.slice(1).map((end, index) => glob.slice((cuts[index] ?? 0) + 1, end));
      return { start: group.at, end: at + 1, choices };
    }
  }
  return undefined;
}
