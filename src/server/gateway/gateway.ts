/**
 * The gateway: passes a client's request for a model on to a provider and the answer back, each rewritten so that the
 * other can take it.
 *
 * The key is the client's own, in its Authorization header; it goes to the provider that the path names, at the address
 * that was configured, and is not looked at, logged or kept.
 *
 * @module
 */

import { AppError, ERRORS, messageOf } from "../../base/errors.ts";
import { type JsonObject, objectOf, textOf } from "../../base/json_fields.ts";
import { answerJson, respond } from "../answers.ts";
import { makeBodyLimits, readBody, refuseMediaType } from "../body.ts";
import { clientOfHeaders } from "../caller.ts";
import { type Deadlines, makeDeadlines } from "../deadlines.ts";
import type { ModelCost } from "../ledger.ts";
import type { ServerLog } from "../log.ts";
import { type Account, openAccount } from "./account.ts";
import { openAnswer } from "./answer.ts";
import type { FailureCode } from "./chat/events.ts";
import { failedAnswer } from "./failed.ts";
import { flatten, type Flattened } from "./flatten.ts";
import { answerHeaders, type HeaderList, listHeaders, requestHeaders } from "./headers.ts";
import { makeLimits } from "./limits.ts";
import type { ModelRequestRecord } from "./record.ts";
import { readText, relayAnswer, TooMuch } from "./relay.ts";
import { parseRequest } from "./request.ts";
import { restoreEvent, restoreResponse } from "./restore.ts";
import { authorityOf, type GatewaySettings, isThisMachine, NO_GATEWAY, type Provider } from "./settings.ts";
import { renderEvent } from "./sse.ts";
import { eventsOfWhole } from "./whole.ts";
import { type Asked, type ResponsesEvent, type Wire, WIRES } from "./wire.ts";

/** What the gateway stands on. */
export interface GatewayDeps {
  readonly settings: GatewaySettings;
  readonly log: ServerLog;
  /** What was spent today before the server started. */
  readonly spent: readonly ModelCost[];
  fetch(url: string, init: RequestInit): Promise<Response>;
  record(record: ModelRequestRecord): void;
  /** How long a provider may say nothing, in milliseconds. */
  readonly idleMs?: number;
}

/** An open gateway. */
export interface Gateway {
  /** The names of its providers. */
  readonly providers: readonly string[];
  /** Answers a `POST …/responses` to a provider; every refusal is an answer too. Never rejects. */
  answer(request: Request, provider: string): Promise<Response>;
}

/** Longer than any client was seen to wait (Codex CLI 0.169: 5 minutes), so that theirs is what counts. */
const IDLE_MS = 10 * 60_000;

/** A conversation with its images. */
const BODY_LIMITS = makeBodyLimits(64 * 1024 * 1024, 60_000);

/** Bodies above this size are read a few at a time, for each is in memory several times over while it is rewritten. */
const LARGE_BYTES = 4 * 1024 * 1024;
const MAX_LARGE = 4;

const MAX_ERROR_BYTES = 256 * 1024;
const MAX_WHOLE_BYTES = 32 * 1024 * 1024;

/** Opens the gateway and loads the wires that its providers speak. */
export async function openGateway(deps: GatewayDeps): Promise<Gateway> {
  const { settings, log } = deps;
  const idle = makeDeadlines(deps.idleMs ?? IDLE_MS);
  const limits = makeLimits(settings, deps.spent);
  const wires = new Map<string, { readonly provider: Provider; readonly wire: Wire }>();
  for (const provider of settings.providers) {
    wires.set(provider.name, { provider, wire: await WIRES[provider.wire]() });
  }
  let large = 0;

  async function readRequest(request: Request): Promise<string> {
    const declared = request.headers.get("content-length");
    if (declared !== null && Number(declared) <= LARGE_BYTES) return await readBody(request, BODY_LIMITS);
    if (large >= MAX_LARGE) {
      await request.body?.cancel();
      throw new AppError("gateway.busy", "The gateway is busy with other large requests.");
    }
    large++;
    try {
      return await readBody(request, BODY_LIMITS);
    } finally {
      large--;
    }
  }

  return {
    providers: [...wires.keys()],
    async answer(request, name): Promise<Response> {
      const dropped: string[] = [];
      const headers = listHeaders(request.headers);
      const arrival = {
        at: Date.now(),
        provider: wires.has(name) ? name : "unknown",
        client: clientOfHeaders(request.headers),
        headers,
      };
      const account = openAccount(arrival, (record) => {
        deps.record(record);
        const { id, provider, modelAsked, status, error, firstOutputMs, elapsedMs, costUsd } = record;
        if (costUsd !== undefined) limits.spend({ model: modelAsked, at: Date.now(), costUsd });
        log.info("model request", {
          id,
          provider,
          model: modelAsked,
          status,
          error,
          firstOutputMs,
          ms: elapsedMs,
          dropped: dropped.length === 0 ? undefined : dropped.slice(0, 20).join(", "),
        });
      });
      try {
        const { provider, wire } = wires.get(name) ?? refuseProvider(name, wires.size === 0);
        refuseKeyless(request.headers, provider);
        refuseEncoding(request.headers);
        const asked = parseRequest(await readRequest(request));
        const model = textOf(asked["model"]) ?? "";
        account.setModel(model);
        limits.enter(model, Date.now());
        const flat = flatten(asked);
        const call = wire.ask(flat.request);
        dropped.push(...flat.dropped, ...call.dropped);
        return await forward({ request, headers, provider, call, flat, account, idle, fetch: deps.fetch });
      } catch (error) {
        if (!(error instanceof AppError)) {
          account.close(500, "internal");
          throw error;
        }
        account.close(ERRORS[error.code].http, error.code);
        return answerRefusal(error);
      }
    },
  };
}

/** The gateway of a server that has none: it says so. */
export function openNoGateway(log: ServerLog): Promise<Gateway> {
  const { fetch } = globalThis;
  return openGateway({ settings: NO_GATEWAY, log, spent: [], fetch, record: () => undefined });
}

interface Forwarding {
  readonly request: Request;
  readonly headers: HeaderList;
  readonly provider: Provider;
  readonly call: Asked;
  readonly flat: Flattened;
  readonly account: Account;
  readonly idle: Deadlines;
  readonly fetch: GatewayDeps["fetch"];
}

/** With its question mark. A sender leaves the fragment out, and making a URL takes as long as a tenth of all this. */
function queryOf(url: string): string {
  const start = url.indexOf("?");
  return start < 0 ? "" : url.slice(start);
}

/** Whether the client reads events. */
function isStreamed({ request }: Flattened): boolean {
  return request["stream"] === true;
}

/** Asks the provider and answers with what it says. */
async function forward(forwarding: Forwarding): Promise<Response> {
  const { request, headers, provider, call, account, idle } = forwarding;
  const upstream = new AbortController();
  // Deno 2.9.6 tells of a sender of more than some 500 bytes that has gone only when it is answered; 2.4.2 at once.
  request.signal.addEventListener("abort", () => {
    account.closeGone();
    upstream.abort();
  }, { once: true });
  let isSilent = false;
  const stop = idle.start(() => {
    isSilent = true;
    upstream.abort();
  });
  try {
    const url = `${provider.baseUrl}${call.path}${queryOf(request.url)}`;
    const response = await forwarding.fetch(url, {
      method: "POST",
      headers: requestHeaders(headers),
      body: JSON.stringify(call.body),
      // To be led elsewhere would take the key along.
      redirect: "manual",
      signal: upstream.signal,
    });
    return await answerWith(response, forwarding, upstream);
  } catch (error) {
    upstream.abort();
    if (error instanceof AppError) return failWith("invalid_prompt", error, forwarding);
    const where = `the provider "${provider.name}" (${authorityOf(provider.baseUrl)})`;
    if (isSilent) throw new AppError("gateway.silent", `No answer came from ${where}`);
    if (error instanceof TooMuch) {
      const tooLong = new AppError("gateway.upstream", `Too long an answer came from ${where}`);
      return failWith("invalid_prompt", tooLong, forwarding);
    }
    const reason = `Cannot reach ${where}: ${reasonOf(error)}`;
    return failWith("server_error", new AppError("gateway.upstream", reason, { cause: error }), forwarding);
  } finally {
    stop();
  }
}

/**
 * A provider's mistake as the end of an answer, for a client that reads events.
 *
 * By a status of 502 the Codex CLI (0.169.0, run 2026-11) asks thirty times, and says why only after the last; each may cost,
 * where a model has answered in a form that is of no use. `invalid_prompt` is shown and not asked again. `server_error` is,
 * five times in six seconds with the sentence on show, in which a server that starts anew is back. (The code that makes it
 * wait longer makes it speak of a rate limit too.)
 */
function failWith(code: FailureCode, error: AppError, { flat, account }: Forwarding): Response {
  if (!isStreamed(flat)) throw error;
  account.close(ERRORS[error.code].http, error.code);
  return tell([failedAnswer(code, sayRefusal(error))], flat, account, answerHeaders(new Headers()));
}

async function answerWith(
  response: Response,
  { call, flat, account, idle, provider }: Forwarding,
  upstream: AbortController,
): Promise<Response> {
  const { status } = response;
  const type = response.headers.get("content-type") ?? "";
  const headers = answerHeaders(response.headers);
  const isStream = isStreamed(flat);
  if (status >= 400) {
    const text = await readText(response.body, MAX_ERROR_BYTES);
    account.close(status, `upstream_${status}`);
    if (call.translation === undefined || !isStream) {
      return respond(text, status, headers);
    }
    return tell(
      call.translation.refused(status, text, secondsOf(headers.get("retry-after"))),
      flat,
      account,
      headers,
    );
  }
  if (response.ok && /^text\/event-stream\b/i.test(type) && response.body !== null) {
    const answer = openAnswer(flat.names, call.translation, account);
    headers.set("content-type", "text/event-stream");
    const body = relayAnswer(response.body, answer, {
      idle,
      abort: () => upstream.abort(),
      onDone: () => account.close(status),
      onGone: () => account.closeGone(),
    });
    return respond(body, 200, headers);
  }
  if (response.ok && /^application\/([\w.-]+\+)?json\b/i.test(type)) {
    const whole = parseWhole(await readText(response.body, MAX_WHOLE_BYTES), provider);
    return isStream ? tellWhole(whole, call, flat, account, headers) : passWhole(whole, call, flat, account);
  }
  await response.body?.cancel();
  const got = status >= 300 && status < 400
    ? `a redirect (${status}), which is not followed: your key goes to the configured address only`
    : `${type === "" ? "nothing" : type.slice(0, 100)} where a stream of events was asked for`;
  throw new AppError("gateway.upstream", `The provider "${provider.name}" answered with ${got}`, {
    hint: `Check base_url of the provider (${authorityOf(provider.baseUrl)}) in config.toml.`,
  });
}

function parseWhole(text: string, { name }: Provider): JsonObject {
  try {
    return objectOf(JSON.parse(text));
  } catch (cause) {
    throw new AppError("gateway.upstream", `The provider "${name}" answered with JSON that is broken`, {
      cause,
    });
  }
}

/** A whole answer for a client that wants events. */
function tellWhole(
  whole: JsonObject,
  call: Asked,
  flat: Flattened,
  account: Account,
  headers: Map<string, string>,
): Response {
  account.onFirstOutput();
  return tell(call.translation?.whole(whole) ?? eventsOfWhole(whole), flat, account, headers);
}

/** Events that are known all at once. */
function tell(
  events: readonly ResponsesEvent[],
  { names }: Flattened,
  account: Account,
  headers: Map<string, string>,
): Response {
  let text = "";
  events.forEach((event, sequence_number) => {
    const restored = restoreEvent(event, names);
    if (/^response\.(completed|incomplete|failed)$/.test(event.type)) {
      account.onEnd(objectOf(restored["response"]), event.type);
    }
    text += renderEvent(event.type, JSON.stringify({ ...restored, sequence_number }));
  });
  account.close(200);
  headers.set("content-type", "text/event-stream");
  return respond(text, 200, headers);
}

/** A whole answer for a client that asked for one. */
function passWhole(whole: JsonObject, call: Asked, { names }: Flattened, account: Account): Response {
  account.onFirstOutput();
  const end = call.translation?.whole(whole).at(-1) ?? { type: "response.completed", response: whole };
  const response = objectOf(end["response"]);
  account.onEnd(response, end.type);
  const status = end.type === "response.failed" ? 502 : 200;
  account.close(status);
  return answerJson(status, status === 200 ? restoreResponse(response, names) : { error: response["error"] });
}

function refuseProvider(name: string, isOff: boolean): never {
  if (isOff) {
    throw new AppError("gateway.unknown_provider", "The model gateway is off", {
      hint:
        'Start the server with --gateway, or push the client\'s settings with "agentos sync push --no-gateway".',
    });
  }
  throw new AppError(
    "gateway.unknown_provider",
    `There is no provider "${name.slice(0, 40).toWellFormed()}"`,
    {
      hint: `Name it in config.toml: [gateway.providers.NAME] and base_url = "https://…".`,
    },
  );
}

/** No key, no call; a provider on this machine may need none. */
function refuseKeyless(headers: Headers, provider: Provider): void {
  if (/^\S+ +\S/.test(headers.get("authorization") ?? "") || isThisMachine(provider.baseUrl)) return;
  throw new AppError("gateway.no_key", `The request holds no key for the provider "${provider.name}"`);
}

function refuseEncoding(headers: Headers): void {
  const wrongType = refuseMediaType(headers);
  if (wrongType !== undefined) throw wrongType;
  const encoding = headers.get("content-encoding");
  if (encoding === null || encoding === "identity") return;
  throw new AppError("http.media_type", `The body is compressed (${encoding.slice(0, 40)}).`, {
    hint: "Send it as it is: it only travels inside this machine.",
  });
}

/** One text, because clients show no other. */
function sayRefusal({ message, hint }: AppError): string {
  return `agentos: ${/[.!?]$/.test(message) ? message : `${message}.`} ${hint}`;
}

/** A refusal in the shape that providers use, which is what clients of providers know how to show. */
function answerRefusal(error: AppError): Response {
  const { code, message, hint } = error;
  const extra: Record<string, string> = {};
  // The one part of a 429 that the Codex CLI (0.169.0, run 2026-11) shows to its user; it hides the body.
  if (code === "gateway.limit") {
    extra["x-request-id"] = `agentos: ${message}. ${hint}`.replaceAll(/[^\x20-\x7e]/g, "?");
  }
  if (code === "gateway.busy") extra["retry-after"] = "1";
  if (code === "http.too_large" || code === "http.timeout" || code === "gateway.busy") {
    extra["connection"] = "close";
  }
  return answerJson(ERRORS[code].http, {
    error: { message: sayRefusal(error), type: "agentos", code },
  }, extra);
}

/** `Retry-After` in seconds; the other form, a date, is not used by providers of models. */
function secondsOf(retryAfter: string | undefined): number | undefined {
  return retryAfter !== undefined && /^\d{1,6}$/.test(retryAfter) ? Number(retryAfter) : undefined;
}

/** What Deno says of a connection that failed, without the URL; 2.9.6 says it in the cause. */
function reasonOf(error: unknown): string {
  const inner = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const message = messageOf(inner);
  return message.replace(/^.*?\): (client error \(\w+\): )?/, "").slice(0, 200);
}
