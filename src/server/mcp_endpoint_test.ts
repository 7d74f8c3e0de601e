import assert from "node:assert/strict";
import fc from "fast-check";
import { type AppFixture, openAppFixture } from "./app_fixture.ts";

function call(id: string | number, name: string, args: unknown, meta?: unknown): Record<string, unknown> {
  const params = { name, arguments: args, ...(meta === undefined ? {} : { _meta: meta }) };
  return { jsonrpc: "2.0", id, method: "tools/call", params };
}

async function answer(fixture: AppFixture, message: unknown): ReturnType<Response["json"]> {
  const response = await fixture.post(message);
  assert.equal(response.status, 200);
  assert.match(response.headers.get("content-type") ?? "", /^application\/json/);
  return await response.json();
}

Deno.test("POST /mcp negotiates the protocol version", async () => {
  await using fixture = await openAppFixture();
  for (
    const [asked, given] of [
      ["2025-03-26", "2025-03-26"],
      ["2025-06-18", "2025-06-18"],
      ["2025-11-25", "2025-11-25"],
      ["2024-11-05", "2025-11-25"],
      ["2026-07-28", "2025-11-25"],
      ["__proto__", "2025-11-25"],
    ]
  ) {
    const params = { protocolVersion: asked, capabilities: {}, clientInfo: { name: "test", version: "1" } };
    const { result } = await answer(fixture, { jsonrpc: "2.0", id: 0, method: "initialize", params });
    assert.equal(result.protocolVersion, given);
    assert.deepEqual(result.capabilities, { tools: {}, resources: {}, completions: {} });
    assert.equal(result.serverInfo.name, "agentos");
    assert.equal(result.instructions.split("\n").length, 5);
  }
  const { error } = await answer(fixture, { jsonrpc: "2.0", id: 0, method: "initialize", params: {} });
  assert.equal(error.code, -32602);
});

Deno.test("POST /mcp refuses an unknown MCP-Protocol-Version, but never at initialize", async () => {
  await using fixture = await openAppFixture();
  const ping = { jsonrpc: "2.0", id: "p", method: "ping" };
  for (const version of ["2025-03-26", "2025-06-18", "2025-11-25"]) {
    assert.equal((await fixture.post(ping, { "mcp-protocol-version": version })).status, 200);
  }
  const refused = await fixture.post(ping, { "mcp-protocol-version": "2026-07-28" });
  assert.equal(refused.status, 400);
  const { id, error } = await refused.json();
  assert.equal(id, "p");
  assert.match(error.message, /2025-11-25, 2025-06-18, 2025-03-26/);
  const params = { protocolVersion: "2026-07-28", capabilities: {}, clientInfo: { name: "t", version: "1" } };
  const hello = { jsonrpc: "2.0", id: 1, method: "initialize", params };
  assert.equal((await fixture.post(hello, { "mcp-protocol-version": "2026-07-28" })).status, 200);
});

Deno.test("POST /mcp answers JSON to whoever can read it", async () => {
  await using fixture = await openAppFixture();
  const ping = { jsonrpc: "2.0", id: 1, method: "ping" };
  const statuses = new Map([
    ["text/event-stream, application/json", 200],
    ["application/json", 200],
    ["application/json;q=0.9, text/event-stream", 200],
    ["*/*", 200],
    ["application/*", 200],
    ["", 200],
    ["text/event-stream", 406],
    ["text/html", 406],
    ["application/json-seq", 406],
  ]);
  for (const [accept, status] of statuses) {
    assert.equal((await fixture.post(ping, { accept })).status, status, accept);
  }
});

Deno.test("POST /mcp gives each of many clients with the same ids its own answer", async () => {
  await using fixture = await openAppFixture();
  // Every client counts from 1, some in numbers and some in text, and nobody answers in order.
  const clients = Array.from({ length: 200 }, (_, client) => client);
  await Promise.all(clients.map(async (client) => {
    for (let turn = 1; turn <= 5; turn++) {
      const id = client % 2 === 0 ? turn : String(turn);
      const text = `client ${client}, turn ${turn}`;
      const slow = client % 7 === 0 ? fixture.post(call(id, "wait", { ms: 5 })) : undefined;
      const got = await answer(fixture, call(id, "echo", { text }));
      assert.deepEqual([got.id, got.result.structuredContent.text], [id, text]);
      if (slow !== undefined) {
        const waited = await (await slow).json();
        assert.deepEqual([waited.id, waited.result.structuredContent], [id, { waitedMs: 5 }]);
      }
    }
  }));
});

Deno.test("POST /mcp hands every id back as it came", async () => {
  await using fixture = await openAppFixture();
  const ids = fc.oneof(
    fc.maxSafeInteger(),
    fc.string({ unit: "binary" }),
    fc.constantFrom("__proto__", "", "constructor", 0, -1),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(ids, { minLength: 1, maxLength: 20 }), async (batch) => {
      const got = await Promise.all(
        batch.map((id) => answer(fixture, call(id, "echo", { text: JSON.stringify(id) }))),
      );
      got.forEach(({ id, result }, index) => {
        const sent = JSON.parse(JSON.stringify(batch[index]));
        assert.strictEqual(id, sent);
        assert.equal(result.structuredContent.text, JSON.stringify(batch[index]));
      });
    }),
    { numRuns: 40 },
  );
});

Deno.test("POST /mcp takes notifications and responses without an answer", async () => {
  await using fixture = await openAppFixture();
  const oneWay = [
    { jsonrpc: "2.0", method: "notifications/initialized" },
    { jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 1, reason: "time" } },
    { jsonrpc: "2.0", method: "notifications/unheard-of", params: [] },
    { jsonrpc: "2.0", id: 1, result: {} },
    { jsonrpc: "2.0", id: "x", error: { code: 1, message: "no" } },
  ];
  for (const message of oneWay) {
    const response = await fixture.post(message);
    assert.equal(response.status, 202);
    assert.equal(await response.text(), "");
  }
});

Deno.test("a foreign notifications/cancelled stops nobody's call", async () => {
  await using fixture = await openAppFixture();
  const running = fixture.post(call(1, "wait", { ms: 300 }));
  while (fixture.waits.begun === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  const ids = [...Array.from({ length: 50 }, (_, id) => id), "1"];
  await Promise.all(
    ids.map((requestId) =>
      fixture.post({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId } })
    ),
  );
  const { result } = await (await running).json();
  assert.deepEqual(result.structuredContent, { waitedMs: 300 });
  assert.equal(fixture.waits.aborted, 0);
});

Deno.test("a client that leaves aborts its call", async () => {
  await using fixture = await openAppFixture();
  const leaving = new AbortController();
  const left = fixture.post(call(1, "wait", { ms: 60_000 }), {}, leaving.signal);
  const staying = fixture.post(call(1, "wait", { ms: 200 }));
  while (fixture.waits.begun < 2) await new Promise((resolve) => setTimeout(resolve, 5));
  leaving.abort();
  await left;
  assert.equal(fixture.waits.aborted, 1);
  assert.equal((await (await staying).json()).result.structuredContent.waitedMs, 200);
  const rows = fixture.rows("tool_calls").map(({ ok, error_code }) => [ok, error_code]);
  assert.deepEqual(rows.toSorted(), [[0, "tool.cancelled"], [1, null]]);
});

Deno.test("POST /mcp takes batches where they exist", async () => {
  await using fixture = await openAppFixture();
  const batch = [
    call(1, "echo", { text: "a" }),
    { jsonrpc: "2.0", method: "notifications/initialized" },
    call(1, "echo", { text: "b" }),
    { jsonrpc: "1.0", id: 7, method: "ping" },
    5,
  ];
  for (const headers of [{}, { "mcp-protocol-version": "2025-03-26" }]) {
    const response = await fixture.post(batch, headers);
    assert.equal(response.status, 200);
    const [first, second, wrong, worse] = await response.json();
    assert.deepEqual([first.id, first.result.structuredContent.text], [1, "a"]);
    assert.deepEqual([second.id, second.result.structuredContent.text], [1, "b"]);
    assert.deepEqual([wrong.id, wrong.error.code], [7, -32600]);
    assert.deepEqual([worse.id, worse.error.code], [null, -32600]);
  }
  assert.equal((await fixture.post([batch[1]])).status, 202);
  const ping = { jsonrpc: "2.0", id: 1, method: "ping" };
  const refused: readonly [unknown, Record<string, string>][] = [
    [[ping], { "mcp-protocol-version": "2025-06-18" }],
    [[ping], { "mcp-protocol-version": "2025-11-25" }],
    [[], {}],
    [Array.from({ length: 101 }, () => ping), {}],
    [[ping, { jsonrpc: "2.0", id: 2, method: "initialize", params: { protocolVersion: "2025-03-26" } }], {}],
  ];
  for (const [message, headers] of refused) {
    const response = await fixture.post(message, headers);
    assert.equal(response.status, 400);
    assert.equal((await response.json()).error.code, -32600);
  }
  assert.equal((await fixture.post(Array.from({ length: 100 }, () => ping))).status, 200);
});

Deno.test("POST /mcp survives what no client should send", async () => {
  await using fixture = await openAppFixture();
  const deep = "[".repeat(100_000) + "]".repeat(100_000);
  const raw: readonly [string, number, number][] = [
    ["", 400, -32700],
    ["{", 400, -32700],
    ["nul", 400, -32700],
    ["null", 400, -32600],
    ["5", 400, -32600],
    [`"text"`, 400, -32600],
    ["{}", 400, -32600],
    [`{"jsonrpc":"2.0"}`, 400, -32600],
    [`{"jsonrpc":"2.0","id":null,"method":"ping"}`, 400, -32600],
    [`{"jsonrpc":"2.0","id":1.5,"method":"ping"}`, 400, -32600],
    [`{"jsonrpc":"2.0","id":{},"method":"ping"}`, 400, -32600],
    [`{"jsonrpc":"2.0","id":1e400,"method":"ping"}`, 400, -32600],
    [`{"jsonrpc":"2.0","id":1,"method":5}`, 400, -32600],
    [`{"jsonrpc":"2.0","id":1,"method":"ping","params":[1]}`, 400, -32600],
    [`{"jsonrpc":"2.0","id":1,"method":"ping","params":"x"}`, 400, -32600],
    [`{"jsonrpc":"2.0","id":1,"method":"ping","params":{"_meta":{"progressToken":{}}}}`, 400, -32600],
    [`{"jsonrpc":"1.0","id":1,"method":"ping"}`, 400, -32600],
    [`{"a":${deep}}`, 400, -32600],
    [`{"jsonrpc":"2.0","id":1,"method":"nothing/here"}`, 200, -32601],
    [`{"jsonrpc":"2.0","id":1,"method":"__proto__"}`, 200, -32601],
    [`{"jsonrpc":"2.0","id":1,"method":"constructor"}`, 200, -32601],
    [`{"jsonrpc":"2.0","id":1,"method":"server/discover"}`, 200, -32601],
    [`{"jsonrpc":"2.0","id":1,"method":"tools/call"}`, 200, -32602],
    [`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{}}`, 200, -32602],
    [`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":5}}`, 200, -32602],
    [`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"__proto__"}}`, 200, -32602],
    [`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"toString"}}`, 200, -32602],
    [`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":[]}}`, 200, -32602],
    [`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"__proto__":{"name":"echo"}}}`, 200, -32602],
    [`{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"cursor":"x"}}`, 200, -32602],
    [`{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":[]}}`, 200, -32602],
  ];
  for (const [body, status, code] of raw) {
    const response = await fixture.post(body);
    const text = await response.text();
    const shown = `${body.slice(0, 100)} -> ${text.slice(0, 300)}`;
    assert.equal(response.status, status, shown);
    assert.equal(JSON.parse(text).error.code, code, shown);
    assert.doesNotMatch(text, /\bat .*:\d+:\d+|node_modules|file:\/\/|\.[jt]s\b/, shown);
  }
  const [inner] = await answer(fixture, deep);
  assert.equal(inner.error.code, -32600);
  // In the arguments these reach a tool's own schema, which refuses them in words.
  for (
    const value of [deep, `{"__proto__":{"text":"x"}}`, `{"text":"x","constructor":1}`, `{"text":${deep}}`]
  ) {
    const body =
      `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{"a":${value}}}}`;
    const { result } = await (await fixture.post(body)).json();
    assert.equal(result.isError, true);
    assert.match(result.content[0].text, /^tool\.input: /);
  }
  const wide = `{"jsonrpc":"2.0","id":1,"method":"ping","params":{"a":[${"0,".repeat(1_000_000)}0]}}`;
  assert.equal((await fixture.post(wide)).status, 200);
  assert.equal((await fixture.post({ jsonrpc: "2.0", id: 1, method: "ping" })).status, 200);
});

Deno.test("tools/list tells every hint and both schemas", async () => {
  await using fixture = await openAppFixture();
  const { id, result } = await answer(fixture, {
    jsonrpc: "2.0",
    id: 't"1',
    method: "tools/list",
    params: {},
  });
  assert.equal(id, 't"1');
  assert.deepEqual(result.tools.map(({ name }: { name: string }) => name), ["echo", "fail", "wait"]);
  const bare = await answer(fixture, { jsonrpc: "2.0", id: 2, method: "tools/list" });
  assert.deepEqual(bare.result, result);
  const [, fail] = result.tools;
  assert.deepEqual(fail.annotations, {
    readOnlyHint: false,
    destructiveHint: true,
    idempotentHint: true,
    openWorldHint: false,
  });
  assert.equal(fail.title, "Fail");
  assert.equal(fail.inputSchema.type, "object");
  assert.equal(fail.outputSchema.type, "object");
});

Deno.test("tools/call renders answers, refusals and bugs", async () => {
  await using fixture = await openAppFixture();
  const good = await answer(fixture, call(1, "echo", { text: "hello" }));
  assert.deepEqual(good.result, {
    content: [{ type: "text", text: "hello" }],
    structuredContent: { text: "hello" },
  });
  const refusal = await answer(fixture, call(2, "fail", { how: "refusal" }));
  assert.deepEqual(refusal.result, {
    content: [{ type: "text", text: "file.stale: The file has changed.\nNext: Read it again." }],
    isError: true,
  });
  const wrong = await answer(fixture, call(3, "echo", { txt: 1 }));
  assert.match(wrong.result.content[0].text, /^tool\.input: Cannot call echo: text: /);
  const bug = await answer(fixture, call(4, "fail", { how: "bug" }));
  assert.equal(bug.result.isError, true);
  const [, bugId] = /^internal: A bug in agentos stopped this\. It is logged as ([0-9a-f]{8})\./
    .exec(bug.result.content[0].text) ?? [];
  assert.ok(bugId);
  assert.doesNotMatch(JSON.stringify(bug), /secret detail/);
  const logged = fixture.lines.find(({ fields }) => fields["bug"] === bugId);
  assert.match(String(logged?.fields["error"]), /secret detail/);
  const unwritable = await answer(fixture, call(5, "fail", { how: "unwritable" }));
  assert.deepEqual([unwritable.id, unwritable.error.code], [5, -32603]);
});

Deno.test("tools/call writes down who called, how long it took and how it ended", async () => {
  await using fixture = await openAppFixture();
  const agent = { "user-agent": "codex-mcp-client/0.169.0 (linux)" };
  const turn = { "x-codex-turn-metadata": { model: "some-model", turn_id: "t" } };
  await fixture.post(call(1, "echo", { text: "ü".repeat(100) }, turn), agent);
  await fixture.post(
    call(2, "fail", { how: "refusal" }, { "x-turn-metadata": JSON.stringify({ model: "m2" }) }),
    agent,
  );
  await fixture.post(
    call(3, "echo", { text: "" }, {
      "io.modelcontextprotocol/clientInfo": { name: "n\u0007", version: "2" },
    }),
  );
  const rows = fixture.rows("tool_calls");
  assert.deepEqual(
    rows.map(({ tool, ok, error_code, client, model }) => [tool, ok, error_code, client, model]),
    [
      ["echo", 1, null, "codex-mcp-client/0.169.0", "some-model"],
      ["fail", 0, "file.stale", "codex-mcp-client/0.169.0", "m2"],
      ["echo", 1, null, "n?/2", null],
    ],
  );
  assert.ok(Number(rows[0]?.["size_bytes"]) > 400);
  assert.ok(Number(rows[0]?.["elapsed_ms"]) >= 0);
  assert.ok(Math.abs(Number(rows[0]?.["at"]) - Date.now()) < 60_000);
});

Deno.test("the portfolio is listed, read and completed as resources", async () => {
  await using fixture = await openAppFixture();
  const request = (method: string, params: unknown = {}): Promise<ReturnType<Response["json"]>> =>
    answer(fixture, { jsonrpc: "2.0", id: 1, method, params });
  const { resources } = (await request("resources/list")).result;
  assert.deepEqual(resources[0], {
    uri: "portfolio://identity.md",
    name: "identity",
    title: "identity",
    description: "A file.",
    mimeType: "text/markdown",
    size: 9,
  });
  const { resourceTemplates } = (await request("resources/templates/list")).result;
  assert.equal(resourceTemplates[0].uriTemplate, "portfolio://{name}");
  const { contents } = (await request("resources/read", { uri: "portfolio://identity.md" })).result;
  assert.deepEqual(contents, [{
    uri: "portfolio://identity.md",
    mimeType: "text/markdown",
    text: "# I am I\n",
  }]);
  for (
    const uri of ["portfolio://nothing.md", "file:///etc/passwd", "identity", "portfolio://../../etc/passwd"]
  ) {
    const { error } = await request("resources/read", { uri });
    assert.deepEqual([error.code, error.data], [-32002, { uri }]);
  }
  const ref = { type: "ref/resource", uri: "portfolio://{name}" };
  const { completion } =
    (await request("completion/complete", { ref, argument: { name: "name", value: "GO" } })).result;
  assert.deepEqual(completion, { values: ["goals.md"], total: 1, hasMore: false });
  const other = { type: "ref/prompt", name: "x" };
  assert.equal(
    (await request("completion/complete", { ref: other, argument: { name: "name", value: "" } })).error.code,
    -32602,
  );
  assert.equal((await request("resources/subscribe", { uri: "portfolio://identity.md" })).error.code, -32601);
  const reads = fixture.rows("portfolio_reads").map(({ file, via }) => [file, via]);
  assert.deepEqual(reads, [["identity.md", "resource"]]);
});
