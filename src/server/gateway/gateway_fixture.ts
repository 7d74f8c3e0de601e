/**
 * For tests: a gateway on a real socket, before a provider that the test scripts, on another one.
 *
 * @module
 */

import { keepLog, type LoggedLine } from "../app_fixture.ts";
import { type GatewayDeps, openGateway } from "./gateway.ts";
import type { ModelRequestRecord } from "./record.ts";
import { NO_GATEWAY } from "./settings.ts";
import type { WireName } from "./wire.ts";

/** What a provider does with a request; its body was not read yet. */
export type Upstream = (request: Request) => Response | Promise<Response>;

/** A gateway and its provider, which it knows as `test` at a public address. */
export interface GatewayFixture extends AsyncDisposable {
  readonly records: ModelRequestRecord[];
  readonly lines: LoggedLine[];
  /** Where the provider really listens. */
  readonly upstreamUrl: string;
  /** POSTs a request with a key. */
  post(body: unknown, options?: PostOptions): Promise<Response>;
  /** Waits until so many requests are accounted for. */
  settled(count: number): Promise<readonly ModelRequestRecord[]>;
}

/** How a test's request differs from a plain one. */
export interface PostOptions {
  readonly provider?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** The key that every test sends. */
export const KEY = "sk-test-0123456789abcdef";

/** The provider's address, as the gateway believes. */
export const PROVIDER_URL = "https://models.example/api/v1";

/** Starts both. */
export async function openGatewayFixture(
  upstream: Upstream,
  options: Partial<GatewayDeps> & { readonly wire?: WireName } = {},
): Promise<GatewayFixture> {
  const records: ModelRequestRecord[] = [];
  const lines: LoggedLine[] = [];
  const quiet = { hostname: "127.0.0.1", port: 0, onListen: (): void => undefined };
  const provider = Deno.serve(quiet, upstream);
  const upstreamUrl = `http://127.0.0.1:${provider.addr.port}`;
  const { wire = "responses", ...deps } = options;
  const gateway = await openGateway({
    settings: { ...NO_GATEWAY, providers: [{ name: "test", baseUrl: PROVIDER_URL, wire }] },
    log: keepLog(lines),
    spent: [],
    fetch: (url, init) => fetch(url.replace("https://models.example", upstreamUrl), init),
    record: (record) => void records.push(record),
    ...deps,
  });
  const server = Deno.serve(
    quiet,
    (request) => gateway.answer(request, new URL(request.url).pathname.slice(1)),
  );
  return {
    records,
    lines,
    upstreamUrl,
    post: (body, { provider = "test", headers = {}, signal } = {}) =>
      fetch(`http://127.0.0.1:${server.addr.port}/${provider}`, {
        method: "POST",
        headers: { authorization: `Bearer ${KEY}`, "content-type": "application/json", ...headers },
        body: typeof body === "string" ? body : JSON.stringify(body),
        ...(signal === undefined ? {} : { signal }),
      }),
    async settled(count): Promise<readonly ModelRequestRecord[]> {
      for (const deadline = Date.now() + 5000; records.length < count && Date.now() < deadline;) {
        await new Promise((resume) => setTimeout(resume, 5));
      }
      return records;
    },
    async [Symbol.asyncDispose](): Promise<void> {
      await Promise.all([server.shutdown(), provider.shutdown()]);
    },
  };
}

/** An event as a provider sends it. */
export function sse(event: Readonly<Record<string, unknown>>): string {
  return `event: ${event["type"]}\ndata: ${JSON.stringify(event)}\n\n`;
}

/** A stream of events. */
export function streamOf(...events: readonly Readonly<Record<string, unknown>>[]): Response {
  return new Response(events.map(sse).join(""), { headers: { "content-type": "text/event-stream" } });
}
