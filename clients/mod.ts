/**
 * CLIENTS: every outside agent we know, by id. Facets load lazily; `src/` never names a client, commands hand these rows
 * in.
 *
 * @module
 */

import type { SyncClient } from "../src/sync/client.ts";
import type { UsageClient } from "../src/usage/client.ts";

/** One client: its name, and what we can do with it. */
export interface Client {
  readonly title: string;
  /** Keeping its home in step with the repo. */
  readonly sync?: () => Promise<SyncClient>;
  /** Reading its logs. */
  readonly usage?: () => Promise<UsageClient>;
}

/** The one table of clients. */
export const CLIENTS: Readonly<Record<string, Client>> = {
  codex: {
    title: "Codex CLI",
    sync: async () => (await import("./codex/sync.ts")).codexSync,
    usage: async () => (await import("./codex/usage.ts")).codexUsage,
  },
  claude: { title: "Claude Code", usage: async () => (await import("./claude/usage.ts")).claudeUsage },
};
