/**
 * Other ways to say the same: the names that commands had before, and `--<id>-version X` for `--client-version id=X`.
 *
 * They are understood, but neither listed nor completed. Pure.
 *
 * @module
 */

/** The command names of the scripts that agentos replaces. */
const OLD_COMMANDS: Readonly<Record<string, readonly string[]>> = {
  "push-runtime": ["sync", "push"],
  "pull-runtime": ["sync", "pull"],
  "clean-runtime": ["sync", "clean"],
  "check-sync": ["sync", "check"],
};

/** The words of a command line, old names replaced by today's. */
export function replaceOldNames(words: readonly string[]): readonly string[] {
  const [first = "", ...rest] = words;
  const current = Object.hasOwn(OLD_COMMANDS, first) ? [...OLD_COMMANDS[first] ?? [], ...rest] : words;
  return current[0] === "sync" ? replaceVersionFlags(current) : current;
}

function replaceVersionFlags(words: readonly string[]): readonly string[] {
  const replaced: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? "";
    const match = /^--([a-z]+)-version(?:=(.*))?$/.exec(word);
    const id = match?.[1];
    if (id === undefined || id === "client") {
      replaced.push(word);
      continue;
    }
    const version = match?.[2] ?? words[++at];
    replaced.push("--client-version", ...(version === undefined ? [] : [`${id}=${version}`]));
  }
  return replaced;
}
