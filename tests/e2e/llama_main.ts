/**
 * A process of its own that serves one model as llama.cpp does: `POST /v1/chat/completions`.
 *
 * The server is llama.cpp's: its request schema, its chat templates, its parser of tool calls, its sampling and its
 * chunks, compiled to WebAssembly with what is called from here (`@wllama/wllama` 3.8.1, its `cpp/wllama-context.h`).
 * Only the socket is ours. It is meant for a browser, so three things of one are made up below.
 *
 * Usage: `deno run -A llama_main.ts MODEL.gguf`; prints its port.
 *
 * @module
 */

import { CacheManager, type ChatCompletionParams, Wllama } from "@wllama/wllama";

/** The package resolves addresses against the page that it is in. */
Object.assign(globalThis, { document: { baseURI: "http://127.0.0.1/" } });

/** Its worker takes a global `process` for a sign of Node.js. */
class BrowserWorker extends Worker {
  constructor(url: string | URL, options?: WorkerOptions) {
    const first = "data:text/javascript,delete globalThis.process";
    const code = `import ${JSON.stringify(first)};import ${JSON.stringify(String(url))};`;
    super(URL.createObjectURL(new Blob([code], { type: "text/javascript" })), options);
  }
}
Object.assign(globalThis, { Worker: BrowserWorker });

/** It keeps what it downloads in the browser's storage; nothing is downloaded here. */
const storage = new CacheManager([{
  isSupported: () => true,
  read: () => Promise.resolve(null),
  write: () => Promise.resolve(),
  getSize: () => Promise.resolve(-1),
  list: () => Promise.resolve([]),
  delete: () => Promise.resolve(),
}]);

const NOTHING = (): void => {};

async function openModel(path: string): Promise<Wllama> {
  const program = await Deno.readFile(new URL("wasm/wllama.wasm", import.meta.resolve("@wllama/wllama")));
  const address = URL.createObjectURL(new Blob([program], { type: "application/wasm" }));
  const llama = new Wllama({ default: address }, {
    cacheManager: storage,
    suppressNativeLog: true,
    logger: { debug: NOTHING, log: NOTHING, warn: NOTHING, error: NOTHING },
  });
  const model = new Blob([await Deno.readFile(path)]);
  await llama.loadModel([model], { n_ctx: 8192, n_parallel: 1, n_threads: 1, n_gpu_layers: 0, jinja: true });
  return llama;
}

const llama = await openModel(Deno.args[0] ?? "");

/** One request after the other, as a server with one slot does it. */
let last: Promise<void> = Promise.resolve();

async function answer(request: Request): Promise<Response> {
  if (request.method !== "POST" || new URL(request.url).pathname !== "/v1/chat/completions") {
    await request.body?.cancel();
    return Response.json({ error: { code: 404, message: "File Not Found", type: "not_found_error" } }, {
      status: 404,
    });
  }
  const asked: ChatCompletionParams & { stream: true } = JSON.parse(await request.text());
  const turn = last;
  const done = Promise.withResolvers<void>();
  last = done.promise;
  await turn;
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    async start(controller): Promise<void> {
      const send = (data: string): void => controller.enqueue(encoder.encode(`data: ${data}\n\n`));
      try {
        for await (const chunk of await llama.createChatCompletion(asked)) send(JSON.stringify(chunk));
        send("[DONE]");
        controller.close();
      } catch (error) {
        controller.error(error);
      } finally {
        done.resolve();
      }
    },
  });
  return new Response(body, { headers: { "content-type": "text/event-stream" } });
}

const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: NOTHING }, answer);
await Deno.stdout.write(new TextEncoder().encode(`${server.addr.port}\n`));
