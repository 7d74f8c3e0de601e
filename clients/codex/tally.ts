/**
 * What a plain Codex log says besides counts of tokens: whose it is, and which model answers. A thread that goes on from
 * another one is refused, and so is a log in which lines of another one stand; `count_responses.ts`, which is the statement
 * of the rules, counts those. Tests hold that both say the same of every other.
 *
 * @module
 */

import type { LineKind, Tally } from "../../src/usage/client.ts";
import type { LineView } from "../../src/usage/line_view.ts";
import type { ResponseSetting } from "../../src/usage/model.ts";
import { openSettings, type Setting, type Settings } from "./count_responses.ts";
import { threadInName } from "./inherited.ts";

/** See `UsageClient.openTally`. */
export function openTally(path: string): Tally {
  const named = threadInName(path);
  let id: string | undefined;
  let project = "";
  let settings: Settings | undefined;
  let latest: { readonly setting: Setting; readonly whole: ResponseSetting } | undefined;

  /** The first line that matters says whose log it is. */
  function begin(kind: LineKind, line: LineView, number: number): boolean {
    const own = kind.read(line, number);
    if (own === undefined) return true;
    const isPlain = own.kind === "session" && own.parent === undefined && own.firstOwnOrdinal === undefined &&
      (named === undefined || own.id === named);
    if (!isPlain) return false;
    ({ id, project = "" } = own);
    settings = openSettings(own, id);
    settings.see(own, true);
    return true;
  }

  return {
    take(kind, line, number): boolean {
      if (settings === undefined) return begin(kind, line, number);
      const event = kind.read(line, number);
      if (event === undefined) return true;
      if (event.kind === "session" && event.id !== id) return false;
      settings.see(event, true);
      return true;
    },
    session: () => id,
    setting(): ResponseSetting {
      const setting = settings?.ofTurn(undefined) ?? NO_SETTING;
      if (latest?.setting !== setting) {
        latest = { setting, whole: { client: "codex", session: id ?? "", project, ...setting } };
      }
      return latest.whole;
    },
  };
}

const NO_SETTING: Setting = { model: "", provider: "", speed: "standard" };
