/**
 * Errors of the model gateway: a real gateway before a provider that a test scripts.
 *
 * @module
 */

import assert from "node:assert/strict";
import { isObject } from "../../src/base/json_fields.ts";
import { keepLog } from "../../src/server/app_fixture.ts";
import { openGateway } from "../../src/server/gateway/gateway.ts";
import {
  type GatewayFixture,
  KEY,
  openGatewayFixture,
  PROVIDER_URL,
  type Upstream,
} from "../../src/server/gateway/gateway_fixture.ts";
import { parseRequest } from "../../src/server/gateway/request.ts";
import { NO_GATEWAY } from "../../src/server/gateway/settings.ts";
import { failing, type Provocations, rename, type Said, sayError } from "./provocation.ts";

const REQUEST = { model: "vendor/model", stream: true, input: [] };
const SETTINGS = {
  ...NO_GATEWAY,
  providers: [{ name: "test", baseUrl: PROVIDER_URL, wire: "responses" as const }],
};

/** A client shows its user one sentence, so the gateway's holds the next step too. */
async function say(response: Response): Promise<Said> {
  const body: unknown = await response.json();
  assert.ok(isObject(body) && isObject(body["error"]), JSON.stringify(body));
  const { code, message } = body["error"];
  return { code: String(code), sentence: rename(String(message), {}), hint: "(in the sentence)" };
}

const neverAsked: Upstream = () => assert.fail("the provider was asked");

async function withGateway(
  upstream: Upstream,
  options: Parameters<typeof openGatewayFixture>[1],
  ask: (gateway: GatewayFixture) => Promise<Response>,
): Promise<Said> {
  await using gateway = await openGatewayFixture(upstream, options);
  return await say(await ask(gateway));
}

/** By code. */
export const GATEWAY_PROVOCATIONS: Provocations = {
  "gateway.request": async () => sayError(await failing(() => parseRequest('{"input":"hello"}'))),
  "gateway.no_key": () =>
    withGateway(neverAsked, {}, (gateway) => gateway.post(REQUEST, { headers: { authorization: "" } })),
  "gateway.unknown_provider": () =>
    withGateway(neverAsked, {}, (gateway) => gateway.post(REQUEST, { provider: "other" })),
  "gateway.limit": () =>
    withGateway(
      neverAsked,
      { settings: { ...SETTINGS, limit: { maxCostPerDayUsd: undefined, maxRequestsPerMinute: 0 } } },
      (gateway) => gateway.post(REQUEST),
    ),
  "gateway.upstream": () =>
    withGateway(
      () => new Response("<html>", { headers: { "content-type": "text/html" } }),
      {},
      (gateway) => gateway.post({ ...REQUEST, stream: false }),
    ),
  "gateway.silent": async () => {
    const over = new AbortController();
    const hang: Upstream = async (request) => {
      await request.text();
      await new Promise((resume) => over.signal.addEventListener("abort", resume));
      return new Response();
    };
    return await withGateway(hang, { idleMs: 100 }, async (gateway) => {
      const response = await gateway.post(REQUEST);
      over.abort();
      return response;
    });
  },
  "gateway.busy": async () => {
    const gateway = await openGateway({
      settings: SETTINGS,
      log: keepLog([]),
      spent: [],
      fetch: () => assert.fail("the provider was asked"),
      record: () => {},
    });
    const senders: ReadableStreamDefaultController<Uint8Array>[] = [];
    const ask = (): Promise<Response> => {
      const body = new ReadableStream<Uint8Array>({ start: (controller) => void senders.push(controller) });
      const headers = { "authorization": `Bearer ${KEY}`, "content-type": "application/json" };
      return gateway.answer(new Request("http://127.0.0.1/test", { method: "POST", headers, body }), "test");
    };
    const waiting = Array.from({ length: 4 }, ask);
    await new Promise((resume) => setTimeout(resume, 10));
    const said = await say(await ask());
    for (const sender of senders.slice(0, waiting.length)) sender.error(new Error("gone"));
    for (const response of await Promise.all(waiting)) await response.body?.cancel();
    return said;
  },
};
