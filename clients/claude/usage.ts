/**
 * What we know of Claude Code's logs: where they are, what one line says, and which lines are the same response.
 *
 * Seen in logs of Claude Code 2.1 (2026-11): one line per content block of an answer, so a response stands in several
 * lines with the same message id and request id, the early ones with a partial count of output tokens. A resumed session
 * copies its history into a new file; the log of a sub-agent stands beside its session's, which may repeat its lines in
 * `progress` records. Claude Code deletes logs after 30 days.
 *
 * @module
 */

import { addHourRates } from "./cache_prices.ts";
import { openFieldPaths } from "../../src/base/field_paths.ts";
import { NO_TOKENS, sameTokens, UNKNOWN_MODEL } from "../../src/base/token_counts.ts";
import type { EnvView, LineKind, UsageClient } from "../../src/usage/client.ts";
import type { Field, LineView } from "../../src/usage/line_view.ts";
import type { Finding, Log, Resolved, Response, ResponseEvent, Tokens } from "../../src/usage/model.ts";

/** CLAUDE_CONFIG_DIR may be a list; without it both the old and the new place are looked into. */
function findFolders(env: EnvView, userHome: string): readonly string[] {
  const named = env("CLAUDE_CONFIG_DIR")?.split(",").map((folder) => folder.trim()).filter((folder) =>
    folder !== ""
  );
  return (named ?? [`${userHome}/.claude`, `${userHome}/.config/claude`]).map((folder) => {
    const path = folder.replace(/^~(?=\/|$)/, userHome).replace(/^\$HOME(?=\/|$)/, userHome).replace(
      /(?<=.)\/+$/,
      "",
    );
    return path.endsWith("/projects") ? path : `${path}/projects`;
  });
}

const { paths: FIELDS, fieldOf } = openFieldPaths();

type Part =
  | "time"
  | "uuid"
  | "request"
  | "session"
  | "project"
  | "cost"
  | "id"
  | "model"
  | "usage"
  | "input"
  | "output"
  | "cached"
  | "written"
  | "hour"
  | "minutes"
  | "speed";

/** Where an answer's parts stand. */
function answerAt(place: string): Readonly<Record<Part, Field>> {
  const usage = `${place}message.usage`;
  return {
    time: fieldOf(`${place}timestamp`),
    uuid: fieldOf(`${place}uuid`),
    request: fieldOf(`${place}requestId`),
    session: fieldOf(`${place}sessionId`),
    project: fieldOf(`${place}cwd`),
    cost: fieldOf(`${place}costUSD`),
    id: fieldOf(`${place}message.id`),
    model: fieldOf(`${place}message.model`),
    usage: fieldOf(usage),
    input: fieldOf(`${usage}.input_tokens`),
    output: fieldOf(`${usage}.output_tokens`),
    cached: fieldOf(`${usage}.cache_read_input_tokens`),
    written: fieldOf(`${usage}.cache_creation_input_tokens`),
    hour: fieldOf(`${usage}.cache_creation.ephemeral_1h_input_tokens`),
    minutes: fieldOf(`${usage}.cache_creation.ephemeral_5m_input_tokens`),
    speed: fieldOf(`${usage}.speed`),
  };
}

const ANSWER = answerAt("");
/** A sub-agent's answer is told again in its session's log. */
const RETOLD = answerAt("data.message.");

const KINDS: readonly LineKind[] = [
  { where: { type: "assistant" }, read: (line, number) => readAnswer(line, ANSWER, number) },
  // Other programs that write these logs leave the type out.
  { where: { type: null }, read: (line, number) => readAnswer(line, ANSWER, number) },
  {
    where: { type: "progress", "data.message.type": "assistant" },
    read: (line, number) => readAnswer(line, RETOLD, number),
  },
];

/** Reads the answer that stands at a place in the line; what it does not say of itself the line may say. */
function readAnswer(line: LineView, place: typeof ANSWER, number: number): ResponseEvent | undefined {
  const model = line.text(place.model);
  // Claude Code writes answers of its own under this name; no model made them.
  if (!line.isObject(place.usage) || model === "<synthetic>") return undefined;
  const at = line.time(place.time) ?? line.time(ANSWER.time);
  const id = line.text(place.id) ?? line.text(place.uuid);
  const request = line.text(place.request) ?? line.text(ANSWER.request);
  const session = line.text(place.session) ?? line.text(ANSWER.session);
  const project = line.text(place.project) ?? line.text(ANSWER.project);
  const costUsd = line.number(place.cost);
  return {
    kind: "response",
    line: number,
    tokens: readTokens(line, place),
    ...(at === undefined ? {} : { at }),
    ...(id === undefined ? {} : { id }),
    ...(request === undefined ? {} : { request }),
    ...(session === undefined ? {} : { session }),
    ...(project === undefined ? {} : { project }),
    ...(model === undefined ? {} : { model }),
    ...(line.text(place.speed) === "fast" ? { speed: "fast" as const } : {}),
    ...(costUsd !== undefined && Number.isFinite(costUsd) && costUsd >= 0 ? { costUsd } : {}),
  };
}

/** Anthropic's counts stand side by side; here the input holds what was read from and written to the cache. */
function readTokens(line: LineView, place: typeof ANSWER): Tokens {
  const hour = line.count(place.hour) ?? 0;
  const minutes = line.count(place.minutes) ?? 0;
  const cacheWrite = line.count(place.written) ?? capCount(hour + minutes);
  const cached = line.count(place.cached) ?? 0;
  return {
    input: capCount((line.count(place.input) ?? 0) + cached + cacheWrite),
    cached,
    cacheWrite,
    cacheWrite1h: Math.min(hour, cacheWrite),
    output: line.count(place.output) ?? 0,
    reasoning: 0,
  };
}

/** Only nonsense is larger than what can be counted with exactly. */
function capCount(count: number): number {
  return Math.min(count, Number.MAX_SAFE_INTEGER);
}

/** What a line says of a response; its names are the message's id and, where it is known, the request's. */
function openResponse(log: Log, event: ResponseEvent): Response {
  const model = event.model ?? UNKNOWN_MODEL;
  return {
    client: "claude",
    id: event.id,
    names: [event.id ?? `${log.path}:${event.line}`, ...(event.request === undefined ? [] : [event.request])],
    session: event.session ?? sessionOfPath(log.path),
    at: event.at ?? 0,
    provider: findProvider(model),
    model,
    project: event.project ?? "",
    speed: event.speed ?? "standard",
    tokens: event.tokens,
    costUsd: event.costUsd,
  };
}

/**
 * Clouds that resell Anthropic's models name them in ways of their own: Amazon with a region before the name, or with the
 * ARN of a profile (docs.claude.com, Claude Code on Amazon Bedrock, 2026-11). Behind a gateway any model may answer.
 */
function findProvider(model: string): string {
  if (/^(?:[a-z]+(?:-[a-z]+)*\.)?anthropic\.claude-/.test(model)) return "amazon-bedrock";
  if (/^arn:aws(?:-[a-z]+)*:bedrock:/.test(model)) return "amazon-bedrock";
  if (/^claude-[^/]*@/.test(model)) return "google-vertex";
  return model.startsWith("claude-") ? "anthropic" : "unknown";
}

/** `<project>/<session>.jsonl`, and `<project>/<session>/subagents/agent-<id>.jsonl`. */
function sessionOfPath(path: string): string {
  return /([^/\\]+)(?:[/\\]subagents[/\\][^/\\]+|\.jsonl)$/.exec(path)?.[1] ?? path;
}

/** See `UsageClient.count`. */
function countLog(log: Log): readonly Response[] {
  return mergeCounted([listRows(log)]);
}

function listRows(log: Log): readonly Response[] {
  return log.events.flatMap((event) => event.kind === "response" ? [openResponse(log, event)] : []);
}

/** See `UsageClient.merge`: one response per message id and request id, across all files. */
function mergeCounted(counted: readonly (readonly Response[])[]): readonly Response[] {
  return groupRows(counted).map(mergeRows).filter(isAnswer);
}

/** A request that failed is told of without any tokens. */
function isAnswer({ tokens, costUsd }: Response): boolean {
  return costUsd !== undefined || !sameTokens(tokens, NO_TOKENS);
}

/** Brings together what is said of the same response. */
function groupRows(counted: readonly (readonly Response[])[]): readonly (readonly Response[])[] {
  const messages = new Map<string, Response[]>();
  for (const rows of counted) {
    for (const row of rows) {
      const message = row.names?.[0] ?? "";
      const known = messages.get(message);
      if (known === undefined) messages.set(message, [row]);
      else known.push(row);
    }
  }
  return [...messages.values()].flatMap((rows) => rows.length === 1 ? [rows] : splitRequests(rows));
}

/** Gateways leave the request id out; a line without one belongs to the message's other lines. */
function splitRequests(rows: readonly Response[]): readonly (readonly Response[])[] {
  const first = rows.find(({ names }) => names?.[1] !== undefined)?.names?.[1];
  return [...Map.groupBy(rows, ({ names }) => names?.[1] ?? first).values()];
}

/** The fullest of some rows; what it does not say, another one may. */
function mergeRows(rows: readonly Response[]): Response {
  const kept = rows.reduce((best, row) => isBetter(row, best) ? row : best);
  if (kept.at !== 0 && (kept.costUsd !== undefined || rows.every(({ costUsd }) => costUsd === undefined))) {
    return kept;
  }
  return {
    ...kept,
    at: kept.at === 0 ? rows.find(({ at }) => at !== 0)?.at ?? 0 : kept.at,
    costUsd: kept.costUsd ?? rows.find(({ costUsd }) => costUsd !== undefined)?.costUsd,
  };
}

/** While an answer streams in, its count of output tokens grows; history copied later keeps its first time. */
function isBetter(a: Response, b: Response): boolean {
  if (a.tokens.output !== b.tokens.output) return a.tokens.output > b.tokens.output;
  if (a.tokens.input !== b.tokens.input) return a.tokens.input > b.tokens.input;
  if ((a.costUsd === undefined) !== (b.costUsd === undefined)) return b.costUsd === undefined;
  return (a.at || Infinity) < (b.at || Infinity);
}

/** See `UsageClient.resolve`. */
function resolveLogs(logs: readonly Log[], explain: boolean): Resolved {
  return {
    responses: mergeCounted(logs.map(countLog)),
    findings: explain ? explainLogs(logs) : [],
  };
}

function explainLogs(logs: readonly Log[]): readonly Finding[] {
  const places = new Map<Response, { readonly path: string; readonly line: number }>();
  const counted = logs.map((log) =>
    log.events.flatMap((event) => {
      if (event.kind !== "response") return [];
      const row = openResponse(log, event);
      places.set(row, { path: log.path, line: event.line });
      return [row];
    })
  );
  return groupRows(counted).flatMap((rows) => {
    const merged = mergeRows(rows);
    if (!isAnswer(merged)) return [];
    const kept = rows.reduce((best, row) => isBetter(row, best) ? row : best);
    return rows.map((row): Finding => ({
      path: places.get(row)?.path ?? "",
      line: places.get(row)?.line ?? 0,
      session: merged.session,
      at: row.at === 0 ? undefined : row.at,
      verdict: row === kept ? "counted" : "repeated",
      reason: row === kept ? "the fullest line of this message" : "another line of this message counts",
      tokens: row.tokens,
      model: merged.model,
    }));
  });
}

/** Claude Code's usage facet. */
export const claudeUsage: UsageClient = {
  id: "claude",
  version: 4,
  folders: findFolders,
  isLog: (name) => name.endsWith(".jsonl"),
  kinds: KINDS,
  fields: FIELDS,
  // Copies of a response are found by its names, whichever session's log they stand in.
  relate: (log) => ({ session: log.path, parent: undefined }),
  count: countLog,
  merge: mergeCounted,
  resolve: resolveLogs,
  completePrice: addHourRates,
};
