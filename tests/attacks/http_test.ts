/**
 * Attacks on the socket: no token, other people's pages, rebinding, floods, and bytes that are no HTTP.
 *
 * @module
 */

import { equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { testAttacks, type Victim } from "./victim.ts";

const LIST = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/list", params: {} });
const HEADERS = "content-type: application/json\r\naccept: application/json, text/event-stream\r\n";

/** One request line, its headers and a body, with nothing added. */
function raw(line: string, headers: string, body: string): string {
  return `${line}\r\n${headers}content-length: ${
    new TextEncoder().encode(body).length
  }\r\nconnection: close\r\n\r\n${body}`;
}

function statusOf(answer: string): number {
  return Number(/^HTTP\/1\.[01] (\d{3})/.exec(answer)?.[1] ?? 0);
}

async function bearer(victim: Victim): Promise<string> {
  return `authorization: Bearer ${await victim.server.token()}\r\n`;
}

testAttacks("attacks on the socket", {
  "no token is refused, with a challenge and words that help": async (victim) => {
    const reply = await victim.post("/mcp", LIST, { authorization: "" });
    equal(reply.status, 401);
    match(reply.headers.get("www-authenticate") ?? "", /^Bearer/);
    match(reply.body, /token/);
  },
  "wrong, cut, extended and other-scheme tokens are refused": async (victim) => {
    const token = await victim.server.token();
    const tries = [
      "Bearer wrong",
      `Bearer ${token.slice(0, -1)}`,
      `Bearer ${token}x`,
      `Bearer ${token} x`,
      `Basic ${token}`,
      token,
      `Bearer ${token.toUpperCase()}`,
      `Bearer ${"x".repeat(8000)}`,
      "Bearer ",
    ];
    for (const authorization of tries) {
      equal((await victim.post("/mcp", LIST, { authorization })).status, 401);
    }
  },
  "a token in the query or in a cookie is no token": async (victim) => {
    const token = await victim.server.token();
    equal(
      (await victim.post(`/mcp?token=${token}&access_token=${token}`, LIST, { authorization: "" })).status,
      401,
    );
    const cookie = await victim.post("/mcp", LIST, {
      authorization: "",
      cookie: `token=${token}; authorization=${token}`,
    });
    equal(cookie.status, 401);
  },
  "a rebound name, or any Host but ours, is refused on every route, token or not": async (victim) => {
    const { port } = victim.server;
    const hosts = [
      `evil.example:${port}`,
      "evil.example",
      `127.0.0.1.evil.example:${port}`,
      `localhost.evil.example:${port}`,
      `127.0.0.1:${port + 1}`,
      `0.0.0.0:${port}`,
      `127.1:${port}`,
      `2130706433:${port}`,
      `xn--localhost-.com`,
      `user@127.0.0.1:${port}`,
      `127.0.0.1:${port}/x`,
      `[::ffff:127.0.0.1]:${port}`,
      "",
    ];
    for (const host of hosts) {
      for (
        const [line, body] of [["POST /mcp HTTP/1.1", LIST], ["GET /health HTTP/1.1", ""], [
          "POST /command-log HTTP/1.1",
          '{"command":"x"}',
        ]]
      ) {
        const answer = await victim.send(
          raw(line ?? "", `host: ${host}\r\n${await bearer(victim)}${HEADERS}`, body ?? ""),
        );
        ok(
          [400, 403].includes(statusOf(answer)),
          `Host ${JSON.stringify(host)} on ${line}: ${answer.slice(0, 80)}`,
        );
      }
    }
  },
  "no Host, and two of them, are refused": async (victim) => {
    const { port } = victim.server;
    const none = await victim.send(raw("POST /mcp HTTP/1.1", `${await bearer(victim)}${HEADERS}`, LIST));
    ok([400, 403].includes(statusOf(none)), none.slice(0, 80));
    const two = await victim.send(
      raw(
        "POST /mcp HTTP/1.1",
        `host: evil.example\r\nhost: 127.0.0.1:${port}\r\n${await bearer(victim)}${HEADERS}`,
        LIST,
      ),
    );
    ok([400, 403].includes(statusOf(two)), two.slice(0, 80));
  },
  "an absolute request target does not outvote the Host": async (victim) => {
    const answer = await victim.send(
      raw(
        `POST http://127.0.0.1:${victim.server.port}/mcp HTTP/1.1`,
        `host: evil.example\r\n${await bearer(victim)}${HEADERS}`,
        LIST,
      ),
    );
    ok([400, 403].includes(statusOf(answer)), answer.slice(0, 80));
  },
  "foreign origins are refused, the sandboxed one too": async (victim) => {
    const { port } = victim.server;
    for (
      const origin of [
        "https://evil.example",
        "null",
        `http://127.0.0.1:${port + 1}`,
        `https://127.0.0.1:${port}`,
        "vscode-webview://x",
        `http://localhost.evil.example:${port}`,
      ]
    ) {
      for (const path of ["/mcp", "/command-log", "/portfolio-read", "/set-project"]) {
        equal((await victim.post(path, LIST, { origin })).status, 403, `${origin} on ${path}`);
      }
    }
  },
  "cross-site fetch metadata is refused": async (victim) => {
    for (const site of ["cross-site", "same-site"]) {
      equal((await victim.post("/command-log", '{"command":"x"}', { "sec-fetch-site": site })).status, 403);
      equal((await victim.post("/mcp", LIST, { "sec-fetch-site": site })).status, 403);
    }
  },
  "our own names and origin still work": async (victim) => {
    const { port } = victim.server;
    for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`]) {
      const headers = `host: ${host}\r\norigin: http://${host}\r\n${await bearer(victim)}${HEADERS}`;
      equal(statusOf(await victim.send(raw("POST /mcp HTTP/1.1", headers, LIST))), 200, host);
    }
  },
  "a preflight grants nothing, and no answer carries a CORS header": async (victim) => {
    const { port } = victim.server;
    const answer = await victim.send(
      `OPTIONS /mcp HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\norigin: https://evil.example\r\naccess-control-request-method: POST\r\nconnection: close\r\n\r\n`,
    );
    ok(!/access-control-/i.test(answer), answer);
    ok(statusOf(answer) >= 400);
    const allowed = await victim.post("/mcp", LIST);
    equal([...allowed.headers.keys()].filter((name) => name.startsWith("access-control-")).length, 0);
  },
  "content types that a form can send are refused": async (victim) => {
    for (
      const type of [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "text/plain; application/json",
        "",
        "application/jsonx",
      ]
    ) {
      for (const path of ["/mcp", "/command-log"]) {
        const { status } = await victim.post(path, LIST, { "content-type": type });
        equal(status, 415, `${type} on ${path}`);
      }
    }
  },
  "the server is not reachable on another address of this machine": async (victim) => {
    for (const hostname of ["127.0.0.2", "::1"]) {
      try {
        const connection = await Deno.connect({ hostname, port: victim.server.port });
        connection.close();
      } catch {
        continue;
      }
      throw new Error(`${hostname} answers`);
    }
  },
  "a body of 64 MB is refused early, announced or not": async (victim) => {
    const announced = await victim.send(
      `POST /mcp HTTP/1.1\r\nhost: 127.0.0.1:${victim.server.port}\r\n${await bearer(
        victim,
      )}${HEADERS}content-length: 67108864\r\n\r\n{`,
      10_000,
    );
    equal(statusOf(announced), 413);
    let sent = 0;
    const chunk = new Uint8Array(64 * 1024).fill(32);
    const stream = new ReadableStream<Uint8Array>({
      pull(controller): void {
        sent += chunk.length;
        if (sent > 64 * 1024 * 1024) controller.close();
        else controller.enqueue(chunk);
      },
    });
    const chunked = await victim.post("/mcp", stream).catch(() => undefined);
    if (chunked !== undefined) equal(chunked.status, 413);
    ok(sent < 40 * 1024 * 1024, `${sent} bytes were taken`);
  },
  "deep and wide JSON is answered, not died of": async (victim) => {
    const deep = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":${"[".repeat(100_000)}${
      "]".repeat(100_000)
    }}`;
    ok((await victim.post("/mcp", deep)).status < 500);
    const nested =
      `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"agentOS_fs_read","arguments":${
        '{"a":'.repeat(50_000)
      }1${"}".repeat(50_000)}}}`;
    ok((await victim.post("/mcp", nested)).status < 500);
    const batch = `[${Array.from({ length: 5000 }, () => LIST).join(",")}]`;
    const reply = await victim.post("/mcp", batch);
    ok(reply.status >= 400 && reply.status < 500 && reply.body.length < 10_000, `${reply.status}`);
  },
  "prototype names are names": async (victim) => {
    for (const name of ["__proto__", "constructor", "toString", "hasOwnProperty"]) {
      const reply = await victim.call(name, {});
      ok(reply.isError && !/internal|function/.test(reply.text), reply.text);
      const body =
        `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"agentOS_fs_list","arguments":{"path":".","${name}":{"polluted":true}}}}`;
      ok((await victim.post("/mcp", body)).status < 500);
    }
  },
  "malformed messages are client errors without a stack or a source path": async (victim) => {
    const bodies = [
      "",
      "{",
      "null",
      "1",
      '"x"',
      "[]",
      "{}",
      '{"jsonrpc":"1.0","id":1,"method":"ping"}',
      '{"jsonrpc":"2.0","id":{},"method":"ping"}',
      '{"jsonrpc":"2.0","id":1}',
      '{"jsonrpc":"2.0","id":1,"method":5}',
      '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":5}',
      '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":["x"]}}',
      '{"jsonrpc":"2.0","id":1,"method":"no/such"}',
      "\u0000",
      '{"jsonrpc":"2.0","id":1,"method":"\ud800"}',
    ];
    for (const body of bodies) {
      const reply = await victim.post("/mcp", body);
      ok(reply.status < 500, `${JSON.stringify(body)}: ${reply.status}`);
      ok(!/\bat .*:\d+:\d+|\.ts\b|node_modules|file:\/\//.test(reply.body), reply.body);
    }
  },
  "other methods on the endpoint mint no session": async (victim) => {
    const token = await victim.server.token();
    for (const method of ["GET", "DELETE", "PUT", "PATCH"]) {
      const response = await fetch(victim.server.url, {
        method,
        headers: { authorization: `Bearer ${token}`, accept: "text/event-stream" },
      });
      await response.body?.cancel();
      equal(response.status, 405);
      equal(response.headers.get("mcp-session-id"), null);
    }
  },
  "two lengths for one body are refused": async (victim) => {
    const { port } = victim.server;
    const smuggled = `GET /health HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\n\r\n`;
    const answer = await victim.send(
      `POST /mcp HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\n${await bearer(
        victim,
      )}${HEADERS}content-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`,
      2_000,
    );
    ok(!/"uptimeSeconds"/.test(answer) || statusOf(answer) >= 400, answer.slice(0, 400));
    const twice = await victim.send(
      `POST /mcp HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\n${await bearer(
        victim,
      )}${HEADERS}content-length: 4\r\ncontent-length: 40\r\n\r\nnull`,
      2_000,
    );
    equal(statusOf(twice), 400);
  },
  "bytes that are no HTTP do no harm": async (victim) => {
    for (
      const bytes of [
        "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "\0".repeat(5000),
        `GET ${"/".repeat(100_000)} HTTP/1.1\r\n\r\n`,
        `GET / HTTP/1.1\r\n${"x: y\r\n".repeat(20_000)}\r\n`,
      ]
    ) {
      await victim.send(bytes, 1_500);
    }
  },
  "the token is in a 0600 file, on no command line, and in no log": async (victim) => {
    const token = await victim.server.token();
    equal(((await Deno.stat(join(victim.home.state, "token"))).mode ?? 0) & 0o777, 0o600);
    equal(((await Deno.stat(victim.home.state)).mode ?? 0) & 0o777, 0o700);
    const { pid } = victim.server;
    for (const file of ["cmdline", "environ"]) {
      ok(!(await Deno.readTextFile(`/proc/${pid()}/${file}`)).includes(token));
    }
    await victim.post("/mcp", LIST);
    await victim.post("/mcp", LIST, { authorization: `Bearer ${token}x` });
    ok(!victim.server.said().includes(token));
    const health = await (await fetch(`http://127.0.0.1:${victim.server.port}/health`)).text();
    ok(!health.includes(token));
  },
  "a rotated token holds at once, and the old one no longer": async (victim) => {
    const old = await victim.server.token();
    const fresh = "A".repeat(43);
    const file = join(victim.home.state, "token");
    await Deno.writeTextFile(`${file}.new`, `${fresh}\n`, { mode: 0o600 });
    await Deno.rename(`${file}.new`, file);
    await aMoment();
    equal((await victim.post("/mcp", LIST, { authorization: `Bearer ${old}` })).status, 401);
    equal((await victim.post("/mcp", LIST, { authorization: `Bearer ${fresh}` })).status, 200);
    await Deno.chmod(file, 0o644);
    await aMoment();
    ok(
      (await victim.post("/mcp", LIST, { authorization: `Bearer ${fresh}` })).status >= 400,
      "a readable token is no token",
    );
    await Deno.chmod(file, 0o600);
    await aMoment();
    equal((await victim.post("/mcp", LIST)).status, 200);
  },
  "answers of clients who use the same id never cross": async (victim) => {
    for (let count = 0; count < 40; count++) {
      await Deno.writeTextFile(join(victim.home.root, `client-${count}.txt`), `only for ${count}\n`);
    }
    const replies = await Promise.all(Array.from({ length: 40 }, async (_, count) => {
      const body = {
        jsonrpc: "2.0",
        id: 7,
        method: "tools/call",
        params: { name: "agentOS_fs_read", arguments: { path: `${victim.home.root}/client-${count}.txt` } },
      };
      const headers = { authorization: `Bearer ${await victim.server.token()}` };
      return (await victim.post("/mcp", JSON.stringify(body), headers)).body;
    }));
    replies.forEach((body, count) => ok(body.includes(`only for ${count}\\n`), body));
  },
  "a body that comes at one byte a second is cut off": async (victim) => {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port: victim.server.port });
    const head = `POST /mcp HTTP/1.1\r\nhost: 127.0.0.1:${victim.server.port}\r\n${await bearer(
      victim,
    )}${HEADERS}content-length: 1000\r\n\r\n`;
    await connection.write(new TextEncoder().encode(head));
    const drip = setInterval(() => connection.write(new Uint8Array([32])).catch(() => {}), 1000);
    const start = Date.now();
    try {
      const buffer = new Uint8Array(4096);
      let text = "";
      for (let read = await connection.read(buffer); read !== null; read = await connection.read(buffer)) {
        text += new TextDecoder().decode(buffer.subarray(0, read));
        if (text.includes("\r\n\r\n")) break;
      }
      ok(Date.now() - start < 30_000, "it was cut off in time");
      ok(text === "" || statusOf(text) === 408, text);
    } catch {
      ok(Date.now() - start < 30_000, "it was cut off in time");
    } finally {
      clearInterval(drip);
      try {
        connection.close();
      } catch {
        // Closed by the server.
      }
    }
  },
  "ten thousand connections are served or refused, and the next honest call is answered": async (victim) => {
    const open: Deno.Conn[] = [];
    try {
      for (let count = 0; count < 10_000; count += 200) {
        const batch = await Promise.allSettled(
          Array.from(
            { length: 200 },
            () => Deno.connect({ hostname: "127.0.0.1", port: victim.server.port }),
          ),
        );
        for (const result of batch) if (result.status === "fulfilled") open.push(result.value);
        if (batch.every(({ status }) => status === "rejected")) break;
      }
      for (const connection of open.slice(0, 2000)) {
        await connection.write(new TextEncoder().encode("POST /mcp HTTP/1.1\r\n")).catch(() => {});
      }
    } finally {
      for (const connection of open) connection.close();
    }
    ok(open.length > 100, `${open.length} connections were opened`);
    const deadline = Date.now() + 20_000;
    for (;;) {
      const reply = await victim.post("/mcp", LIST).catch(() => undefined);
      if (reply?.status === 200) break;
      ok(Date.now() < deadline, "it answers again");
      await new Promise((resume) => setTimeout(resume, 250));
    }
  },
});

/** The server looks at its token once a millisecond; a call in the same one as the last may still go by that look. */
function aMoment(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 5));
}
