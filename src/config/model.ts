/**
 * The vocabulary of settings: what a key of `config.toml` may hold, where a value came from, and what a key's row in
 * CONFIG_KEYS says.
 *
 * @module
 */

import type { AppError } from "../base/errors.ts";

/** What may stand at a key. */
export type ConfigType =
  /** One line of text; `form` finishes "… must be" where `pattern` asks for more than any text. */
  | { readonly kind: "text"; readonly pattern?: RegExp; readonly form?: string }
  /** An absolute path; `~/` stands for the user's home folder. */
  | { readonly kind: "path" }
  /** A list of such paths. */
  | { readonly kind: "paths" }
  /** A list of texts that each fit `pattern`. */
  | { readonly kind: "names"; readonly pattern: RegExp; readonly form: string }
  | { readonly kind: "number"; readonly min: number; readonly max: number; readonly whole: boolean }
  | { readonly kind: "switch" }
  | { readonly kind: "choice"; readonly values: readonly string[] };

/** A value as the program uses it: paths absolute, `~` replaced. */
export type ConfigValue = string | number | boolean | readonly string[];

/** A row of CONFIG_KEYS. */
export interface ConfigKey {
  readonly type: ConfigType;
  /** What it decides, as the end of a table row. */
  readonly meaning: string;
  /** What holds when nobody says anything; undefined when there is no such value. */
  readonly default?: ConfigValue;
  /** The default in words, where a value cannot say it. */
  readonly otherwise?: string;
  /** The environment variable that goes before the file. */
  readonly variable?: string;
  /** The flag that goes before the environment, with its dashes. */
  readonly flag?: string;
  /** True when flag, environment and file are taken together instead of the first of them. */
  readonly adds?: boolean;
}

/** Where a value came from; a file's line counts from 1. */
export type Origin =
  | { readonly from: "flag"; readonly name: string }
  | { readonly from: "variable"; readonly name: string }
  | { readonly from: "file"; readonly file: string; readonly line: number }
  | { readonly from: "default" };

/** One value with its origin. */
export interface Candidate {
  readonly value: ConfigValue;
  readonly origin: Origin;
}

/** A key as it stands: the value that holds, and everything that was said, in the order of precedence. */
export interface Setting {
  /** Undefined when nobody said anything and there is no default. */
  readonly value: ConfigValue | undefined;
  readonly candidates: readonly Candidate[];
}

/** Why no server can start with a setting whose value by itself is one that its key takes. */
export interface SettingFault {
  /** The key's path in the file. */
  readonly path: readonly string[];
  /** Its place is the file's, where the file holds the setting. */
  readonly error: AppError;
  /** True when a further key mends it, which somebody who sets one key at a time may be about to set. */
  readonly isUnfinished: boolean;
}
