/**
 * Which project each client works on, as their hooks report it.
 *
 * A hook calls itself `codex`, the same program's MCP client `codex-mcp-client/0.169.0`: a reported name stands
 * for every client whose name begins with it.
 *
 * @module
 */

import type { ProjectRecord } from "./ledger.ts";

/** The current projects. */
export interface Projects {
  set(record: ProjectRecord): void;
  /** The client's own project, else the one set for everybody, else undefined. */
  of(client: string | undefined): string | undefined;
}

/** Starts with what the ledger remembers. */
export function openProjects(known: readonly ProjectRecord[]): Projects {
  const byClient = new Map<string | undefined, string>();
  for (const record of known) byClient.set(record.client, record.project);
  return {
    set: (record) => void byClient.set(record.client, record.project),
    of(client): string | undefined {
      if (client === undefined || byClient.size === 0) return byClient.get(undefined);
      const own = [...byClient.keys()].filter((name) => name !== undefined && standsFor(name, client));
      const closest = own.toSorted((a, b) => (b?.length ?? 0) - (a?.length ?? 0))[0];
      return byClient.get(closest);
    },
  };
}

/** True when `client` is the named program: equal, or the name followed by something that is no letter. */
function standsFor(name: string, client: string): boolean {
  const [short, long] = [name.toLowerCase(), client.toLowerCase()];
  return long.startsWith(short) && !/[a-z0-9]/.test(long.charAt(short.length));
}
