/**
 * Which value of a setting holds: flag over environment over file over default. Pure.
 *
 * @module
 */

import { AppError } from "../base/errors.ts";
import type { Platform } from "../base/path_rules.ts";
import type { Candidate, ConfigKey, ConfigValue, Origin, Setting } from "./model.ts";
import { parseVariable } from "./values.ts";

/** What was said about one key. */
export interface Said {
  readonly flag?: ConfigValue | undefined;
  /** The environment variable's text. */
  readonly variable?: string | undefined;
  readonly file?: Candidate | undefined;
}

/**
 * Settles one key.
 *
 * @throws {AppError} config.invalid naming the environment variable that cannot be used
 */
export function settle(key: ConfigKey, said: Said, platform: Platform): Setting {
  const candidates: Candidate[] = [];
  if (said.flag !== undefined) {
    candidates.push({ value: said.flag, origin: { from: "flag", name: key.flag ?? "" } });
  }
  if (said.variable !== undefined && key.variable !== undefined) {
    candidates.push(fromVariable(key, key.variable, said.variable, platform));
  }
  if (said.file !== undefined) candidates.push(said.file);
  if (key.default !== undefined) candidates.push({ value: key.default, origin: { from: "default" } });
  const value = key.adds === true ? addUp(candidates) : candidates[0]?.value;
  return { value, candidates };
}

function fromVariable(key: ConfigKey, name: string, text: string, platform: Platform): Candidate {
  const parsed = parseVariable(key.type, text, platform);
  if (parsed.kind === "value") return { value: parsed.value, origin: { from: "variable", name } };
  throw new AppError("config.invalid", `${name} is "${text}"; it must be ${parsed.mustBe}`);
}

function addUp(candidates: readonly Candidate[]): readonly string[] {
  const all = candidates.flatMap(({ value }) => Array.isArray(value) ? value : []);
  return [...new Set(all)];
}

/** An origin in a word or a place: `--port`, `AGENTOS_PORT`, `/home/ada/.agentos/config.toml:3`, `default`. */
export function renderOrigin(origin: Origin): string {
  switch (origin.from) {
    case "flag":
    case "variable":
      return origin.name;
    case "file":
      return `${origin.file}:${origin.line}`;
    case "default":
      return "default";
  }
}
