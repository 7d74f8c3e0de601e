/**
 * Settings in words, for `agentos config`. Pure. No setting is a secret: the token has a file, keys
 * of providers stay in the environment.
 *
 * @module
 */

import { shortenPath } from "../base/home_path.ts";
import { renderPath } from "../base/toml_scan.ts";
import { type AskedKey, keyOf, NAMES } from "./keys.ts";
import type { Candidate, ConfigValue } from "./model.ts";
import type { Config } from "./read.ts";
import { renderOrigin } from "./settle.ts";
import { renderToml, renderType } from "./values.ts";

/** One line of the list, and of its JSON. */
export interface SettingRow {
  readonly key: string;
  /** Null when nothing is set and there is no default. */
  readonly value: ConfigValue | null;
  /** Where it came from: a variable, `file:line`, or `default`. */
  readonly from: string;
}

/** Every key of the table, those with free names as often as the file has them. */
export function listSettings(config: Config): readonly SettingRow[] {
  return askedKeys(config).map((asked) => toRow(config, asked));
}

function askedKeys(config: Config): readonly AskedKey[] {
  return NAMES.flatMap((name): readonly AskedKey[] => {
    const parts = name.split(".");
    if (!parts.includes("*")) return [{ name, path: parts, names: [] }];
    return config.entries.filter(({ path }) =>
      path.length === parts.length && parts.every((part, at) => part === "*" || part === path[at])
    ).map(({ path }) => ({ name, path, names: path.filter((_, at) => parts[at] === "*") }));
  });
}

function toRow(config: Config, { name, path, names }: AskedKey): SettingRow {
  const key = keyOf(name);
  const { value, candidates } = config.find(name, { names });
  const said = candidates.filter(({ origin }) => origin.from !== "default");
  const shown = key.adds === true ? said : said.slice(0, 1);
  const from = shown.map(({ origin }) => renderOrigin(origin)).join(" and ") ||
    (value === undefined ? plain(key.otherwise ?? "not set") : "default");
  return {
    key: renderPath(path),
    value: value ?? null,
    from,
  };
}

/** The list as aligned lines. */
export function renderList(rows: readonly SettingRow[], userHome: string): string {
  const cells = rows.map(({ key, value, from }) => [
    key,
    value === null ? "–" : renderToml(value),
    shortenPath(from, userHome),
  ]);
  const widths = [0, 1].map((column) =>
    Math.min(40, Math.max(...cells.map((row) => row[column]?.length ?? 0)))
  );
  return cells.map(([key = "", value = "", from = ""]) =>
    `${key.padEnd(widths[0] ?? 0)}  ${value.padEnd(widths[1] ?? 0)}  ${from}`
  ).join("\n");
}

/** What one key means, who says what about it, and whose word holds. */
export function renderExplanation(
  config: Config,
  { name, path, names }: AskedKey,
  userHome: string,
): string {
  const key = keyOf(name);
  const { value, candidates } = config.find(name, { names });
  const show = (candidate: Candidate | undefined): string =>
    candidate === undefined ? "not set" : renderToml(candidate.value);
  const by = (from: Candidate["origin"]["from"]): Candidate | undefined =>
    candidates.find(({ origin }) => origin.from === from);
  const inFile = by("file");
  const file = inFile === undefined ? config.file : renderOrigin(inFile.origin);
  const rows: readonly (readonly [string, string, Candidate | undefined])[] = [
    ...(key.flag === undefined ? [] : [["flag", `${key.flag}, when you give it`, undefined] as const]),
    ...(key.variable === undefined
      ? []
      : [["variable", `${key.variable}: ${show(by("variable"))}`, by("variable")] as const]),
    ["file", `${shortenPath(file, userHome)}: ${show(inFile)}`, inFile],
    [
      "default",
      key.default === undefined ? plain(key.otherwise ?? "none") : renderToml(key.default),
      by("default"),
    ],
  ];
  const holds = key.adds === true ? candidates : candidates.slice(0, 1);
  const isNobody = value === undefined;
  return [
    `${renderPath(path)}: ${plain(key.meaning)}`,
    `  must be   ${renderType(key.type)}`,
    ...rows.map(([what, text, candidate]) => {
      const isIt = candidate === undefined ? isNobody && what === "default" : holds.includes(candidate);
      return `${isIt ? "*" : " "} ${what.padEnd(9)} ${text}`;
    }),
    "",
    key.adds === true
      ? "The lines with a star are taken together."
      : "The first that says something holds: the line with the star.",
  ].join("\n");
}

/** The table's words are Markdown, for the docs. */
function plain(words: string): string {
  return words.replaceAll("`", "");
}
