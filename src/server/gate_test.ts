import assert from "node:assert/strict";
import { makeGate } from "./gate.ts";

const info: Deno.ServeHandlerInfo = {
  remoteAddr: { transport: "tcp", hostname: "127.0.0.1", port: 1 },
  completed: Promise.resolve(),
};

function request(path: string): Request {
  return new Request(`http://127.0.0.1${path}`);
}

Deno.test("makeGate() lets waiting requests in when it opens, in the order they came", async () => {
  const gate = makeGate(10);
  const seen: string[] = [];
  const first = gate.handle(request("/1"), info);
  const second = gate.handle(request("/2"), info);
  gate.open((request) => {
    seen.push(new URL(request.url).pathname);
    return new Response("in");
  });
  assert.equal(await (await first).text(), "in");
  assert.equal(await (await second).text(), "in");
  assert.deepEqual(seen, ["/1", "/2"]);
  assert.equal((await gate.handle(request("/3"), info)).status, 200);
});

Deno.test("makeGate() tells those to come again who find too many waiting", async () => {
  const gate = makeGate(1);
  const waiting = gate.handle(request("/1"), info);
  const refused = await gate.handle(request("/2"), info);
  assert.equal(refused.status, 503);
  assert.equal(refused.headers.get("retry-after"), "1");
  gate.open(() => new Response("in"));
  assert.equal((await waiting).status, 200);
});
