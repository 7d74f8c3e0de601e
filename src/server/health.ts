/**
 * What `GET /health` says: for anyone on this machine, so without secrets. The same type serves who answers and
 * who asks.
 *
 * @module
 */

import type { KernelWall } from "./landlock.ts";

/** The body of `GET /health`. */
export interface Health {
  readonly name: "agentos";
  readonly version: string;
  /** The Deno that it runs on. */
  readonly runtime: string;
  readonly uptimeSeconds: number;
  /** How many tools it offers. */
  readonly tools: number;
  /** The home repo; null without one. */
  readonly repo: string | null;
  /** How many roots it was given. */
  readonly roots: number;
  readonly wall: KernelWall;
  /** The providers that the model gateway passes requests on to; none when it is off. */
  readonly providers: readonly string[];
  /** Whether calls and reports are written down, and how many were lost since the start. */
  readonly ledger: { readonly ok: boolean; readonly dropped: number };
}

/** Who answers on a port. */
export type Neighbour =
  | { readonly kind: "nobody" }
  /** Something that is not agentos, or does not answer. */
  | { readonly kind: "other" }
  | { readonly kind: "agentos"; readonly health: Health };

/** A server that is starting lets requests wait until it is ready. */
const answerLimitMs = 4_000;

/** Asks who answers on a port of this machine. Never throws. */
export async function askHealth(port: number): Promise<Neighbour> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/health`, {
      signal: AbortSignal.timeout(answerLimitMs),
      redirect: "error",
    });
    const health = parseHealth(await response.json());
    return health === undefined ? { kind: "other" } : { kind: "agentos", health };
  } catch {
    return await isRefused(port) ? { kind: "nobody" } : { kind: "other" };
  }
}

/** Asked of the socket itself: how fetch says a refused connection differs from one Deno to the next. */
async function isRefused(port: number): Promise<boolean> {
  try {
    (await Deno.connect({ hostname: "127.0.0.1", port })).close();
    return false;
  } catch (error) {
    return error instanceof Deno.errors.ConnectionRefused;
  }
}

/** Reads an answer of `GET /health`; undefined when it is none. */
export function parseHealth(data: unknown): Health | undefined {
  if (typeof data !== "object" || data === null) return undefined;
  const fields: Readonly<Record<string, unknown>> = { ...data };
  const { name, version, runtime, uptimeSeconds, tools, repo, roots } = fields;
  if (name !== "agentos" || typeof version !== "string") return undefined;
  return {
    name,
    version,
    runtime: typeof runtime === "string" ? runtime : "unknown",
    uptimeSeconds: toCount(uptimeSeconds),
    tools: toCount(tools),
    repo: typeof repo === "string" ? repo : null,
    roots: toCount(roots),
    wall: toWall(fields.wall),
    providers: toTexts(fields.providers),
    ledger: toLedger(fields.ledger),
  };
}

function toCount(data: unknown): number {
  return typeof data === "number" && Number.isFinite(data) && data >= 0 ? data : 0;
}

function toTexts(data: unknown): readonly string[] {
  return Array.isArray(data) ? data.filter((item) => typeof item === "string") : [];
}

function toWall(data: unknown): KernelWall {
  if (typeof data === "object" && data !== null && "state" in data) {
    if (data.state === "on" && "abi" in data) return { state: "on", abi: toCount(data.abi) };
    if (data.state === "off" && "reason" in data && typeof data.reason === "string") {
      return { state: "off", reason: data.reason };
    }
  }
  return { state: "off", reason: "the server does not say" };
}

function toLedger(data: unknown): Health["ledger"] {
  if (typeof data !== "object" || data === null) return { ok: false, dropped: 0 };
  return {
    ok: "ok" in data && data.ok === true,
    dropped: "dropped" in data ? toCount(data.dropped) : 0,
  };
}
