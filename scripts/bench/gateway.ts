/**
 * The model gateway: what it adds to the first word of an answer, and how fast it moves long answers, one and a hundred
 * at a time, beside a program that only passes them on; and whether its memory stays.
 *
 * The provider is in the bench's own process and answers at once, so that nothing but the way there and back is timed.
 *
 * @module
 */

import { join } from "node:path";
import { makeHome } from "../../tests/e2e/agentos.ts";
import { compare, type Finding, interleave, type Timing } from "./measure.ts";
import { readResidentMb } from "./process_memory.ts";
import { startAgentos, startPassThrough } from "./servers.ts";

const DIRECT = "the provider itself";
const PLAIN = "a plain pass-through";
const UNSEEN = "the runtime's own, which sees nothing";
const OURS = "the gateway";

const MAX_ADDED_MS = 2;
const MIN_THROUGHPUT = 0.8;
/** Here each answer begins with a request that has to be parsed and written anew, which nothing else does. */
const MIN_CROWD_THROUGHPUT = 0.5;
/** Some ten seconds, so that a moment in which the machine does something else does not decide. */
const FIRST_WORD_ROUNDS = 1500;
const LONG_ROUNDS = 81;
/** Until the compilers of all programs are done, for a server runs for days. */
const WARM_UP_ROUNDS = 10;
const FIRST_WORD_WARM_UP_ROUNDS = 150;
const CROWD = 100;
const CROWD_ROUNDS = 3;
const ALLOWED_GROWTH = 1.25;
const LONG_BYTES = 5_000_000;
const CROWD_BYTES = 1_000_000;

/** Measures all of it, on the Deno of the bench. */
export async function benchGateway(): Promise<readonly Finding[]> {
  const provider = startProvider();
  await using home = await makeHome();
  const state = join(home.folder, "source-state");
  await Deno.mkdir(state, { mode: 0o700 });
  await Deno.writeTextFile(
    join(state, "config.toml"),
    `[gateway.providers.bench]\nbase_url = "${provider.url}"\n`,
  );
  await using agentos = await startAgentos(home, "source");
  await using plain = await startPassThrough(`${provider.url}/responses`, "pieces");
  await using unseen = await startPassThrough(`${provider.url}/responses`, "unseen");
  const gateway = new URL("/gateway/bench/v1/responses", agentos.endpoint.url).href;
  try {
    const shorts = [
      { name: DIRECT, once: () => ask(`${provider.url}/responses`, 0) },
      { name: PLAIN, once: () => ask(plain.endpoint.url, 0) },
      { name: OURS, once: () => ask(gateway, 0) },
    ];
    await interleave(FIRST_WORD_WARM_UP_ROUNDS, shorts);
    const firstWords = await interleave(FIRST_WORD_ROUNDS, shorts);
    const longs = [
      { name: PLAIN, once: () => ask(plain.endpoint.url, LONG_BYTES) },
      { name: UNSEEN, once: () => ask(unseen.endpoint.url, LONG_BYTES) },
      { name: OURS, once: () => ask(gateway, LONG_BYTES) },
    ];
    await interleave(WARM_UP_ROUNDS, longs);
    const long = await interleave(LONG_ROUNDS, longs);
    const crowds = [
      { name: PLAIN, once: () => askAll(plain.endpoint.url) },
      { name: OURS, once: () => askAll(gateway) },
    ];
    await interleave(2 * CROWD_ROUNDS, crowds);
    const before = readResidentMb(agentos.pid);
    const crowd = await interleave(3 * CROWD_ROUNDS, crowds);
    const after = readResidentMb(agentos.pid);
    return [
      addedLatency(firstWords),
      throughput(`an answer of ${LONG_BYTES / 1e6} MB, throughput`, long, PLAIN, MIN_THROUGHPUT),
      throughput(`an answer of ${LONG_BYTES / 1e6} MB, throughput`, long, UNSEEN, undefined),
      throughput(
        `${CROWD} answers of ${CROWD_BYTES / 1e6} MB at once, throughput`,
        crowd,
        PLAIN,
        MIN_CROWD_THROUGHPUT,
      ),
      {
        what: `resident memory after ${5 * CROWD_ROUNDS * CROWD} answers`,
        against: `after ${2 * CROWD_ROUNDS * CROWD}`,
        ratio: after / before,
        bar: { kind: "at most", value: ALLOWED_GROWTH },
        detail: `${after.toFixed(0)} MB against ${before.toFixed(0)} MB`,
      },
    ];
  } finally {
    await provider.close();
  }
}

/** Throughput is the other way round than time: theirs by ours. */
function throughput(
  what: string,
  timings: readonly Timing[],
  theirs: string,
  atLeast: number | undefined,
): Finding {
  const bar = atLeast === undefined ? undefined : { kind: "at least", value: atLeast } as const;
  return { ...compare(what, timings, theirs, OURS, bar), against: theirs };
}

function addedLatency(timings: readonly Timing[]): Finding {
  const of = (name: string): number => timings.find((timing) => timing.name === name)?.medianMs ?? Number.NaN;
  const [direct, plain, ours] = [DIRECT, PLAIN, OURS].map(of);
  const added = (ours ?? 0) - (direct ?? 0);
  return {
    what: "added to the first word of an answer",
    against: `${MAX_ADDED_MS} ms`,
    ratio: added / MAX_ADDED_MS,
    bar: { kind: "at most", value: 1 },
    detail: `${added.toFixed(2)} ms, where a plain pass-through adds ${
      ((plain ?? 0) - (direct ?? 0)).toFixed(2)
    }; medians of ${FIRST_WORD_ROUNDS}`,
  };
}

/** A conversation as long as one is after some turns, with the tools that a client offers. */
function requestFor(answerBytes: number): string {
  const tool = (name: string): unknown => ({
    type: "function",
    name,
    description: "What it does, and when to use it. ".repeat(10),
    strict: false,
    parameters: { type: "object", properties: { path: { type: "string", description: "An absolute path" } } },
  });
  const input = Array.from({ length: 40 }, (_, index) => [
    {
      type: "message",
      role: "user",
      content: [{ type: "input_text", text: "Please look at it. ".repeat(20) }],
    },
    { type: "function_call", call_id: `c${index}`, namespace: "mcp__files", name: "t1", arguments: "{}" },
    { type: "function_call_output", call_id: `c${index}`, output: "a line of a file\n".repeat(60) },
  ]).flat();
  const names = Array.from({ length: 12 }, (_, index) => `t${index}`);
  const tools = [...names.map(tool), { type: "namespace", name: "mcp__files", tools: names.map(tool) }];
  return JSON.stringify({ model: "bench", stream: true, metadata: { answerBytes }, input, tools });
}

const REQUESTS = new Map([0, LONG_BYTES, CROWD_BYTES].map((bytes) => [bytes, requestFor(bytes)]));

/** Asks once; how long it takes to the first word of a short answer, to the end of a long one. */
async function ask(url: string, answerBytes: number): Promise<number> {
  const started = performance.now();
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: "Bearer bench" },
    body: REQUESTS.get(answerBytes) ?? "",
  });
  let first = Number.NaN;
  let sizeBytes = 0;
  for await (const chunk of response.body ?? []) {
    if (Number.isNaN(first)) first = performance.now();
    sizeBytes += chunk.byteLength;
  }
  if (!response.ok || sizeBytes < answerBytes) {
    throw new Error(`${url} answered ${response.status}, ${sizeBytes} bytes`);
  }
  return (answerBytes === 0 ? first : performance.now()) - started;
}

async function askAll(url: string): Promise<number> {
  const started = performance.now();
  await Promise.all(Array.from({ length: CROWD }, () => ask(url, CROWD_BYTES)));
  return performance.now() - started;
}

/** A provider that answers with as many bytes of small events as the request asks for. */
function startProvider(): { readonly url: string; close(): Promise<void> } {
  const event = (type: string, rest: object): string =>
    `event: ${type}\ndata: ${JSON.stringify({ type, ...rest })}\n\n`;
  const encoder = new TextEncoder();
  const delta = event("response.output_text.delta", {
    item_id: "m",
    output_index: 0,
    delta: "some words of text ",
  });
  const chunk = encoder.encode(delta.repeat(60));
  const head = encoder.encode(event("response.created", { response: { id: "r", model: "bench" } }) + delta);
  const tail = encoder.encode(
    event("response.completed", {
      response: { id: "r", output: [], usage: { input_tokens: 1, output_tokens: 1 } },
    }),
  );
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => undefined },
    async (request) => {
      const wanted = Number(/"answerBytes":(\d+)/.exec(await request.text())?.[1] ?? 0);
      let sent = 0;
      const body = new ReadableStream<Uint8Array>({
        start: (controller) => controller.enqueue(head),
        pull(controller): void {
          if (sent < wanted) {
            sent += chunk.byteLength;
            return controller.enqueue(chunk);
          }
          controller.enqueue(tail);
          controller.close();
        },
      });
      return new Response(body, { headers: { "content-type": "text/event-stream" } });
    },
  );
  return { url: `http://127.0.0.1:${server.addr.port}`, close: () => server.shutdown() };
}
