/**
 * What the model gateway saw of the same responses that the logs tell of: their true cost, where the provider says it; and
 * responses that no log tells of, such as a client's hidden requests and sessions that it keeps no log of.
 *
 * @module
 */

import type { DatabaseSync } from "node:sqlite";
import type { Response, Tokens } from "./model.ts";

/** Who stands in reports for what only the gateway saw. */
const GATEWAY_CLIENT = "gateway";

/** What reports name as the source of a cost that the provider itself told. */
const PROVIDER_SOURCE = "provider";

/** One answered request, as the server wrote it down. */
export interface SeenResponse {
  /** The provider's id of the response. */
  readonly id: string;
  readonly at: number;
  readonly provider: string;
  /** The model that was asked for, as the client's log names it. */
  readonly model: string;
  /** The client's own id of the session; undefined when it did not say. */
  readonly thread: string | undefined;
  readonly tokens: Tokens;
  /** In US dollars; undefined when the provider did not say. */
  readonly costUsd: number | undefined;
}

/**
 * Reads what the server wrote down; nothing where no server ever did.
 *
 * @param fromMs leaves out what was answered earlier; milliseconds since 1970
 */
export function readSeenResponses(db: DatabaseSync, fromMs = 0): readonly SeenResponse[] {
  const columns = db.prepare("SELECT name FROM pragma_table_info('model_requests')").all();
  if (columns.length === 0) return [];
  // A server that has not been started since it was replaced keeps its older table.
  const cacheWrite = columns.some(({ name }) => name === "cache_write_tokens") ? "cache_write_tokens" : "0";
  const rows = db.prepare(`
    SELECT at, provider, thread, model_asked, response_id, input_tokens, cached_tokens, ${cacheWrite} AS cache_write,
      output_tokens, reasoning_tokens, cost_usd
    FROM model_requests WHERE at >= ? AND response_id IS NOT NULL AND input_tokens IS NOT NULL ORDER BY id`)
    .all(fromMs);
  return rows.map((row) => ({
    id: String(row["response_id"]),
    at: Number(row["at"]),
    provider: String(row["provider"]),
    model: String(row["model_asked"]),
    thread: row["thread"] === null ? undefined : String(row["thread"]),
    tokens: {
      input: Number(row["input_tokens"]),
      cached: Number(row["cached_tokens"]),
      cacheWrite: Number(row["cache_write"]),
      cacheWrite1h: 0,
      output: Number(row["output_tokens"]),
      reasoning: Number(row["reasoning_tokens"]),
    },
    costUsd: row["cost_usd"] === null ? undefined : Number(row["cost_usd"]),
  }));
}

/**
 * Puts both together, each response counted once.
 *
 * A log of a version that writes no ids tells of responses that cannot be matched; what the gateway saw of such a session
 * is then taken for told, so that nothing counts twice.
 *
 * @param hasUnlogged whether what no log tells of is asked for too
 */
export function addSeen(
  logged: readonly Response[],
  seen: readonly SeenResponse[],
  hasUnlogged: boolean,
): readonly Response[] {
  if (seen.length === 0) return logged;
  const unmatched = new Map(seen.map((one) => [one.id, one]));
  const unnamed = new Set<string>();
  const responses = logged.map((response): Response => {
    if (response.id === undefined) unnamed.add(response.session);
    const match = response.id === undefined ? undefined : unmatched.get(response.id);
    if (match === undefined) return response;
    // Of two logs that tell of it both get its cost; only one of them is counted.
    return match.costUsd === undefined
      ? response
      : { ...response, costUsd: match.costUsd, costSource: PROVIDER_SOURCE };
  });
  for (const { id } of logged) if (id !== undefined) unmatched.delete(id);
  if (!hasUnlogged) return responses;
  const hidden = [...unmatched.values()].filter(({ thread }) => thread === undefined || !unnamed.has(thread));
  return [...responses, ...hidden.map(toResponse)];
}

function toResponse({ id, at, provider, model, thread, tokens, costUsd }: SeenResponse): Response {
  return {
    client: GATEWAY_CLIENT,
    id,
    session: thread ?? "",
    at,
    provider,
    model,
    project: "",
    speed: "standard",
    tokens,
    costUsd,
    ...(costUsd === undefined ? {} : { costSource: PROVIDER_SOURCE }),
  };
}
