import assert from "node:assert/strict";
import { isObject, type JsonObject, objectOf } from "../../base/json_fields.ts";
import { KEY, openGatewayFixture, PROVIDER_URL, sse, streamOf, type Upstream } from "./gateway_fixture.ts";
import { NO_GATEWAY } from "./settings.ts";

const READ = { type: "function", name: "read", parameters: { type: "object" } };
const REQUEST = {
  model: "vendor/model",
  stream: true,
  input: [{ type: "message", role: "user", content: [{ type: "input_text", text: "a secret prompt" }] }],
  tools: [{ type: "namespace", name: "mcp__files", description: "", tools: [READ] }, { type: "web_search" }],
};
const WHOLE_REQUEST = { ...REQUEST, stream: false };
const CREATED = { type: "response.created", response: { id: "resp_1", model: "vendor/model-2026" } };
const DELTA = { type: "response.output_text.delta", delta: "hi" };
const COMPLETED = {
  type: "response.completed",
  response: {
    id: "resp_1",
    model: "vendor/model-2026",
    status: "completed",
    output: [],
    usage: {
      input_tokens: 100,
      input_tokens_details: { cached_tokens: 20, cache_write_tokens: 5 },
      output_tokens: 10,
      output_tokens_details: { reasoning_tokens: 3 },
      total_tokens: 110,
      cost: 0.00125,
    },
  },
};
const CALL = { type: "function_call", call_id: "c", name: "mcp__files__read", arguments: "{}" };

function eventsOf(text: string): JsonObject[] {
  return [...text.matchAll(/^data: (.*)$/gm)].map(([, data = ""]) => JSON.parse(data)).filter(isObject);
}

/** The sentence of an answer that is nothing but its failure. */
async function failureOf(response: Response, code: string): Promise<string> {
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("content-type"), "text/event-stream");
  assert.equal(response.headers.get("cache-control"), "no-store");
  const [event, ...others] = eventsOf(await response.text());
  assert.deepEqual(others, []);
  assert.equal(event?.["type"], "response.failed");
  const error = objectOf(objectOf(event?.["response"])["error"]);
  assert.equal(error["code"], code);
  return String(error["message"]);
}

/** The sentence of a refusal. */
async function refusalOf(response: Response): Promise<string> {
  const body: unknown = await response.json();
  assert.ok(isObject(body) && isObject(body["error"]), JSON.stringify(body));
  return String(body["error"]["message"]);
}

Deno.test("a request goes on with its key and flat tools, and comes back with its own names", async () => {
  let seen: { url: string; headers: Headers; body: JsonObject } | undefined;
  await using gateway = await openGatewayFixture(async (request) => {
    seen = { url: request.url, headers: request.headers, body: await request.json() };
    const item = { type: "response.output_item.done", item: CALL };
    return streamOf(CREATED, DELTA, item, COMPLETED);
  });
  const response = await gateway.post(REQUEST, {
    provider: "test?beta=1&more=%3F",
    headers: {
      "user-agent": "client/1.2",
      "session-id": "s-1",
      "thread-id": "t-1",
      "x-client-turn-metadata": '{"turn_id":"u-1","request_kind":"turn","thread_source":"user"}',
      "http-referer": "https://mine.example",
      cookie: "a=b",
      "accept-encoding": "gzip",
    },
  });
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("content-type"), "text/event-stream");
  const events = eventsOf(await response.text());
  assert.deepEqual(events[2]?.["item"], { ...CALL, namespace: "mcp__files", name: "read" });

  assert.match(seen?.url ?? "", /\/api\/v1\/responses\?beta=1&more=%3F$/);
  assert.equal(seen?.headers.get("authorization"), `Bearer ${KEY}`);
  assert.equal(seen?.headers.get("http-referer"), "https://mine.example");
  assert.equal(seen?.headers.get("user-agent"), "client/1.2");
  assert.equal(seen?.headers.get("cookie"), null);
  assert.equal(seen?.headers.get("accept-encoding"), "identity");
  assert.deepEqual(seen?.body["tools"], [{ ...READ, name: "mcp__files__read" }]);

  const [record] = await gateway.settled(1);
  assert.ok(record !== undefined);
  const { id, at, firstOutputMs, elapsedMs, tokensPerSecond, ...rest } = record;
  assert.match(id, /^[0-9a-f-]{36}$/);
  assert.ok(Math.abs(Date.now() - at) < 60_000);
  assert.ok(firstOutputMs !== undefined && firstOutputMs > 0 && elapsedMs >= firstOutputMs);
  assert.ok(tokensPerSecond === undefined || tokensPerSecond > 0);
  assert.deepEqual(rest, {
    provider: "test",
    client: "client/1.2",
    session: "s-1",
    thread: "t-1",
    turn: "u-1",
    kind: "turn",
    source: "user",
    modelAsked: "vendor/model",
    modelServed: "vendor/model-2026",
    responseId: "resp_1",
    status: 200,
    error: undefined,
    tokens: { input: 100, cached: 20, cacheWrite: 5, output: 10, reasoning: 3 },
    costUsd: 0.00125,
  });
  const log = JSON.stringify(gateway.lines);
  assert.match(log, /"dropped":"tool web_search"/);
  assert.ok(!log.includes(KEY) && !log.includes("secret prompt") && !JSON.stringify(record).includes(KEY));
});

Deno.test("text reaches the client as soon as it is there", async () => {
  const next = Promise.withResolvers<void>();
  await using gateway = await openGatewayFixture(() => {
    const body = new ReadableStream<string>({
      async start(controller): Promise<void> {
        controller.enqueue(sse(CREATED) + sse(DELTA));
        await next.promise;
        controller.enqueue(sse(COMPLETED));
        controller.close();
      },
    }).pipeThrough(new TextEncoderStream());
    return new Response(body, { headers: { "content-type": "text/event-stream" } });
  });
  const reader = (await gateway.post(REQUEST)).body?.pipeThrough(new TextDecoderStream()).getReader();
  assert.match((await reader?.read())?.value ?? "", /"delta":"hi"/);
  next.resolve();
  assert.match((await reader?.read())?.value ?? "", /response\.completed/);
  assert.equal((await reader?.read())?.done, true);
});

for (const [status, extra] of [[429, { "retry-after": "7" }], [500, {}], [402, {}], [400, {}]] as const) {
  Deno.test(`a provider's ${status} is passed on with what it says`, async () => {
    const body = '{"error":{"message":"no more","code":"x"}}';
    await using gateway = await openGatewayFixture(() =>
      new Response(body, {
        status,
        headers: { "content-type": "application/json", "set-cookie": "a=b", ...extra },
      })
    );
    const response = await gateway.post(REQUEST);
    assert.equal(response.status, status);
    assert.equal(await response.text(), body);
    assert.equal(response.headers.get("retry-after"), "retry-after" in extra ? extra["retry-after"] : null);
    assert.equal(response.headers.get("set-cookie"), null);
    const [record] = await gateway.settled(1);
    assert.equal(record?.error, `upstream_${status}`);
    assert.equal(record?.status, status);
  });
}

Deno.test("a redirect is not followed: the key stays with the configured host", async () => {
  let led = 0;
  const elsewhere = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => undefined }, () => {
    led++;
    return streamOf(COMPLETED);
  });
  try {
    for (const status of [301, 302, 307, 308]) {
      await using gateway = await openGatewayFixture(() =>
        new Response(null, { status, headers: { location: `http://127.0.0.1:${elsewhere.addr.port}/` } })
      );
      const response = await gateway.post(WHOLE_REQUEST);
      assert.equal(response.status, 502);
      assert.match(await refusalOf(response), /a redirect \(30\d\), which is not followed/);
      assert.equal(response.headers.get("location"), null);
      const streamed = await gateway.post(REQUEST);
      assert.match(await failureOf(streamed, "invalid_prompt"), /a redirect \(30\d\), which is not followed/);
      assert.equal(streamed.headers.get("location"), null);
    }
    assert.equal(led, 0);
  } finally {
    await elsewhere.shutdown();
  }
});

Deno.test("no key, no call; no JSON, no call; compressed, no call; unknown provider, no call", async () => {
  let asked = 0;
  await using gateway = await openGatewayFixture(() => {
    asked++;
    return streamOf(COMPLETED);
  });
  for (
    const [headers, status, said] of [
      [{ authorization: "" }, 401, /no key for the provider "test"/],
      [{ authorization: "Bearer " }, 401, /no key/],
      [{ "content-type": "text/plain" }, 415, /must be JSON/],
      [{ "content-encoding": "zstd" }, 415, /compressed \(zstd\)/],
    ] as const
  ) {
    const response = await gateway.post(REQUEST, { headers });
    assert.equal(response.status, status);
    assert.match(await refusalOf(response), said);
  }
  for (
    const [body, said] of [["{", /not JSON/], ["[]", /not a JSON object/], [
      { input: [] },
      /names no model/,
    ]] as const
  ) {
    const response = await gateway.post(body);
    assert.equal(response.status, 400);
    assert.match(await refusalOf(response), said);
  }
  const response = await gateway.post(REQUEST, { provider: "other" });
  assert.equal(response.status, 404);
  assert.match(await refusalOf(response), /There is no provider "other"/);
  assert.equal(asked, 0);
  assert.deepEqual((await gateway.settled(8)).map(({ error }) => error), [
    "gateway.no_key",
    "gateway.no_key",
    "http.media_type",
    "http.media_type",
    "gateway.request",
    "gateway.request",
    "gateway.request",
    "gateway.unknown_provider",
  ]);
});

Deno.test("a gateway that is off says so", async () => {
  await using gateway = await openGatewayFixture(() => streamOf(COMPLETED), { settings: NO_GATEWAY });
  const response = await gateway.post(REQUEST);
  assert.equal(response.status, 404);
  assert.match(await refusalOf(response), /The model gateway is off.*sync push --no-gateway/);
});

Deno.test("a provider that cannot be reached is named", async () => {
  await using gateway = await openGatewayFixture(() => streamOf(COMPLETED), {
    fetch: (_url, init) => fetch("http://127.0.0.1:1023/v1", init),
  });
  const response = await gateway.post(WHOLE_REQUEST);
  assert.equal(response.status, 502);
  assert.match(
    await refusalOf(response),
    /^agentos: Cannot reach the provider "test" \(models\.example:443\): .*Connection refused/,
  );
  assert.match(
    await failureOf(await gateway.post(REQUEST), "server_error"),
    /^agentos: Cannot reach the provider "test" .*Connection refused/,
  );
  const records = await gateway.settled(2);
  assert.deepEqual(records.map(({ status, error }) => [status, error]), [
    [502, "gateway.upstream"],
    [502, "gateway.upstream"],
  ]);
});

Deno.test("a page instead of a stream is refused and named", async () => {
  await using gateway = await openGatewayFixture(() =>
    new Response("<html>", { headers: { "content-type": "text/html" } })
  );
  const response = await gateway.post(WHOLE_REQUEST);
  assert.equal(response.status, 502);
  assert.match(await refusalOf(response), /answered with text\/html where a stream/);
});

for (const wire of ["responses", "chat"] as const) {
  Deno.test(`what is no answer on the wire ${wire} is told in a stream, so that it is not asked for again`, async () => {
    let answer = new Response();
    await using gateway = await openGatewayFixture(() => answer, { wire });
    const json = { headers: { "content-type": "application/json" } };
    const wrong = [
      [
        new Response("<html>", { headers: { "content-type": "text/html" } }),
        /answered with text\/html where/,
      ],
      [new Response("data: {}\n\n", { headers: { "content-type": "text/plain" } }), /with text\/plain where/],
      [new Response(new Uint8Array([10])), /answered with nothing where/],
      [new Response("", json), /answered with JSON that is broken/],
      [new Response(" ".repeat(33 * 1024 * 1024), json), /Too long an answer came from the provider "test"/],
    ] as const;
    for (const [one, said] of wrong) {
      answer = one;
      assert.match(await failureOf(await gateway.post(REQUEST), "invalid_prompt"), said);
    }
    const records = await gateway.settled(wrong.length);
    assert.deepEqual(
      records.map(({ status, error }) => `${status} ${error}`),
      wrong.map(() => "502 gateway.upstream"),
    );
  });
}

Deno.test("a provider that says nothing is given up: before its answer by 504, within it by response.failed", async () => {
  const ended: string[] = [];
  const silent = new AbortController();
  const hang: Upstream = async (request) => {
    request.signal.addEventListener("abort", () => ended.push("before"));
    await request.text();
    await new Promise((resume) => silent.signal.addEventListener("abort", resume));
    return new Response();
  };
  await using before = await openGatewayFixture(hang, { idleMs: 100 });
  const refused = await before.post(REQUEST);
  assert.equal(refused.status, 504);
  assert.match(await refusalOf(refused), /No answer came from the provider "test"/);

  await using within = await openGatewayFixture(() => {
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new TextEncoder().encode(sse(CREATED))),
      cancel: () => void ended.push("within"),
    });
    return new Response(body, { headers: { "content-type": "text/event-stream" } });
  }, { idleMs: 100 });
  const events = eventsOf(await (await within.post(REQUEST)).text());
  assert.deepEqual(events.map(({ type }) => type), ["response.created", "response.failed"]);
  assert.equal((await within.settled(1))[0]?.error, "broken_silent");
  await waitFor(() => ended.includes("before") && ended.includes("within"));
  silent.abort();
});

Deno.test("a connection that breaks in the middle ends in response.failed", async () => {
  await using gateway = await openGatewayFixture(() => {
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new TextEncoder().encode(sse(CREATED))),
      pull: (controller) => controller.error(new Error("broken on purpose")),
    });
    return new Response(body, { headers: { "content-type": "text/event-stream" } });
  });
  const events = eventsOf(await (await gateway.post(REQUEST)).text());
  assert.deepEqual(events.map(({ type }) => type), ["response.created", "response.failed"]);
  assert.equal((await gateway.settled(1))[0]?.error, "broken_cut_off");
});

Deno.test("a client that goes takes its request to the provider along", async () => {
  let ended = 0;
  await using gateway = await openGatewayFixture(() => {
    let timer: ReturnType<typeof setInterval>;
    const body = new ReadableStream<Uint8Array>({
      start(controller): void {
        const send = (): void => controller.enqueue(new TextEncoder().encode(sse(DELTA)));
        timer = setInterval(send, 5);
      },
      cancel(): void {
        clearInterval(timer);
        ended++;
      },
    });
    return new Response(body, { headers: { "content-type": "text/event-stream" } });
  });
  const client = new AbortController();
  const response = await gateway.post(REQUEST, { signal: client.signal });
  await response.body?.getReader().read();
  client.abort();
  await waitFor(() => ended === 1);
  assert.equal((await gateway.settled(1))[0]?.error, "client_gone");
});

for (const wire of ["responses", "chat"] as const) {
  Deno.test(`a client that goes at the end of its answer has all of it, though the line stays open (${wire})`, async () => {
    const chunk = { choices: [{ index: 0, delta: { content: "hi" }, finish_reason: "stop" }] };
    const usage = { choices: [], usage: { prompt_tokens: 5, completion_tokens: 2 } };
    const sent = wire === "responses"
      ? sse(CREATED) + sse(DELTA) + sse(COMPLETED)
      : [JSON.stringify(chunk), JSON.stringify(usage), "[DONE]"].map((data) => `data: ${data}\n\n`).join("");
    await using gateway = await openGatewayFixture(() => {
      const body = new ReadableStream<Uint8Array>({
        start: (controller) => controller.enqueue(new TextEncoder().encode(sent)),
      });
      return new Response(body, { headers: { "content-type": "text/event-stream" } });
    }, { wire });
    const client = new AbortController();
    const response = await gateway.post(REQUEST, { signal: client.signal });
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    for (let text = ""; !text.includes("response.completed");) text += (await reader?.read())?.value ?? "";
    client.abort();
    const [record] = await gateway.settled(1);
    assert.deepEqual([record?.status, record?.error], [200, undefined]);
    assert.ok(record?.tokens !== undefined);
  });
}

Deno.test("a client that goes before the answer takes its request along at the latest when the answer begins", async () => {
  const left = Promise.withResolvers<void>();
  let [hasCome, ended] = [false, 0];
  await using gateway = await openGatewayFixture(async (request) => {
    request.signal.addEventListener("abort", () => void ended++, { once: true });
    await request.text();
    hasCome = true;
    await left.promise;
    const body = new ReadableStream<Uint8Array>({
      async pull(controller): Promise<void> {
        await new Promise((resume) => setTimeout(resume, 1));
        controller.enqueue(new TextEncoder().encode(sse(DELTA)));
      },
      cancel: () => void ended++,
    });
    return new Response(body, { headers: { "content-type": "text/event-stream" } });
  });
  const client = new AbortController();
  const asking = gateway.post(REQUEST, { signal: client.signal }).catch(() => undefined);
  await waitFor(() => hasCome);
  client.abort();
  await asking;
  left.resolve();
  await waitFor(() => ended > 0);
  assert.equal((await gateway.settled(1))[0]?.error, "client_gone");
});

Deno.test("a client that reads slowly slows the provider down, and takes it along when it goes", async () => {
  let [sentBytes, isEnded] = [0, false];
  const chunk = new TextEncoder().encode(sse({ ...DELTA, delta: "x".repeat(60_000) }));
  await using gateway = await openGatewayFixture(() => {
    const body = new ReadableStream<Uint8Array>({
      pull(controller): void {
        sentBytes += chunk.byteLength;
        controller.enqueue(chunk);
      },
      cancel: () => void (isEnded = true),
    });
    return new Response(body, { headers: { "content-type": "text/event-stream" } });
  });
  const client = new AbortController();
  const response = await gateway.post(REQUEST, { signal: client.signal });
  const reader = response.body?.getReader();
  await reader?.read();
  let before = -1;
  await waitFor(() => {
    const isStill = sentBytes === before;
    before = sentBytes;
    return isStill;
  }, 100);
  assert.ok(sentBytes < 32 * 1024 * 1024, `${sentBytes} bytes went into a pipe that nobody empties`);
  client.abort();
  await waitFor(() => isEnded);
});

Deno.test("a conversation of 30 MB passes; more than 64 MiB does not; a few large ones at a time", async () => {
  const received: number[] = [];
  const held = Promise.withResolvers<void>();
  await using gateway = await openGatewayFixture(async (request) => {
    received.push((await request.text()).length);
    await held.promise;
    return streamOf(COMPLETED);
  });
  const large = { ...REQUEST, input: "x".repeat(30_000_000) };
  const passing = gateway.post(large);
  await waitFor(() => received.length === 1);
  assert.ok((received[0] ?? 0) > 30_000_000);
  held.resolve();
  assert.equal((await passing).status, 200);
  await (await passing).body?.cancel();
  const refused = await gateway.post({ ...REQUEST, input: "x".repeat(65 * 1024 * 1024) });
  assert.equal(refused.status, 413);
  await refused.body?.cancel();
  const answers = await Promise.all(
    Array.from({ length: 12 }, () => gateway.post({ ...REQUEST, input: "x".repeat(8_000_000) })),
  );
  const statuses = answers.map(({ status }) => status);
  assert.ok(statuses.every((status) => status === 200 || status === 503), String(statuses));
  assert.ok(statuses.includes(200));
  for (const answer of answers) {
    if (answer.status === 503) assert.equal(answer.headers.get("retry-after"), "1");
    await answer.body?.cancel();
  }
});

Deno.test("limits refuse with 429 and a sentence, and count what providers say", async () => {
  const settings = {
    ...NO_GATEWAY,
    providers: [{ name: "test", baseUrl: PROVIDER_URL, wire: "responses" }],
    limit: { maxCostPerDayUsd: 0.002, maxRequestsPerMinute: undefined },
  } as const;
  await using gateway = await openGatewayFixture(() => streamOf(CREATED, COMPLETED), { settings });
  for (let count = 1; count <= 2; count++) {
    await (await gateway.post(REQUEST)).text();
    await gateway.settled(count);
  }
  const response = await gateway.post(REQUEST);
  assert.equal(response.status, 429);
  const sentence =
    "agentos: Your limit for all models is reached: $0.00 of $0.002 spent today. Wait until tomorrow";
  assert.ok((await refusalOf(response)).startsWith(sentence));
  assert.ok(response.headers.get("x-request-id")?.startsWith(sentence));
});

Deno.test("an answer that came whole is told as a stream, or passed whole to whom asks for it so", async () => {
  const whole = { ...COMPLETED.response, object: "response", output: [CALL] };
  await using gateway = await openGatewayFixture(() => Response.json(whole));
  const streamed = eventsOf(await (await gateway.post(REQUEST)).text());
  assert.deepEqual(streamed.map(({ type }) => type), [
    "response.created",
    "response.output_item.done",
    "response.completed",
  ]);
  const restored = { ...CALL, namespace: "mcp__files", name: "read" };
  assert.deepEqual(streamed[1]?.["item"], restored);
  const asked = await gateway.post({ ...REQUEST, stream: false });
  assert.deepEqual(await asked.json(), { ...whole, output: [restored] });
  assert.deepEqual((await gateway.settled(2)).map(({ costUsd }) => costUsd), [0.00125, 0.00125]);

  await using failing = await openGatewayFixture(() =>
    Response.json({ error: { message: "no such model" } })
  );
  const [failed] = eventsOf(await (await failing.post(REQUEST)).text());
  assert.ok(isObject(failed?.["response"]) && isObject(failed["response"]["error"]));
  assert.equal(failed["response"]["error"]["message"], "no such model");
});

Deno.test("a provider of the other wire is translated both ways, refusals too", async () => {
  let isFull = false;
  let path = "";
  await using gateway = await openGatewayFixture((request) => {
    path = new URL(request.url).pathname;
    if (isFull) return Response.json({ error: { message: "queue is full" } }, { status: 500 });
    const chunk = (delta: JsonObject, finish_reason: string | null): string =>
      `data: ${
        JSON.stringify({ id: "c", model: "local", choices: [{ index: 0, delta, finish_reason }] })
      }\n\n`;
    const call = {
      index: 0,
      id: "c1",
      type: "function",
      function: { name: "mcp__files__read", arguments: "{}" },
    };
    const text = chunk({ role: "assistant", content: "Looking." }, null) +
      chunk({ tool_calls: [call] }, null) +
      chunk({}, "tool_calls") +
      'data: {"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":2}}\n\ndata: [DONE]\n\n';
    return new Response(text, { headers: { "content-type": "text/event-stream" } });
  }, { wire: "chat" });
  const events = eventsOf(await (await gateway.post(REQUEST)).text());
  assert.equal(path, "/api/v1/chat/completions");
  const items = events.filter(({ type }) => type === "response.output_item.done").map(({ item }) => item);
  const [, call] = items.filter(isObject);
  assert.deepEqual([call?.["namespace"], call?.["name"]], ["mcp__files", "read"]);
  assert.equal(events.at(-1)?.["type"], "response.completed");
  assert.deepEqual(events.map(({ sequence_number }) => sequence_number), events.map((_, index) => index));
  isFull = true;
  const response = await gateway.post(REQUEST);
  assert.equal(response.status, 200);
  const [failed] = eventsOf(await response.text()).slice(-1);
  assert.match(JSON.stringify(failed), /queue is full/);
  const [first, second] = await gateway.settled(2);
  assert.deepEqual(first?.tokens, { input: 5, cached: 0, cacheWrite: 0, output: 2, reasoning: 0 });
  assert.equal(second?.error, "upstream_500");
  const refused = await gateway.post({ ...REQUEST, stream: false });
  assert.deepEqual([refused.status, await refusalOf(refused)], [500, "queue is full"]);
});

Deno.test("a provider of the other wire answers whole when it is asked for that", async () => {
  const call = { id: "c1", type: "function", function: { name: "mcp__files__read", arguments: "{}" } };
  let answer: JsonObject = {
    model: "local",
    choices: [{ index: 0, message: { role: "assistant", tool_calls: [call] }, finish_reason: "tool_calls" }],
    usage: { prompt_tokens: 5, completion_tokens: 2 },
  };
  await using gateway = await openGatewayFixture(async (request) => {
    const body: unknown = await request.json();
    assert.ok(isObject(body) && body["stream"] === false && !("stream_options" in body));
    return Response.json(answer);
  }, { wire: "chat" });
  const response = await gateway.post({ ...REQUEST, stream: false });
  const whole: unknown = await response.json();
  assert.ok(isObject(whole) && Array.isArray(whole["output"]));
  assert.deepEqual([response.status, whole["object"], whole["status"]], [200, "response", "completed"]);
  const { namespace, name } = whole["output"][0];
  assert.deepEqual([namespace, name], ["mcp__files", "read"]);
  answer = { error: { message: "out of memory" } };
  const failed = await gateway.post({ ...REQUEST, stream: false });
  assert.equal(failed.status, 502);
  assert.match(await refusalOf(failed), /out of memory/);
  const records = await gateway.settled(2);
  assert.deepEqual(records.map(({ tokens, error }) => [tokens?.input, error]), [
    [5, undefined],
    [undefined, "response_failed"],
  ]);
});

Deno.test("a hundred answers at once keep to themselves", async () => {
  await using gateway = await openGatewayFixture(async (request) => {
    const body: unknown = await request.json();
    const tools = isObject(body) && Array.isArray(body["tools"]) ? body["tools"] : [];
    const items = tools.map((tool) => ({
      type: "response.output_item.done",
      item: { ...CALL, name: tool.name, call_id: isObject(body) ? body["model"] : "" },
    }));
    return streamOf(CREATED, ...items, COMPLETED);
  });
  await Promise.all(Array.from({ length: 100 }, async (_, index) => {
    // The same flat names, made of different halves.
    const [namespace, name] = [`a${"__b".repeat(index % 3)}`, `${"b__".repeat(2 - index % 3)}c${index}`];
    const request = {
      model: `m${index}`,
      stream: true,
      tools: [{ type: "namespace", name: namespace, tools: [{ type: "function", name }] }],
    };
    const events = eventsOf(await (await gateway.post(request)).text());
    assert.deepEqual(events[1]?.["item"], { ...CALL, namespace, name, call_id: `m${index}` });
  }));
  assert.equal((await gateway.settled(100)).length, 100);
});

async function waitFor(isSo: () => boolean, everyMs = 5): Promise<void> {
  for (const deadline = Date.now() + 10_000; !isSo();) {
    if (Date.now() > deadline) throw new Error("it never came to be");
    await new Promise((resume) => setTimeout(resume, everyMs));
  }
}
