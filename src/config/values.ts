/**
 * Values of settings: held against their type, and read from the words of a command line or an environment variable.
 * Pure; every system's path rules are tested on every system.
 *
 * @module
 */

import { holdsControl } from "../base/control_characters.ts";
import { absoluteFrom, isAbsolute, joinPath, type Platform } from "../base/path_rules.ts";
import { renderTomlString } from "../base/toml_string.ts";
import type { ConfigType, ConfigValue } from "./model.ts";

/** Where paths are held against. */
export interface Surroundings {
  /** The user's home folder, for `~/`. */
  readonly home: string;
  readonly platform: Platform;
}

/** A value that fits, or why it does not, as the end of "X must be …". */
export type CheckedValue =
  | { readonly kind: "value"; readonly value: ConfigValue }
  | { readonly kind: "problem"; readonly mustBe: string };

/** What a type asks for, as the end of "X must be …". */
export function renderType(type: ConfigType): string {
  switch (type.kind) {
    case "text":
      return type.form ?? "a text in quotes";
    case "path":
      return "an absolute path in quotes; ~/ stands for your home folder";
    case "paths":
      return "a list of absolute paths in quotes; ~/ stands for your home folder";
    case "names":
      return `a list of texts in quotes, each ${type.form}`;
    case "number":
      return `a ${type.whole ? "whole " : ""}number from ${type.min} to ${type.max}`;
    case "switch":
      return "true or false";
    case "choice":
      return `one of ${type.values.map((value) => `"${value}"`).join(", ")}`;
  }
}

/** Holds a value of the file against its type, and puts the home folder in. */
export function checkValue(type: ConfigType, value: unknown, around: Surroundings): CheckedValue {
  const checked = fit(type, value, around);
  return checked === undefined
    ? { kind: "problem", mustBe: renderType(type) }
    : { kind: "value", value: checked };
}

function fit(type: ConfigType, value: unknown, around: Surroundings): ConfigValue | undefined {
  switch (type.kind) {
    case "text":
      return typeof value === "string" && isLine(value) && (type.pattern?.test(value) ?? true)
        ? value
        : undefined;
    case "path":
      return typeof value === "string" ? fitPath(value, around) : undefined;
    case "paths":
      return fitAll(value, (text) => fitPath(text, around));
    case "names":
      return fitAll(value, (text) => type.pattern.test(text) ? text : undefined);
    case "number": {
      if (typeof value !== "number" || !(value >= type.min && value <= type.max)) return undefined;
      return type.whole && !Number.isInteger(value) ? undefined : value;
    }
    case "switch":
      return typeof value === "boolean" ? value : undefined;
    case "choice":
      return typeof value === "string" && type.values.includes(value) ? value : undefined;
  }
}

function isLine(text: string): boolean {
  return text.trim() !== "" && !holdsControl(text);
}

function fitPath(text: string, { home, platform }: Surroundings): string | undefined {
  if (!isLine(text)) return undefined;
  const full = expandHome(text, home, platform);
  return isAbsolute(full, platform) ? full : undefined;
}

function expandHome(text: string, home: string, platform: Platform): string {
  if (text === "~") return home;
  return /^~[/\\]/.test(text) ? joinPath(home, text.slice(2), platform) : text;
}

function fitAll(
  value: unknown,
  fitOne: (text: string) => string | undefined,
): readonly string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const fitted: string[] = [];
  for (const item of value) {
    const one = typeof item === "string" ? fitOne(item) : undefined;
    if (one === undefined) return undefined;
    fitted.push(one);
  }
  return fitted;
}

/**
 * The value that an environment variable gives; lists are split as PATH is, names at commas.
 *
 * Relative paths are let through, as they always were: they are held against the folder that the program starts in.
 */
export function parseVariable(type: ConfigType, text: string, platform: Platform): CheckedValue {
  switch (type.kind) {
    case "paths": {
      const separator = platform === "windows" ? ";" : ":";
      return { kind: "value", value: text.split(separator).filter((path) => path.trim() !== "") };
    }
    case "path":
      return { kind: "value", value: text };
    case "names":
      return checkValue(type, text.split(",").map((name) => name.trim()), { home: "", platform });
    default:
      return checkValue(type, fromWord(type, text), { home: "", platform });
  }
}

/**
 * The value that `agentos config set` writes for the words it was given; a relative path is held against the current
 * folder, `~/` stays as it was typed.
 */
export function parseWords(
  type: ConfigType,
  words: readonly string[],
  cwd: string,
  around: Surroundings,
): CheckedValue {
  const { platform } = around;
  const full = (word: string): string =>
    /^~(?:[/\\]|$)/.test(word) || word.trim() === "" ? word : absoluteFrom(cwd, word, platform);
  const [first = "", ...more] = words;
  let value: unknown;
  if (type.kind === "paths") value = words.map(full);
  else if (type.kind === "names") value = words.flatMap((word) => word.split(",")).map((word) => word.trim());
  else if (more.length > 0) return { kind: "problem", mustBe: `${renderType(type)}, one value only` };
  else value = type.kind === "path" ? full(first) : fromWord(type, first);
  const checked = checkValue(type, value, around);
  return checked.kind === "problem" || !isConfigValue(value) ? checked : { kind: "value", value };
}

function fromWord(type: ConfigType, word: string): unknown {
  if (type.kind === "number") return /^-?(?:\d+\.?\d*|\.\d+)$/.test(word) ? Number(word) : word;
  if (type.kind !== "switch") return word;
  if (/^(?:true|yes|on|1)$/i.test(word)) return true;
  return /^(?:false|no|off|0)$/i.test(word) ? false : word;
}

function isConfigValue(value: unknown): value is ConfigValue {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ||
    (Array.isArray(value) && value.every((item) => typeof item === "string"));
}

/** A value as it is written in TOML. */
export function renderToml(value: ConfigValue): string {
  if (typeof value === "string") return renderTomlString(value);
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return `[${value.map(renderTomlString).join(", ")}]`;
}
