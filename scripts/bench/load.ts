/**
 * Load on an MCP endpoint, by wrk (Debian's package): calls per second and latency.
 *
 * @module
 */

import { join } from "node:path";

/** An MCP endpoint and what each call is sent with. */
export interface Endpoint {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** What a load of calls got. */
export interface Load {
  readonly callsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const HEADERS = {
  "content-type": "application/json",
  accept: "application/json, text/event-stream",
  "mcp-protocol-version": "2025-06-18",
};

/**
 * Calls one method once and answers the size of its answer in bytes.
 *
 * @throws {Error} when the answer is a refusal, which may be quicker than the work
 */
export async function callOnce(endpoint: Endpoint, method: string, params: unknown): Promise<number> {
  const response = await fetch(endpoint.url, {
    method: "POST",
    headers: { ...HEADERS, ...endpoint.headers },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
  });
  const text = await response.text();
  if (!response.ok || !text.includes('"result":') || text.includes('"isError":true')) {
    throw new Error(`${endpoint.url} refused ${method}: ${text.slice(0, 500)}`);
  }
  return new TextEncoder().encode(text).length;
}

/**
 * Calls one method over eight connections for so many seconds.
 *
 * @throws {Error} when wrk is missing, an answer was no 200 or a connection broke
 */
export async function loadEndpoint(
  endpoint: Endpoint,
  method: string,
  params: unknown,
  seconds: number,
): Promise<Load> {
  const folder = await Deno.makeTempDir({ prefix: "agentos-load-" });
  try {
    const script = join(folder, "call.lua");
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
    const headers = Object.entries({ ...HEADERS, ...endpoint.headers })
      .map(([name, value]) => `wrk.headers[${JSON.stringify(name)}] = ${JSON.stringify(value)}`).join("\n");
    await Deno.writeTextFile(script, `wrk.method = "POST"\nwrk.body = [==[${body}]==]\n${headers}\n`);
    const { success, stdout, stderr } = await new Deno.Command("wrk", {
      args: ["-t1", "-c8", `-d${seconds}s`, "--timeout=10s", "--latency", "-s", script, endpoint.url],
      stdout: "piped",
      stderr: "piped",
    }).output();
    const text = new TextDecoder().decode(stdout);
    if (!success || text.includes("Non-2xx") || text.includes("Socket errors")) {
      throw new Error(`the load on ${endpoint.url} failed:\n${text}${new TextDecoder().decode(stderr)}`);
    }
    return {
      callsPerSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(text)?.[1]),
      p50Ms: readLatency(text, "50%"),
      p99Ms: readLatency(text, "99%"),
    };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function readLatency(text: string, percentile: string): number {
  const match = new RegExp(`${percentile}\\s+([\\d.]+)(us|ms|s)\\b`).exec(text);
  const factor = { us: 0.001, ms: 1, s: 1000 }[match?.[2] ?? "ms"] ?? Number.NaN;
  return Number(match?.[1]) * factor;
}
