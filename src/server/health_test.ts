import assert from "node:assert/strict";
import { askHealth, type Health, parseHealth } from "./health.ts";

const health: Health = {
  name: "agentos",
  version: "1.2.3",
  runtime: "deno 2.9.6",
  uptimeSeconds: 5,
  tools: 12,
  repo: null,
  roots: 0,
  wall: { state: "off", reason: "old kernel" },
  providers: ["openrouter"],
  ledger: { ok: false, dropped: 3 },
};

Deno.test("parseHealth() reads what was sent, and takes nothing else for agentos", () => {
  assert.deepEqual(parseHealth(JSON.parse(JSON.stringify(health))), health);
  assert.equal(
    parseHealth({ name: "agentos", version: "2.0.0" })?.version,
    "2.0.0",
    "another version's answer",
  );
  for (const data of [null, "agentos", {}, { name: "other", version: "1" }, { name: "agentos" }, []]) {
    assert.equal(parseHealth(data), undefined);
  }
});

Deno.test("askHealth() tells agentos, another program and nobody apart", async () => {
  const answers: Response[] = [Response.json(health), new Response("<html>")];
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => undefined },
    () => answers.shift() ?? Response.redirect("http://127.0.0.1:9/health"),
  );
  const { port } = server.addr;
  try {
    assert.deepEqual(await askHealth(port), { kind: "agentos", health });
    assert.deepEqual(await askHealth(port), { kind: "other" });
    assert.deepEqual(await askHealth(port), { kind: "other" }, "a redirect is not followed");
  } finally {
    await server.shutdown();
  }
  assert.deepEqual(await askHealth(port), { kind: "nobody" });
});

Deno.test("askHealth() does not wait for a program that says nothing", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  assert.deepEqual(await askHealth(listener.addr.port), { kind: "other" });
});
