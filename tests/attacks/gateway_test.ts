/**
 * Attacks on the model gateway: whoever wants to spend the user's money, read their key, send it elsewhere, or bring the
 * server down by way of a provider.
 *
 * The provider is the test's own, on this machine; what reaches it is what would have reached the real one.
 *
 * @module
 */

import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import type { Home } from "../e2e/agentos.ts";
import { runProgram } from "../e2e/program.ts";
import { type Reply, testAttacks, type Victim } from "./victim.ts";

const KEY = "sk-or-v1-the-users-own-key-0123456789abcdef";
const REQUEST = JSON.stringify({ model: "vendor/model", stream: true, input: [] });
const COMPLETED =
  'event: response.completed\ndata: {"type":"response.completed","response":{"id":"r","output":[]}}\n\n';
const OWN = "/openrouter/v1/responses";
const LOCAL = "/gateway/local/v1/responses";

/** A provider, and every request that reached it. */
interface Provider extends AsyncDisposable {
  readonly url: string;
  readonly seen: { readonly path: string; readonly key: string | null }[];
}

function startProvider(answer: (request: Request) => Response | Promise<Response>, tls = {}): Provider {
  const seen: { path: string; key: string | null }[] = [];
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => undefined, ...tls },
    (request) => {
      seen.push({ path: new URL(request.url).pathname, key: request.headers.get("authorization") });
      return answer(request);
    },
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    seen,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

function stream(body: string | ReadableStream<Uint8Array>): Response {
  return new Response(body, { headers: { "content-type": "text/event-stream" } });
}

/** Puts a provider named `local` into the config of a home. */
function configure(url: string): (home: Home) => Promise<void> {
  return async (home) => {
    await Deno.mkdir(home.state, { mode: 0o700 });
    const toml = `[gateway.providers.local]\nbase_url = "${url}/v1"\n`;
    await Deno.writeTextFile(join(home.state, "config.toml"), toml, { mode: 0o600 });
  };
}

/** A server whose gateway knows the provider. */
function serveWith(victim: Victim, { url }: { readonly url: string }): Promise<Victim & AsyncDisposable> {
  return victim.another({ prepare: configure(url) });
}

function ask(victim: Victim, headers: Record<string, string> = {}): Promise<Reply> {
  return victim.post(LOCAL, REQUEST, { authorization: `Bearer ${KEY}`, ...headers });
}

testAttacks("attacks on the gateway", {
  "a web page of another site cannot ask, whatever it sends": async (victim) => {
    await using provider = startProvider(() => stream(COMPLETED));
    await using server = await serveWith(victim, provider);
    const { port } = server.server;
    for (
      const headers of [
        { origin: "https://evil.example" },
        { origin: "null" },
        { origin: `http://127.0.0.1:${port + 1}` },
        { "sec-fetch-site": "cross-site" },
        { "sec-fetch-site": "same-site" },
        { "content-type": "text/plain" },
        { "content-type": "application/x-www-form-urlencoded" },
      ]
    ) {
      const { status, headers: answered } = await ask(server, headers);
      ok(status === 403 || status === 415, `${JSON.stringify(headers)}: ${status}`);
      equal(answered.get("access-control-allow-origin"), null);
    }
    const preflight = await fetch(`http://127.0.0.1:${port}${LOCAL}`, {
      method: "OPTIONS",
      headers: { "access-control-request-method": "POST", "access-control-request-headers": "authorization" },
    });
    await preflight.body?.cancel();
    equal(preflight.status, 405);
    equal(preflight.headers.get("access-control-allow-headers"), null);
    const rebound = await server.send(
      `POST ${LOCAL} HTTP/1.1\r\nhost: evil.example:${port}\r\nauthorization: Bearer ${KEY}\r\n` +
        `content-type: application/json\r\ncontent-length: ${REQUEST.length}\r\nconnection: close\r\n\r\n${REQUEST}`,
    );
    match(rebound, /^HTTP\/1\.1 403 /);
    deepEqual(provider.seen, []);
  },

  "without a key nothing is asked, and the server's own token is none": async (victim) => {
    for (const authorization of ["", "Bearer", "Bearer  "]) {
      const { status, body } = await victim.post(OWN, REQUEST, { authorization });
      equal(status, 401, body);
      match(body, /no key for the provider/);
      ok(!body.includes(await victim.server.token()));
    }
  },

  "only the providers that are configured can be named": async (victim) => {
    await using provider = startProvider(() => stream(COMPLETED));
    await using server = await serveWith(victim, provider);
    for (
      const path of [
        "/gateway/evil.example/v1/responses",
        "/gateway/http:%2f%2fevil.example/v1/responses",
        "/gateway/local%2f..%2fx/v1/responses",
        "/gateway/__proto__/v1/responses",
        "/gateway/constructor/v1/responses",
        "/gateway/local/v1/responses/../../admin",
        "/gateway/local/v1/models",
        "/gateway/local/v1/responses/x",
        "/gateway//v1/responses",
      ]
    ) {
      const { status, body } = await server.post(path, REQUEST, { authorization: `Bearer ${KEY}` });
      equal(status, 404, `${path}: ${body}`);
    }
    deepEqual(provider.seen, []);
  },

  "a redirect takes the key nowhere": async (victim) => {
    await using elsewhere = startProvider(() => stream(COMPLETED));
    await using provider = startProvider(() =>
      new Response(null, { status: 307, headers: { location: `${elsewhere.url}/v1/responses` } })
    );
    await using server = await serveWith(victim, provider);
    const { status, body } = await ask(server);
    equal(status, 200);
    match(body, /event: response\.failed\n.*redirect \(307\), which is not followed/);
    equal(provider.seen[0]?.key, `Bearer ${KEY}`);
    deepEqual(elsewhere.seen, []);
  },

  "the key is in no log, no ledger and no file, whatever happens": async (victim) => {
    let count = 0;
    await using provider = startProvider(async (request) => {
      await request.body?.cancel();
      const echo = `{"error":{"message":"bad key ${request.headers.get("authorization")}"}}`;
      switch (count++) {
        case 0:
          return new Response(echo, { status: 401, headers: { "content-type": "application/json" } });
        case 1:
          return new Response(echo, { status: 500 });
        case 2:
          return stream(
            `data: {"type":"response.completed","response":{"id":"${KEY}","model":"Bearer ${KEY}"`,
          );
        case 3:
          return new Response(echo, { headers: { "content-type": "text/html" } });
        default:
          return stream(COMPLETED);
      }
    });
    await using server = await victim.another({
      prepare: configure(provider.url),
      flags: ({ root }) => ["--root", root, "--log-file"],
    });
    for (let round = 0; round < 6; round++) await ask(server, { "session-id": "s", "x-api-key": KEY });
    await server.post("/gateway/nobody/v1/responses", REQUEST, { authorization: `Bearer ${KEY}` });
    await server.server.stop();
    ok(!server.server.said().includes(KEY), "the log holds the key");
    const held = await filesWith(server.home.state, KEY);
    deepEqual(held, []);
  },

  "a body of more than 64 MiB is refused, also one that lies about its size": async (victim) => {
    await using provider = startProvider(() => stream(COMPLETED));
    await using server = await serveWith(victim, provider);
    const piece = new Uint8Array(1024 * 1024).fill(0x20);
    let pieces = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller): void {
        if (pieces++ < 80) controller.enqueue(piece);
        else controller.close();
      },
    });
    const streamed = await server.post(LOCAL, endless, { authorization: `Bearer ${KEY}` }).catch(() =>
      undefined
    );
    ok(streamed === undefined || streamed.status === 413, `${streamed?.status}`);
    const declared = await server.send(
      `POST ${LOCAL} HTTP/1.1\r\nhost: 127.0.0.1:${server.server.port}\r\nauthorization: Bearer ${KEY}\r\n` +
        `content-type: application/json\r\ncontent-length: 99999999999\r\nconnection: close\r\n\r\n{`,
    );
    match(declared, /^HTTP\/1\.1 413 /);
    deepEqual(provider.seen, []);
  },

  "providers that hang hold up nobody else, and let go when their clients do": async (victim) => {
    const never = new AbortController();
    let gone = 0;
    await using provider = startProvider(async (request) => {
      await request.text();
      request.signal.addEventListener("abort", () => void gone++);
      if (request.headers.get("x-answer") === "begun") {
        return stream(
          new ReadableStream({
            start: (controller) => controller.enqueue(new TextEncoder().encode(": wait\n\n")),
            cancel: () => void gone++,
          }),
        );
      }
      await new Promise((resolve) => never.signal.addEventListener("abort", resolve));
      return stream(COMPLETED);
    });
    await using server = await serveWith(victim, provider);
    const clients = new AbortController();
    const hanging = Array.from({ length: 60 }, async (_, index) => {
      const response = await fetch(`http://127.0.0.1:${server.server.port}${LOCAL}`, {
        method: "POST",
        headers: {
          authorization: `Bearer ${KEY}`,
          "content-type": "application/json",
          "x-answer": index % 2 === 0 ? "begun" : "never",
        },
        body: REQUEST,
        signal: clients.signal,
      });
      await response.text();
    });
    await until(() => provider.seen.length === 60);
    const { isError } = await server.call("list_portfolio_files", {});
    ok(!isError, "a tool cannot be called meanwhile");
    clients.abort();
    await Promise.allSettled(hanging);
    never.abort();
    await until(() => gone >= 30);
  },

  "hostile streams end in a failed response, and the server lives": async (victim) => {
    const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
    const long = bytes("x".repeat(1024 * 1024));
    let sent = 0;
    const streams: Record<string, () => Response> = {
      "a line without end": () =>
        stream(
          new ReadableStream({
            pull: (controller) => sent++ < 200 ? controller.enqueue(long) : controller.close(),
          }),
        ),
      "deep JSON": () => stream(`event: response.completed\ndata: ${"[".repeat(200_000)}\n\n`),
      "half an event": () => stream("event: response.completed\ndata: {"),
      "no UTF-8": () =>
        stream(new Response(new Uint8Array([0x64, 0x61, 0x74, 0x61, 0x3a, 0xff, 0xfe, 10, 10])).body ?? ""),
      "nothing": () => stream(""),
      "a prototype": () =>
        stream(
          'data: {"__proto__":{"polluted":1},"type":"response.output_item.done","item":{"type":"function_call"}}\n\n',
        ),
      "a compression bomb's name": () =>
        new Response("x", { headers: { "content-type": "text/event-stream", "content-encoding": "gzip" } }),
    };
    let current = (): Response => stream("");
    await using provider = startProvider(() => current());
    await using server = await serveWith(victim, provider);
    for (const [name, answer] of Object.entries(streams)) {
      current = answer;
      const { status, body } = await ask(server);
      ok(
        status === 502 || /event: response\.failed\ndata: .*"status":"failed"/.test(body),
        `${name}: ${status} ${body.slice(-300)}`,
      );
      ok(body.length < 40 * 1024 * 1024, name);
      ok(!/internal/.test(body), `${name}: ${body.slice(-300)}`);
    }
    ok(!/polluted/.test(JSON.stringify({})));
    ok(!/worker|crash|restart/i.test(server.server.said()), server.server.said());
  },

  "with the gateway off nothing is served and no host may be reached": async (victim) => {
    await using provider = startProvider(() => stream(COMPLETED));
    await using server = await victim.another({
      prepare: configure(provider.url),
      flags: ({ root }) => ["--root", root, "--no-gateway"],
    });
    const { status, body } = await ask(server);
    equal(status, 404);
    match(body, /The model gateway is off/);
    deepEqual(provider.seen, []);
  },

  "a provider is reached by name and with the system's certificates, and not with others": async (victim) => {
    const tls = await makeCertificates(victim.home.folder);
    await using provider = startProvider(() => stream(COMPLETED), tls);
    const url = provider.url.replace("http://127.0.0.1", "https://localhost");
    await using trusting = await victim.another({
      prepare: configure(url),
      env: () => ({ SSL_CERT_FILE: tls.authority }),
    });
    const answered = await ask(trusting);
    equal(answered.status, 200, answered.body);
    match(answered.body, /response\.completed/);
    await using wary = await victim.another({ prepare: configure(url) });
    const refused = await ask(wary);
    equal(refused.status, 200);
    match(refused.body, /event: response\.failed\n.*Cannot reach .*certificate/i);
    equal(provider.seen.length, 1);
  },

  "a proxy that the environment names is gone through, and sees no key": async (victim) => {
    const tls = await makeCertificates(victim.home.folder);
    await using provider = startProvider(() => stream(COMPLETED), tls);
    const target = provider.url.replace("http://127.0.0.1", "localhost");
    await using proxy = startProxy();
    await using server = await victim.another({
      prepare: configure(`https://${target}`),
      env: () => ({
        SSL_CERT_FILE: tls.authority,
        HTTPS_PROXY: `http://127.0.0.1:${proxy.port}`,
        DENO_NO_UPDATE_CHECK: "1",
      }),
    });
    const { status, body } = await ask(server);
    equal(status, 200, body);
    deepEqual(proxy.asked, [`CONNECT ${target} HTTP/1.1`]);
    equal(provider.seen[0]?.key, `Bearer ${KEY}`);
  },
});

/** Files below a folder that hold a text. */
async function filesWith(folder: string, text: string): Promise<string[]> {
  const found: string[] = [];
  for await (const entry of Deno.readDir(folder)) {
    const path = join(folder, entry.name);
    if (entry.isDirectory) found.push(...await filesWith(path, text));
    else if (entry.isFile && new TextDecoder("latin1").decode(await Deno.readFile(path)).includes(text)) {
      found.push(path);
    }
  }
  return found;
}

/** A certificate for localhost, and the file of the authority that signed it. */
async function makeCertificates(
  folder: string,
): Promise<{ readonly cert: string; readonly key: string; readonly authority: string }> {
  const openssl = async (...args: readonly string[]): Promise<void> => {
    const { code, stderr } = await runProgram({ path: "openssl", args, cwd: folder, env: { HOME: folder } });
    if (code !== 0) throw new Error(`openssl ${args.join(" ")}: ${stderr}`);
  };
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  await Deno.writeTextFile(
    join(folder, "leaf.cnf"),
    "subjectAltName=DNS:localhost\nbasicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\n",
  );
  await openssl(
    "req",
    "-x509",
    ...curve,
    "-keyout",
    "ca.key",
    "-out",
    "ca.pem",
    "-days",
    "2",
    "-subj",
    "/CN=Test CA",
  );
  await openssl("req", ...curve, "-keyout", "leaf.key", "-out", "leaf.csr", "-subj", "/CN=localhost");
  await openssl(
    ...["x509", "-req", "-in", "leaf.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial"],
    ...["-out", "leaf.pem", "-days", "2", "-extfile", "leaf.cnf"],
  );
  return {
    cert: await Deno.readTextFile(join(folder, "leaf.pem")),
    key: await Deno.readTextFile(join(folder, "leaf.key")),
    authority: join(folder, "ca.pem"),
  };
}

/** A proxy that makes tunnels, and what it was asked for. */
function startProxy(): AsyncDisposable & { readonly port: number; readonly asked: string[] } {
  const asked: string[] = [];
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const open = new Set<Deno.Conn>();
  const serve = async (client: Deno.Conn): Promise<void> => {
    open.add(client);
    const buffer = new Uint8Array(4096);
    const head = new TextDecoder().decode(buffer.subarray(0, await client.read(buffer) ?? 0));
    asked.push(head.split("\r\n")[0] ?? "");
    const port = Number(/:(\d+) /.exec(head)?.[1]);
    const upstream = await Deno.connect({ hostname: "127.0.0.1", port });
    open.add(upstream);
    await client.write(new TextEncoder().encode("HTTP/1.1 200 OK\r\n\r\n"));
    await Promise.allSettled([
      client.readable.pipeTo(upstream.writable),
      upstream.readable.pipeTo(client.writable),
    ]);
  };
  const accepting = (async (): Promise<void> => {
    for await (const client of listener) serve(client).catch(() => undefined);
  })();
  return {
    port: listener.addr.port,
    asked,
    async [Symbol.asyncDispose](): Promise<void> {
      listener.close();
      for (const connection of open) {
        try {
          connection.close();
        } catch {
          // Closed already.
        }
      }
      await accepting;
    },
  };
}

async function until(isSo: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 10_000; !isSo();) {
    if (Date.now() > deadline) throw new Error("it never came to be");
    await new Promise((resume) => setTimeout(resume, 20));
  }
}
