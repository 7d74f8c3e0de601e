/**
 * Asking a client what in a home works against what is deployed there. Pure.
 *
 * @module
 */

import type { HomeView, Place, Setting, SyncClient } from "./client.ts";
import { openDocument } from "./formats/toml_document.ts";
import { isWithin, scanToml } from "../base/toml_scan.ts";
import { parseToml, type TomlValues, valueAt } from "../base/toml_values.ts";
import type { ActualFile, Plan, PlannedEntry } from "./model.ts";

/** A remark with the file's absolute path. */
export interface PlacedRemark {
  readonly file: string;
  readonly line: number;
  readonly message: string;
}

/**
 * The remarks on a home as it is after what was planned; what a push takes away by itself is not remarked on.
 *
 * @param isDone true when the plan was carried out: lines are then those of the new files
 */
export function collectRemarks(
  client: SyncClient,
  place: Place,
  actual: ReadonlyMap<string, ActualFile>,
  plan: Plan,
  isDone: boolean,
): readonly PlacedRemark[] {
  const opened = new Map<string, Opened>();
  const open = (path: string): Opened => {
    const known = opened.get(path);
    if (known !== undefined) return known;
    const entry = plan.entries.find((candidate) => candidate.path === path);
    const file = openFile(entry, actual.get(path), isDone);
    opened.set(path, file);
    return file;
  };
  const textAfter = (path: string): string => {
    const file = actual.get(path);
    const entry = plan.entries.find((candidate) => candidate.path === path);
    return (entry?.action === "write" ? entry.after : undefined) ?? (file?.kind === "text" ? file.text : "");
  };
  const view: HomeView = {
    deployed: new Set(plan.entries.filter(({ applied }) => applied !== undefined).map(({ path }) => path)),
    holds: (path) => {
      const file = actual.get(path);
      return file?.kind === "text" && file.text.trim() !== "";
    },
    setting: (path, key): Setting | undefined => {
      // Parsing costs a check more than all else it does; most homes never name what is asked for.
      if (!textAfter(path).includes(key.at(-1) ?? "")) return undefined;
      const { values, lines } = open(path);
      const value = valueAt(values, key);
      return value === undefined ? undefined : { value, line: lines(key) };
    },
  };
  return client.remarks(view, place).map(({ path, ...rest }) => ({ file: `${place.home}/${path}`, ...rest }));
}

interface Opened {
  readonly values: TomlValues;
  lines(key: readonly string[]): number;
}

function openFile(entry: PlannedEntry | undefined, file: ActualFile | undefined, isDone: boolean): Opened {
  const before = file?.kind === "text" ? file.text : "";
  const after = entry?.action === "write" ? entry.after ?? before : before;
  const parsed = parseToml(bodyOf(after));
  const shown = bodyOf(isDone ? after : before);
  return {
    values: parsed.kind === "table" ? parsed.table : {},
    lines: (key) => {
      const exact = scanToml(shown)?.find((s) => "path" in s && isWithin(s.path, key));
      const wider = scanToml(shown)?.find((s) => s.kind === "key" && isWithin(key, s.path));
      return (exact ?? wider)?.line ?? 1;
    },
  };
}

function bodyOf(text: string): string {
  const opened = openDocument(text, true);
  return opened.kind === "document" ? opened.document.body : "";
}
