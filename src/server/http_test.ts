/**
 * The application behind a real socket: what only a connection can show.
 *
 * @module
 */

import assert from "node:assert/strict";
import { Client } from "@modelcontextprotocol/sdk/client";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { AppError } from "../base/errors.ts";
import { answerError, answerJson } from "./answers.ts";
import { type AppFixture, openAppFixture } from "./app_fixture.ts";
import { makeBodyLimits, readBody } from "./body.ts";

interface Served extends AsyncDisposable {
  readonly fixture: AppFixture;
  readonly port: number;
}

async function serveFixture(): Promise<Served> {
  const { promise: opened, resolve: open } = Promise.withResolvers<AppFixture>();
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => undefined },
    async (request) => await (await opened).app(request),
  );
  const { port } = server.addr;
  const fixture = await openAppFixture(port);
  open(fixture);
  return {
    fixture,
    port,
    async [Symbol.asyncDispose](): Promise<void> {
      await server.shutdown();
      await fixture[Symbol.asyncDispose]();
    },
  };
}

const GUARD_MS = 20_000;

/**
 * Sends bytes as they are and reads one answer, or what came until the server closed the connection. Deno 2.9.6
 * answers early and keeps reading what the sender still sends, so the end of the connection is not waited for.
 */
async function speakRaw(port: number, parts: readonly string[], pauseMs = 0): Promise<string> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const guard = setTimeout(() => connection.close(), GUARD_MS);
  const sending = sendParts(connection, parts, pauseMs);
  let heard = "";
  try {
    const bytes = new Uint8Array(65536);
    while (!isWholeAnswer(heard)) {
      const read = await connection.read(bytes);
      if (read === null) break;
      heard += new TextDecoder().decode(bytes.subarray(0, read));
    }
  } catch {
    // Reset while bytes were on their way.
  }
  await sending;
  clearTimeout(guard);
  return heard;
}

async function sendParts(connection: Deno.Conn, parts: readonly string[], pauseMs: number): Promise<void> {
  try {
    for (const part of parts) {
      const bytes = new TextEncoder().encode(part);
      for (let sent = 0; sent < bytes.length;) sent += await connection.write(bytes.subarray(sent));
      if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  } catch {
    // The server has closed its side before everything was sent.
  }
}

function isWholeAnswer(heard: string): boolean {
  const [head = "", body] = heard.split("\r\n\r\n");
  const length = /^content-length: (\d+)$/im.exec(head)?.[1];
  return body !== undefined && body.length >= Number(length ?? 0);
}

for (const version of ["2025-03-26", "2025-06-18", "2025-11-25"]) {
  Deno.test(`the SDK's own client works with protocol ${version}`, async () => {
    await using served = await serveFixture();
    const { fixture, port } = served;
    const client = new Client({ name: "test", version: "1" });
    const transport = new StreamableHTTPClientTransport(new URL(`http://127.0.0.1:${port}/mcp`), {
      requestInit: { headers: { authorization: `Bearer ${fixture.token}` } },
      // The client has no setting for the version it asks for.
      fetch: (url: string | URL, init: RequestInit) =>
        fetch(url, {
          ...init,
          ...(typeof init.body === "string" ? { body: init.body.replace("2025-11-25", version) } : {}),
        }),
    });
    await client.connect(transport);
    try {
      assert.equal(transport.protocolVersion, version);
      assert.match(client.getInstructions() ?? "", /read_portfolio_file/);
      const { tools } = await client.listTools();
      assert.equal(tools.length, 3);
      const answers = await Promise.all(
        Array.from(
          { length: 50 },
          (_, turn) => client.callTool({ name: "echo", arguments: { text: String(turn) } }),
        ),
      );
      answers.forEach((answer, turn) => assert.deepEqual(answer.structuredContent, { text: String(turn) }));
      const refused = await client.callTool({ name: "fail", arguments: { how: "refusal" } });
      assert.equal(refused.isError, true);
      await assert.rejects(client.callTool({ name: "nothing" }), /-32602: Unknown tool: nothing/);
      const { resources } = await client.listResources();
      assert.equal(resources.length, 2);
      const { contents } = await client.readResource({ uri: resources[0]?.uri ?? "" });
      assert.equal(contents.length, 1);
      await client.ping();
    } finally {
      await client.close();
    }
  });
}

Deno.test("a client that closes its connection aborts its call", async () => {
  await using served = await serveFixture();
  const { fixture, port } = served;
  const body = JSON.stringify({
    jsonrpc: "2.0",
    id: 1,
    method: "tools/call",
    params: { name: "wait", arguments: { ms: 60_000 } },
  });
  const leaving = new AbortController();
  const left = fetch(`http://127.0.0.1:${port}/mcp`, {
    method: "POST",
    headers: { authorization: `Bearer ${fixture.token}`, "content-type": "application/json" },
    body,
    signal: leaving.signal,
  }).catch(() => undefined);
  while (fixture.waits.begun === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  await new Promise((resolve) => setTimeout(resolve, 100));
  leaving.abort();
  await left;
  for (let tries = 0; tries < 1000 && fixture.waits.aborted === 0; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert.equal(fixture.waits.aborted, 1);
});

Deno.test("hostile requests on the wire are refused and the server goes on", async () => {
  await using served = await serveFixture();
  const { fixture, port } = served;
  const head = (lines: readonly string[]): string =>
    `${[...lines, "Connection: close"].join("\r\n")}\r\n\r\n`;
  const auth = `Authorization: Bearer ${fixture.token}`;
  const type = "Content-Type: application/json";
  const host = `Host: 127.0.0.1:${port}`;
  const cases: readonly [string, RegExp][] = [
    [head(["GET /health HTTP/1.1", "Host: xn--localhost-.com"]), / 403 /],
    [head(["GET /health HTTP/1.1", "Host: a", host]), / 40[03] /],
    [head(["GET /health HTTP/1.0"]), / 403 /],
    [head(["GET http://evil.example/health HTTP/1.1", "Host: evil.example"]), / 403 /],
    [head([`OPTIONS * HTTP/1.1`, host]), / 40[0-9] /],
    [head(["POST /mcp HTTP/1.1", host, auth, type, "Content-Length: 4194305"]), / 413 /],
    [head(["POST /mcp HTTP/1.1", host, auth, type, "Content-Length: 99999999999999999999"]), / 4\d\d /],
    [
      head(["POST /mcp HTTP/1.1", host, auth, type, "Content-Length: 5", "Transfer-Encoding: chunked"]) +
      "0\r\n\r\n",
      / 400 /,
    ],
    [head(["GET /health HTTP/1.1", host]), / 200 /],
  ];
  for (const [request, expected] of cases) {
    const heard = await speakRaw(port, [request]);
    assert.match(heard.split("\r\n", 1)[0] ?? "", expected, `${request} -> ${heard}`);
  }
});

Deno.test("a body that never ends is refused at its limit", async () => {
  await using served = await serveFixture();
  const { fixture, port } = served;
  const head = `POST /mcp HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Bearer ${fixture.token}\r\n` +
    "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
  const chunk = `100000\r\n${"x".repeat(0x100000)}\r\n`;
  const heard = await speakRaw(port, [head, ...Array.from({ length: 64 }, () => chunk)]);
  assert.match(heard, /^HTTP\/1\.1 413 .*connection: close/is);
  assert.ok(fixture.lines.some(({ fields }) => fields["status"] === 413));
});

Deno.test("readBody() cuts a slow body off, with and without a declared length", async () => {
  const limits = makeBodyLimits(1000, 300);
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => undefined },
    async (request) => {
      try {
        return answerJson(200, await readBody(request, limits));
      } catch (error) {
        assert.ok(error instanceof AppError);
        return answerError(error, { connection: "close" });
      }
    },
  );
  const { port } = server.addr;
  const declared = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 500\r\n\r\n";
  const chunked = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  const [slow, slowChunks, invalid, quick] = await Promise.all([
    speakRaw(port, [declared, ..."xxxxxxxxxx"], 100),
    speakRaw(port, [chunked, ...Array.from({ length: 10 }, () => "1\r\nx\r\n")], 100),
    speakRaw(port, [
      "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\nnot a chunk\r\n\r\n",
    ]),
    fetch(`http://127.0.0.1:${port}/`, { method: "POST", body: "ü" }).then((response) => response.json()),
  ]);
  assert.match(slow, /^HTTP\/1\.1 408 /);
  assert.match(slowChunks, /^HTTP\/1\.1 408 /);
  // Deno 2.9.6 closes the connection, 2.4.2 hands the error on.
  assert.match(invalid, /^$|^HTTP\/1\.1 400 /);
  assert.equal(quick, "ü");
  await server.shutdown();
});

Deno.test("readBody() refuses bytes that are no UTF-8, and counts what is declared wrongly", async () => {
  const limits = makeBodyLimits(10, 5_000);
  const post = (body: BodyInit, headers: Record<string, string> = {}): Promise<string> =>
    readBody(new Request("http://x/", { method: "POST", body, headers }), limits);
  await assert.rejects(post(new Uint8Array([0xff, 0xfe])), { code: "http.bad_request" });
  await assert.rejects(post("12345678901"), { code: "http.too_large" });
  await assert.rejects(post("12345678901", { "content-length": "3" }), { code: "http.too_large" });
  await assert.rejects(post("1", { "content-length": "11" }), { code: "http.too_large" });
  assert.equal(await post("1234567890"), "1234567890");
  assert.equal(
    await post("\uFEFFa\uFFFDb"),
    "a\uFFFDb",
    "the sign for a broken character may stand in a text",
  );
  assert.equal(await readBody(new Request("http://x/", { method: "POST" }), limits), "");
});
