/**
 * What the model gateway saw of the same responses that the logs tell of: their true cost, where the provider says it; and
 * responses that no log tells of, such as a client's hidden requests and sessions that it keeps no log of.
 *
 * @module
 */

import type { DatabaseSync } from "node:sqlite";
import { sameTokens } from "../base/token_counts.ts";
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
  const findSeen = openSeen(seen);
  const told = new Set<SeenResponse>();
  const unnamed = new Set<string>();
  const responses = logged.map((response): Response => {
    if (response.id === undefined) unnamed.add(response.session);
    const match = findSeen(response, told);
    if (match === undefined) return response;
    told.add(match);
    return match.costUsd === undefined
      ? response
      : { ...response, costUsd: match.costUsd, costSource: PROVIDER_SOURCE };
  });
  if (!hasUnlogged) return responses;
  const hidden = seen.filter((one) =>
    !told.has(one) && (one.thread === undefined || !unnamed.has(one.thread))
  );
  return [...responses, ...hidden.map(toResponse)];
}

/**
 * Finds what the gateway saw of a logged response. The id alone does not say: Ollama draws it from a million, and there are
 * servers that know only one. So it is of the same thread, or, where that cannot be told, of no thread, or of as many tokens.
 */
function openSeen(
  seen: readonly SeenResponse[],
): (logged: Response, told: ReadonlySet<SeenResponse>) => SeenResponse | undefined {
  const keyOf = (id: string, thread = ""): string => `${thread}\n${id}`;
  const byThread = Map.groupBy(seen, ({ id, thread }) => keyOf(id, thread));
  const byId = Map.groupBy(seen, ({ id }) => id);
  return ({ id, session, tokens }, told) => {
    if (id === undefined) return undefined;
    // Of two logs that tell of the same one both get its cost; only one of them is counted.
    const pick = (some: readonly SeenResponse[] = []): SeenResponse | undefined =>
      some.find((one) => !told.has(one)) ?? some[0];
    return pick(byThread.get(keyOf(id, session))) ?? pick(byThread.get(keyOf(id))) ??
      pick(byId.get(id)?.filter((one) => sameTokens(one.tokens, tokens)));
  };
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
