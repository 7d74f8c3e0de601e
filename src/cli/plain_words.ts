/**
 * Command lines that need no parser: known flags, each with its value, and the arguments. Nearly every line is one, and
 * the parser, loaded cold, takes as long as all else that a hook's `agentos sync check` does before it reads a file.
 *
 * Whatever is not plainly right (a word it does not know, a value that is refused, `-x`, `--help`, `--`) is left to the
 * parser, which alone words mistakes and help. `plain_words_test.ts` holds that both read every line alike.
 *
 * @module
 */

/** What a plain command line gives, as the parser would. */
export interface PlainWords {
  /** By the flags' own names, in camel case; only those that were given. */
  readonly flags: Readonly<Record<string, unknown>>;
  readonly args: readonly unknown[];
}

/** Reads the words after a command's name; undefined when the parser must. `parameters` is what the parser is given. */
export function readPlainWords(parameters: object, words: readonly string[]): PlainWords | undefined {
  const known = fieldOf(parameters, "flags") ?? {};
  const flags: Record<string, unknown> = {};
  const positional: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? "";
    if (word === "") return undefined;
    if (!word.startsWith("-")) {
      positional.push(word);
      continue;
    }
    const [, negation = "", kebab = "", given] = /^--(no-)?([a-z][a-z0-9-]*)(?:=(.+))?$/.exec(word) ?? [];
    const name = kebab.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
    const flag = fieldOf(known, name);
    if (flag === undefined || fieldOf(known, `no${kebab}`) !== undefined) return undefined;
    if (kindOf(flag) === "boolean") {
      const isRefused = given !== undefined || Object.hasOwn(flags, name) ||
        (negation !== "" && "withNegated" in flag && flag.withNegated === false);
      if (isRefused) return undefined;
      flags[name] = negation === "";
      continue;
    }
    const value = given ?? words[++at];
    if (
      negation !== "" || value === undefined || value === "" || (given === undefined && value.startsWith("-"))
    ) {
      return undefined;
    }
    if (!addValue(flags, name, flag, value)) return undefined;
  }
  const args = readArguments(fieldOf(parameters, "positional"), positional);
  const isWhole = Object.entries(known).every(([name, flag]) =>
    Object.hasOwn(flags, name) || isOptional(flag)
  );
  return args === undefined || !isWhole ? undefined : { flags, args };
}

/** False when the parser must say what is wrong. */
function addValue(flags: Record<string, unknown>, name: string, flag: object, word: string): boolean {
  const variadic = "variadic" in flag ? flag.variadic : false;
  const before = flags[name];
  if (variadic !== true && typeof variadic !== "string") {
    const read = readValue(flag, word);
    if (read === undefined || before !== undefined) return false;
    flags[name] = read;
    return true;
  }
  const words = typeof variadic === "string" ? word.split(variadic) : [word];
  const values = words.map((one) => readValue(flag, one));
  if (values.includes(undefined)) return false;
  flags[name] = [...Array.isArray(before) ? before : [], ...values];
  return true;
}

/** Undefined when the word is refused, or not read at once. */
function readValue(parameter: object, word: string): unknown {
  if (kindOf(parameter) === "enum") {
    const isKnown = "values" in parameter && Array.isArray(parameter.values) &&
      parameter.values.includes(word);
    return isKnown ? word : undefined;
  }
  if (!("parse" in parameter) || typeof parameter.parse !== "function") return undefined;
  try {
    const value: unknown = Reflect.apply(parameter.parse, undefined, [word]);
    return value instanceof Promise ? undefined : value;
  } catch {
    return undefined;
  }
}

function readArguments(positional: object | undefined, words: readonly string[]): unknown[] | undefined {
  // How many words are too few is left to the parser.
  if (positional !== undefined && "minimum" in positional && positional.minimum !== undefined) {
    return undefined;
  }
  const parameters = positional === undefined ? [] : parametersFor(positional, words.length);
  if (parameters.length !== words.length) return undefined;
  const values = words.map((word, index) => readValue(parameters[index] ?? {}, word));
  return values.includes(undefined) ? undefined : values;
}

/** One parameter for each of so many words; of another number when they are too many or too few. */
function parametersFor(positional: object, count: number): readonly object[] {
  if ("parameters" in positional && Array.isArray(positional.parameters)) return positional.parameters;
  const parameter = fieldOf(positional, "parameter");
  const maximum = "maximum" in positional ? positional.maximum : undefined;
  if (parameter === undefined) return [];
  return Array.from(
    { length: typeof maximum === "number" ? Math.min(count, maximum) : count },
    () => parameter,
  );
}

function isOptional(flag: unknown): boolean {
  return typeof flag === "object" && flag !== null && "optional" in flag && flag.optional === true &&
    !("default" in flag);
}

function kindOf(parameter: object): unknown {
  return "kind" in parameter ? parameter.kind : undefined;
}

function fieldOf(object: object, name: string): object | undefined {
  const value: unknown = Object.hasOwn(object, name) ? Reflect.get(object, name) : undefined;
  return typeof value === "object" && value !== null ? value : undefined;
}
