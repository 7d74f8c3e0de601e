/** Holds the proxy to adding a token and nothing else. @module */

import assert from "node:assert/strict";
import { rewriteHead, startAuthProxy } from "./auth_proxy.ts";

Deno.test("rewriteHead() adds the token and maps its own port, and leaves foreign hosts alone", () => {
  assert.equal(
    rewriteHead(
      "POST /mcp HTTP/1.1\r\nHost: localhost:4000\r\nORIGIN: http://localhost:4000\r\nConnection: keep-alive\r\nX-A: :4000\r\n\r\n",
      "secret",
      4000,
      5000,
    ),
    "POST /mcp HTTP/1.1\r\nHost: localhost:5000\r\nORIGIN: http://localhost:5000\r\nX-A: :4000\r\n" +
      "Authorization: Bearer secret\r\nConnection: close\r\n\r\n",
  );
  assert.match(
    rewriteHead("GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", "s", 4000, 5000),
    /^Host: evil\.example$/m,
  );
});

Deno.test("startAuthProxy() carries bodies both ways, many at once", async () => {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    const seen = { host: request.headers.get("host"), authorization: request.headers.get("authorization") };
    return Response.json({ ...seen, body: await request.text() });
  });
  {
    await using proxy = startAuthProxy(server.addr.port, "secret");
    const bodies = Array.from({ length: 20 }, (_, index) => `ü${index}`.repeat(20_000));
    const answers = await Promise.all(bodies.map(async (body) => {
      const response = await fetch(proxy.url, { method: "POST", body });
      return await response.json();
    }));
    answers.forEach((answer, index) =>
      assert.deepEqual(answer, {
        host: `127.0.0.1:${server.addr.port}`,
        authorization: "Bearer secret",
        body: bodies[index],
      })
    );
  }
  await server.shutdown();
});
