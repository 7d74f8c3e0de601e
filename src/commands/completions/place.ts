/**
 * Where each shell looks for completions of its own accord, and what its start-up file lacks. Pure.
 *
 * Sources: bash-completion 2.11 (README, "Where should I install my own completions"), fish 3.6 ("Where to put
 * completions"), zsh 5.9 (zshcompsys, "Initialization"); each was tried (tests/completions_test.ts).
 *
 * @module
 */

/** The shells that completions are installed for. */
export type CompletedShell = "bash" | "zsh" | "fish";

/** What is known of the user's files and shell. Absolute paths. */
export interface ShellSources {
  readonly home: string;
  env(name: string): string | undefined;
  /** zsh: the folders that it searches, as its own start-up leaves them; undefined when it could not be asked. */
  readonly searched: readonly string[] | undefined;
  /** bash: bash-completion is there; zsh: compinit has run. */
  readonly isReady: boolean;
}

/** A file to write, and the lines that the shell's start-up file needs for it. */
export interface CompletionPlace {
  readonly file: string;
  readonly startUp: StartUp | undefined;
}

/** Lines for a start-up file. */
export interface StartUp {
  readonly file: string;
  /** What must stand before everything else, and what after it. */
  readonly first: readonly string[];
  readonly last: readonly string[];
}

/** Where the script goes. */
export function placeOf(shell: CompletedShell, sources: ShellSources): CompletionPlace {
  const { home, env } = sources;
  const data = env("XDG_DATA_HOME") ?? `${home}/.local/share`;
  switch (shell) {
    case "fish":
      return {
        file: `${env("XDG_CONFIG_HOME") ?? `${home}/.config`}/fish/completions/agentos.fish`,
        startUp: undefined,
      };
    case "bash": {
      const folder = env("BASH_COMPLETION_USER_DIR") ?? `${data}/bash-completion`;
      const file = `${folder}/completions/agentos`;
      const startUp = { file: startUpFile(shell, sources), first: [], last: [`. ${quote(file)}`] };
      return { file, startUp: sources.isReady ? undefined : startUp };
    }
    case "zsh": {
      const own = sources.searched?.find((folder) => folder.startsWith(`${home}/`));
      const folder = own ?? `${data}/zsh/site-functions`;
      const first = own === undefined ? [`fpath=(${quote(folder)} $fpath)`] : [];
      const last = sources.isReady ? [] : ["autoload -Uz compinit && compinit"];
      const startUp = { file: startUpFile(shell, sources), first, last };
      return { file: `${folder}/_agentos`, startUp: [...first, ...last].length === 0 ? undefined : startUp };
    }
  }
}

/** The file that a shell reads when it starts, where lines for it may stand; fish needs none. */
export function startUpFile(
  shell: Exclude<CompletedShell, "fish">,
  { home, env }: Pick<ShellSources, "home" | "env">,
): string {
  return shell === "bash" ? `${home}/.bashrc` : `${env("ZDOTDIR") ?? home}/.zshrc`;
}

const MARK = "  # agentos completions install";
/** On the first line that had to be set off from a last line without an end. */
const SET_OFF_MARK = `${MARK}, with the line end before it`;

/** A start-up file with the lines in it; every other byte stays. Lines that are there already are not added. */
export function addLines(text: string, { first, last }: StartUp): string {
  const missing = (lines: readonly string[]): readonly string[] =>
    lines.filter((line) => !text.includes(line));
  const isOpen = text !== "" && !text.endsWith("\n");
  const above = missing(first).map((line) => `${line}${MARK}\n`).join("");
  const below = missing(last).map((line, at) => `${line}${isOpen && at === 0 ? SET_OFF_MARK : MARK}\n`).join(
    "",
  );
  return `${above}${text}${below !== "" && isOpen ? "\n" : ""}${below}`;
}

/** A start-up file without the lines that {@link addLines} put there. */
export function removeLines(text: string): string {
  const lines = text.split("\n");
  const isOurs = (line: string): boolean => line.endsWith(MARK) || line.endsWith(SET_OFF_MARK);
  const rest = lines.filter((line) => !isOurs(line)).join("\n");
  const setOff = lines.findIndex((line) => line.endsWith(SET_OFF_MARK));
  // What was written below since needs the line end.
  const isLast = setOff >= 0 && lines.slice(setOff).every((line) => line === "" || isOurs(line));
  return isLast ? rest.replace(/\n$/, "") : rest;
}

function quote(path: string): string {
  return /^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}
