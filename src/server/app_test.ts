import assert from "node:assert/strict";
import { openAppFixture, PORT } from "./app_fixture.ts";

interface Row {
  readonly name: string;
  readonly method?: string;
  readonly path?: string;
  readonly host?: string | null;
  readonly origin?: string;
  readonly site?: string;
  readonly auth?: string | null;
  readonly type?: string | null;
  readonly body?: string;
  readonly status: number;
}

const ping = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "ping" });
const own = `127.0.0.1:${PORT}`;

const ROWS: readonly Row[] = [
  { name: "a plain call", status: 200 },
  { name: "localhost", host: `localhost:${PORT}`, status: 200 },
  { name: "LOCALHOST", host: `LOCALHOST:${PORT}`, status: 200 },
  { name: "IPv6 loopback", host: `[::1]:${PORT}`, status: 200 },
  { name: "own origin", origin: `http://localhost:${PORT}`, site: "same-origin", status: 200 },
  { name: "typed into the address bar", site: "none", status: 200 },
  { name: "another host", host: "evil.example", status: 403 },
  { name: "another host with our port", host: `evil.example:${PORT}`, status: 403 },
  { name: "our address as a prefix", host: `127.0.0.1:${PORT}.evil.example`, status: 403 },
  { name: "our address without the port", host: "127.0.0.1", status: 403 },
  { name: "another loopback address", host: `127.0.0.2:${PORT}`, status: 403 },
  { name: "all addresses", host: `0.0.0.0:${PORT}`, status: 403 },
  { name: "a user before the host", host: `x@127.0.0.1:${PORT}`, status: 403 },
  { name: "a host that no URL can hold", host: "xn--localhost-.com", status: 403 },
  { name: "two hosts", host: `${own}, ${own}`, status: 403 },
  { name: "no host", host: null, status: 403 },
  { name: "an empty host", host: "", status: 403 },
  { name: "a cross-site origin", origin: "https://evil.example", status: 403 },
  { name: "the origin null", origin: "null", status: 403 },
  { name: "an origin of another port", origin: "http://127.0.0.1:4999", status: 403 },
  { name: "our origin in https", origin: `https://127.0.0.1:${PORT}`, status: 403 },
  { name: "our origin with a path", origin: `http://127.0.0.1:${PORT}/`, status: 403 },
  { name: "a cross-site request", site: "cross-site", status: 403 },
  { name: "a same-site request", site: "same-site", status: 403 },
  { name: "hostile host without token", host: "evil.example", auth: null, status: 403 },
  { name: "no token", auth: null, status: 401 },
  { name: "an empty token", auth: "Bearer ", status: 401 },
  { name: "another scheme", auth: "Basic TOKEN", status: 401 },
  { name: "a truncated token", auth: "Bearer TOKEN-1", status: 401 },
  { name: "an extended token", auth: "Bearer TOKENx", status: 401 },
  { name: "two tokens", auth: "Bearer TOKEN TOKEN", status: 401 },
  { name: "a huge token", auth: `Bearer ${"x".repeat(10_000)}`, status: 401 },
  { name: "the scheme in lower case", auth: "bearer TOKEN", status: 200 },
  { name: "a token in the query", path: "/mcp?token=TOKEN&access_token=TOKEN", auth: null, status: 401 },
  { name: "text/plain", type: "text/plain", status: 415 },
  { name: "a form", type: "application/x-www-form-urlencoded", status: 415 },
  { name: "no type", type: null, status: 415 },
  { name: "JSON and something", type: "application/json; boundary=text/plain", status: 415 },
  { name: "JSON of another alphabet", type: "application/json; charset=utf-16", status: 415 },
  { name: "application/jsonx", type: "application/jsonx", status: 415 },
  { name: "JSON said with a charset", type: "Application/JSON;charset=UTF-8", status: 200 },
  { name: "GET /mcp", method: "GET", status: 405 },
  { name: "DELETE /mcp", method: "DELETE", status: 405 },
  { name: "PUT /mcp", method: "PUT", status: 405 },
  { name: "OPTIONS /mcp", method: "OPTIONS", status: 405 },
  { name: "GET /mcp without token", method: "GET", auth: null, status: 401 },
  { name: "an unknown path", path: "/nothing", status: 404 },
  { name: "a token in a path", method: "GET", path: "/x/TOKEN/y", status: 404 },
  {
    name: "a token for a method's name",
    body: `{"jsonrpc":"2.0","id":1,"method":"TOKEN"}`,
    status: 200,
  },
  {
    name: "a discovery path of OAuth",
    method: "GET",
    path: "/.well-known/oauth-protected-resource",
    auth: null,
    status: 404,
  },
  { name: "GET /health", method: "GET", path: "/health", auth: null, type: null, status: 200 },
  { name: "HEAD /health", method: "HEAD", path: "/health", auth: null, type: null, status: 200 },
  { name: "POST /health", path: "/health", auth: null, status: 405 },
  {
    name: "GET /health of a rebound name",
    method: "GET",
    path: "/health",
    host: "evil.example",
    status: 403,
  },
  { name: "a report", path: "/command-log", auth: null, body: `{"command":"x"}`, status: 204 },
  {
    name: "a report as text",
    path: "/command-log",
    auth: null,
    type: "text/plain",
    body: `{"command":"x"}`,
    status: 415,
  },
  {
    name: "a report across sites",
    path: "/set-project",
    auth: null,
    site: "cross-site",
    body: "{}",
    status: 403,
  },
  { name: "a report of a foreign origin", path: "/portfolio-read", origin: "null", body: "{}", status: 403 },
  { name: "a report that is no JSON", path: "/command-log", auth: null, body: "{", status: 400 },
  { name: "a report without its field", path: "/command-log", auth: null, body: "{}", status: 400 },
  { name: "GET of a report", method: "GET", path: "/command-log", auth: null, status: 405 },
  {
    name: "a preflight from elsewhere",
    method: "OPTIONS",
    origin: "https://evil.example",
    auth: null,
    status: 403,
  },
];

Deno.test("createApp() lets in who belongs here and nobody else", async () => {
  await using fixture = await openAppFixture();
  for (const row of ROWS) {
    const { method = "POST", path = "/mcp", host = own, origin, site, auth = "Bearer TOKEN" } = row;
    const headers = new Headers();
    if (host !== null) headers.set("host", host);
    if (origin !== undefined) headers.set("origin", origin);
    if (site !== undefined) headers.set("sec-fetch-site", site);
    const token = auth?.replace("TOKEN-1", fixture.token.slice(0, -1)).replaceAll("TOKEN", fixture.token);
    if (token !== undefined) headers.set("authorization", token);
    const { type = "application/json" } = row;
    if (type !== null) headers.set("content-type", type);
    const withBody = method === "POST" || method === "PUT";
    const body = withBody ? (row.body ?? ping).replaceAll("TOKEN", fixture.token) : null;
    if (withBody && type === null) headers.delete("content-type");
    const request = new Request(`http://${own}${path.replaceAll("TOKEN", fixture.token)}`, {
      method,
      headers,
      body: body === null ? null : new TextEncoder().encode(body),
    });
    const response = await fixture.app(request);
    assert.equal(response.status, row.status, `${row.name}: ${await response.clone().text()}`);
    assert.equal(response.headers.get("x-content-type-options"), "nosniff", row.name);
    assert.equal(response.headers.get("cache-control"), "no-store", row.name);
    assert.match(response.headers.get("content-security-policy") ?? "", /frame-ancestors 'none'/, row.name);
    assert.equal(response.headers.get("cross-origin-resource-policy"), "same-origin", row.name);
    for (const name of response.headers.keys()) assert.ok(!name.startsWith("access-control-"), row.name);
    const text = await response.text();
    if (row.status >= 400 && method !== "HEAD") {
      const { code, message, hint } = JSON.parse(text);
      assert.ok(code && message && hint, row.name);
    }
    assert.ok(!text.includes(fixture.token), row.name);
    if (row.status === 405) assert.ok(response.headers.get("allow"), row.name);
    if (row.status === 401) {
      const challenge = response.headers.get("www-authenticate") ?? "";
      const isWrong = /^Bearer +[\x21-\x7e]{1,1024}$/i.test(headers.get("authorization") ?? "");
      assert.match(
        challenge,
        isWrong
          ? /^Bearer realm="agentos", error="invalid_token", .*agentos status/
          : /^Bearer realm="agentos"$/,
        row.name,
      );
      assert.match(text, /AGENTOS_TOKEN/, row.name);
    }
  }
  const log = JSON.stringify(fixture.lines);
  assert.ok(!log.includes(fixture.token), "the log holds the token");
  assert.ok(log.includes("xn--localhost-.com"), "an attempt at rebinding is not logged");
});

Deno.test("createApp() takes port 80 with and without its number", async () => {
  await using fixture = await openAppFixture(80);
  for (const host of ["127.0.0.1", "127.0.0.1:80", "localhost", "[::1]"]) {
    const request = new Request("http://127.0.0.1/health", { headers: { host, origin: `http://${host}` } });
    assert.equal((await fixture.app(request)).status, 200, host);
  }
  const other = new Request("http://127.0.0.1/health", { headers: { host: "127.0.0.1:8787" } });
  assert.equal((await fixture.app(other)).status, 403);
});

Deno.test("GET /health says what runs and no secret", async () => {
  await using fixture = await openAppFixture();
  const response = await fixture.app(new Request(`http://${own}/health`, { headers: { host: own } }));
  const health = await response.json();
  assert.deepEqual({ ...health, uptimeSeconds: 0 }, {
    name: "agentos",
    version: "1.2.3",
    runtime: "test",
    uptimeSeconds: 0,
    tools: 3,
    repo: null,
    roots: 0,
    wall: { state: "off", reason: "a test" },
    providers: [],
    ledger: { ok: true, dropped: 0 },
  });
});

Deno.test("a rotated token works at once and the old one stops", async () => {
  await using fixture = await openAppFixture();
  const message = { jsonrpc: "2.0", id: 1, method: "ping" };
  assert.equal((await fixture.post(message)).status, 200);
  const next = "n".repeat(40);
  await Deno.writeTextFile(`${fixture.folder}/token`, next);
  await new Promise((resolve) => setTimeout(resolve, 2));
  assert.equal((await fixture.post(message)).status, 401);
  assert.equal((await fixture.post(message, { authorization: `Bearer ${next}` })).status, 200);
});

Deno.test("answers of a crowd of quick calls go out together", async () => {
  await using fixture = await openAppFixture();
  /** How many of three calls are answered within the turn that they came in. */
  const countEarly = async (): Promise<number> => {
    let answered = 0;
    let early: number | undefined;
    // Before the one that the first call asks for.
    setImmediate(() => early = answered);
    const calls = [1, 2, 3].map((id) => fixture.post({ jsonrpc: "2.0", id, method: "tools/list" }));
    await Promise.all(calls.map((call) => call.then(() => answered++)));
    const inTime = early ?? answered;
    await new Promise((resume) => setImmediate(resume));
    return inTime;
  };
  assert.equal(await countEarly(), 3);
  // The first turns are slow, as nothing is compiled.
  const counts: number[] = [];
  for (let turn = 0; turn < 30; turn++) counts.push(await countEarly());
  assert.ok(counts.includes(0), String(counts));
});
