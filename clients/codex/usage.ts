/**
 * What we know of Codex's rollout logs: where they are; what a line says is said in `log_lines.ts`, which lines count in
 * `count_responses.ts`, and in short for plain logs in `tally.ts`.
 *
 * @module
 */

import type { EnvView, UsageClient } from "../../src/usage/client.ts";
import { countLog, mergeCounted, relateLog, resolveLogs } from "./count_responses.ts";
import { threadInName } from "./inherited.ts";
import { FIELDS, KINDS } from "./log_lines.ts";
import { openTally } from "./tally.ts";

/** CODEX_HOME may be a list, as other readers of these logs take it, of homes or of folders of sessions in them. */
function findFolders(env: EnvView, userHome: string): readonly string[] {
  const homes = env("CODEX_HOME")?.split(",").map((home) => home.trim()).filter((home) => home !== "");
  const folders = (homes ?? [`${userHome}/.codex`]).flatMap((home) => {
    const folder = expandHome(home, userHome).replace(/(?<=.)\/+$/, "");
    return /\/(?:archived_)?sessions$/.test(folder)
      ? [folder]
      : [`${folder}/sessions`, `${folder}/archived_sessions`];
  });
  return [...new Set(folders)];
}

function expandHome(path: string, userHome: string): string {
  return path.replace(/^~(?=\/|$)/, userHome).replace(/^\$HOME(?=\/|$)/, userHome);
}

/** Codex's usage facet. */
export const codexUsage: UsageClient = {
  id: "codex",
  version: 6,
  folders: findFolders,
  // A thread's file; with `local_thread_store_compression` on, cold ones are rewritten as .jsonl.zst.
  isLog: (name) => /\.jsonl(\.zst)?$/.test(name),
  kinds: KINDS,
  fields: FIELDS,
  openTally,
  nameSession: threadInName,
  relate: relateLog,
  count: countLog,
  merge: mergeCounted,
  resolve: resolveLogs,
};
