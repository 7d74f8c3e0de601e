import assert from "node:assert/strict";
import { Server } from "@modelcontextprotocol/sdk/server";
import fc from "fast-check";
import { MuxTransport } from "./mux_transport.ts";
import { makeResponseWriter } from "./rpc.ts";

interface Scope {
  readonly owner: string;
}

interface Opened {
  readonly transport: MuxTransport<Scope>;
  readonly signals: Map<string, AbortSignal>;
  readonly failures: unknown[];
}

/** A server whose one handler answers, after a while, who asked for what. */
async function open(delay: () => number = () => 0): Promise<Opened> {
  const failures: unknown[] = [];
  const transport = new MuxTransport<Scope>(makeResponseWriter((error) => failures.push(error)));
  const server = new Server({ name: "test", version: "1" }, { capabilities: {} });
  const signals = new Map<string, AbortSignal>();
  server.fallbackRequestHandler = async ({ method, params }, { requestId, signal }) => {
    const owner = transport.contextOf(requestId)?.owner ?? "nobody";
    signals.set(owner, signal);
    if (method === "unwritable") return { value: 1n };
    if (method === "throws") throw new RangeError("as asked");
    await new Promise((resolve) => setTimeout(resolve, delay()));
    return { owner, params };
  };
  await server.connect(transport);
  return { transport, signals, failures };
}

Deno.test("MuxTransport gives every request its own answer, whatever ids their senders chose", async () => {
  const ids = fc.oneof(
    fc.constantFrom(1, "1", 0, -1, "", "__proto__"),
    fc.maxSafeInteger(),
    fc.string({ unit: "binary" }),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(ids, { minLength: 2, maxLength: 50 }),
      fc.infiniteStream(fc.nat(3)),
      async (sent, delays) => {
        const { transport } = await open(() => delays.next().value ?? 0);
        const answers = await Promise.all(sent.map((id, index) => {
          const request = { jsonrpc: "2.0" as const, id, method: "ask", params: { index } };
          return transport.exchange(request, { owner: `client ${index}` }).answer;
        }));
        answers.forEach((answer, index) => {
          const id = JSON.parse(JSON.stringify(sent[index]));
          const result = { owner: `client ${index}`, params: { index } };
          assert.deepEqual(JSON.parse(answer ?? ""), { jsonrpc: "2.0", id, result });
        });
      },
    ),
    { numRuns: 50 },
  );
});

Deno.test("MuxTransport cancels one request and leaves its namesakes alone", async () => {
  const { transport, signals } = await open(() => 500);
  const request = { jsonrpc: "2.0" as const, id: 1, method: "ask" };
  const exchanges = ["a", "b", "c"].map((owner) => transport.exchange(request, { owner }));
  while (signals.size < 3) await new Promise((resolve) => setTimeout(resolve, 1));
  exchanges[1]?.cancel("the client left");
  const [first, second, third] = await Promise.all(exchanges.map(({ answer }) => answer));
  assert.equal(second, undefined);
  assert.ok(first?.includes('"a"') && third?.includes('"c"'));
  assert.deepEqual(["a", "b", "c"].map((owner) => signals.get(owner)?.aborted), [false, true, false]);
  exchanges[0]?.cancel("too late");
  assert.equal(signals.get("a")?.aborted, false);
});

Deno.test("MuxTransport answers errors, what cannot be written, and nothing after its end", async () => {
  const { transport, failures } = await open(() => 10_000);
  const ask = (method: string): Promise<string | undefined> =>
    transport.exchange({ jsonrpc: "2.0", id: "x", method }, { owner: "a" }).answer;
  assert.deepEqual(JSON.parse(await ask("throws") ?? ""), {
    jsonrpc: "2.0",
    id: "x",
    error: { code: -32603, message: "as asked" },
  });
  assert.equal(JSON.parse(await ask("unwritable") ?? "").error.code, -32603);
  assert.equal(failures.length, 1);
  const waiting = ask("ask");
  await transport.close();
  assert.equal(await waiting, undefined);
});
