/**
 * The settings of this run: `config.toml` in the state folder, read when there is one, and held together with flags,
 * environment and defaults.
 *
 * @module
 */

import { AppError, messageOf } from "../base/errors.ts";
import { isLink } from "../base/on_disk.ts";
import { joinPath, type Platform } from "../base/path_rules.ts";
import { currentPlatform } from "../base/platform.ts";
import { refuseOther, stateFolderPath } from "../base/state_folder.ts";
import { type ConfigName, type DefaultedNames, keyOf, type NamesOf, pathOf } from "./keys.ts";
import type { Candidate, ConfigValue, Setting } from "./model.ts";
import type { FileEntry } from "./parse.ts";
import { settle } from "./settle.ts";

/** What settings are read from. */
export interface ConfigSources {
  env(name: string): string | undefined;
  readonly home: string;
}

/** What is said on the command line about a key, and what stands for each `*` of its name. */
export interface Asked {
  readonly flag?: ConfigValue | undefined;
  readonly names?: readonly string[];
}

/**
 * The settings. Each getter answers the value that holds.
 *
 * A getter without "IfSet" is for keys with a default.
 */
export interface Config {
  /** Absolute path of `config.toml`, whether or not it is there. */
  readonly file: string;
  /** Every key that stands in the file, in its order. */
  readonly entries: readonly FileEntry[];
  find(name: ConfigName, asked?: Asked): Setting;
  number(name: NamesOf<"number"> & DefaultedNames, flag?: number): number;
  text(name: NamesOf<"choice"> & DefaultedNames, flag?: string): string;
  texts(name: NamesOf<"paths" | "names"> & DefaultedNames, flag?: readonly string[]): readonly string[];
  switch(name: NamesOf<"switch"> & DefaultedNames, flag?: boolean): boolean;
  textIfSet(name: NamesOf<"text" | "path" | "choice">, asked?: Asked): string | undefined;
  switchIfSet(name: NamesOf<"switch">, asked?: Asked): boolean | undefined;
  /** The names of the tables below a path, in the order of the file: `["gateway", "providers"]`. */
  namesBelow(path: readonly string[]): readonly string[];
}

/** Where the config file of a state folder stands. */
export function configPath(stateFolder: string): string {
  return joinPath(stateFolder, "config.toml", currentPlatform());
}

/**
 * Reads the settings. Nothing is written; without a file no parser is loaded.
 *
 * @throws {AppError} config.invalid with file, line and column; state.unusable when the file's folder is none
 */
export async function openConfig(sources: ConfigSources): Promise<Config> {
  const platform = currentPlatform();
  const file = configPath(stateFolderPath(sources.env("AGENTOS_STATE"), sources.home));
  return viewOf(file, await readEntries(file, sources.home, platform), sources, platform);
}

/** The settings as if there were no file: for commands that go on when it cannot be read, and say so. */
export function defaultConfig(sources: ConfigSources): Config {
  const file = configPath(stateFolderPath(sources.env("AGENTOS_STATE"), sources.home));
  return viewOf(file, [], sources, currentPlatform());
}

/** The settings of a text that was parsed, with no word of the environment: for a file before it is put in place. */
export function configOf(entries: readonly FileEntry[], file: string, home: string): Config {
  return viewOf(file, entries, { env: () => undefined, home }, currentPlatform());
}

/** The file's entries; none when there is no file. */
async function readEntries(file: string, home: string, platform: Platform): Promise<readonly FileEntry[]> {
  const text = readConfigText(file);
  if (text === undefined) return [];
  const { parseConfig } = await import("./parse.ts");
  return parseConfig(text, file, { home, platform });
}

/**
 * The text of the config file; undefined when there is none.
 *
 * @throws {AppError} config.invalid when it cannot be read or is not UTF-8; state.unusable when its folder is none
 */
export function readConfigText(file: string): string | undefined {
  const refused = (reason: string, cause?: unknown): AppError =>
    new AppError("config.invalid", `Cannot read the settings: ${reason}`, { where: { file }, cause });
  try {
    const { isFifo, isSocket } = Deno.statSync(file);
    // To open one would wait for whoever writes into it.
    if (isFifo === true || isSocket === true) throw refused("it is no regular file");
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Deno.readFileSync(file));
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    // Who keeps the file elsewhere must hear that its settings do not hold.
    if (isLink(file) && isNowhere(cause)) throw refused("it is a link to nothing", cause);
    refuseOther(file.replace(/[\\/][^\\/]*$/, ""));
    if (cause instanceof Deno.errors.NotFound) return undefined;
    throw refused(cause instanceof TypeError ? "it is not UTF-8 text" : messageOf(cause), cause);
  }
}

function isNowhere(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound || error instanceof Deno.errors.FilesystemLoop;
}

function viewOf(
  file: string,
  entries: readonly FileEntry[],
  { env }: ConfigSources,
  platform: Platform,
): Config {
  const find = (name: ConfigName, { flag, names }: Asked = {}): Setting => {
    const key = keyOf(name);
    const path = pathOf(name, names);
    const entry = entries.find((other) => isSame(other.path, path));
    const fromFile: Candidate | undefined = entry === undefined
      ? undefined
      : { value: entry.value, origin: { from: "file", file, line: entry.line } };
    const variable = key.variable === undefined ? undefined : env(key.variable);
    return settle(key, { flag, variable, file: fromFile }, platform);
  };
  const textIfSet: Config["textIfSet"] = (name, asked) => {
    const { value } = find(name, asked);
    return typeof value === "string" ? value : undefined;
  };
  const switchIfSet: Config["switchIfSet"] = (name, asked) => {
    const { value } = find(name, asked);
    return typeof value === "boolean" ? value : undefined;
  };
  return {
    file,
    entries,
    find,
    number: (name, flag) => {
      const { value } = find(name, { flag });
      return present(name, typeof value === "number" ? value : undefined);
    },
    text: (name, flag) => present(name, textIfSet(name, { flag })),
    texts: (name, flag) => {
      const { value } = find(name, { flag });
      return present(name, Array.isArray(value) ? value : undefined);
    },
    switch: (name, flag) => present(name, switchIfSet(name, { flag })),
    textIfSet,
    switchIfSet,
    namesBelow: (path) => {
      const below = entries.filter((entry) =>
        entry.path.length > path.length && path.every((part, at) => entry.path[at] === part)
      );
      return [...new Set(below.map((entry) => entry.path[path.length] ?? ""))];
    },
  };
}

function isSame(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((part, at) => part === right[at]);
}

/** The getters without "IfSet" take names with a default of their kind, so there is always a value. */
function present<Value>(name: ConfigName, value: Value | undefined): Value {
  if (value === undefined) throw new TypeError(`${name} has no default`);
  return value;
}
