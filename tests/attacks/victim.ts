/**
 * The server under attack, as a black box: the compiled executable, and the source tree on the Deno that runs the
 * tests. An attack is written once and tried on both.
 *
 * @module
 */

import { join } from "node:path";
import { V8_FLAGS } from "../../src/server/search/v8_flags.ts";
import { type Agentos, type Home, makeHome, type Program, startAgentos } from "../e2e/agentos.ts";
import { PROJECT_FOLDER } from "../e2e/install.ts";

/** What an attack is handed. */
export interface Victim {
  readonly home: Home;
  readonly server: Agentos;
  /** Outside every root; holds `secret.txt`. */
  readonly outside: string;
  /** A second, read-only root. */
  readonly readOnlyRoot: string;
  /** The Deno that the server runs on, as `/health` says it. */
  readonly deno: string;
  /** Calls a tool with the right token. */
  call(tool: string, input: unknown, signal?: AbortSignal): Promise<ToolReply>;
  /** Sends one HTTP request with the right token, unless `headers` says otherwise. */
  post(
    path: string,
    body: string | ReadableStream<Uint8Array>,
    headers?: Record<string, string>,
  ): Promise<Reply>;
  /** Starts a second server of the same kind, in a home of its own. */
  another(options: VictimOptions): Promise<Victim & AsyncDisposable>;
  /** Sends bytes as they are and answers what came back until the server closed or `waitMs` passed. */
  send(bytes: string | Uint8Array, waitMs?: number): Promise<string>;
}

/** How a victim differs from the usual one. */
export interface VictimOptions {
  /** Flags after `agentos serve`; by default a writable and a read-only root. */
  readonly flags?: (home: Home) => readonly string[];
  /** Added to the server's environment. */
  readonly env?: (home: Home) => Readonly<Record<string, string>>;
  /** Done in the home before the server starts. */
  readonly prepare?: (home: Home) => Promise<void>;
}

/** What a tool answered. */
export interface ToolReply {
  readonly isError: boolean;
  /** The text block, or the JSON-RPC error's message. */
  readonly text: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** Everything that came back, for looking for what must not be in it. */
  readonly raw: string;
}

/** What an HTTP request got. */
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** The text that no answer may ever hold. */
export const SECRET = "the-secret-outside-every-root";

/** How the source tree is run: as `deno run -A main.ts`, with the engine flags that the executable has compiled in. */
export const SOURCE_TREE: Program = {
  path: Deno.execPath(),
  args: [
    "run",
    "-A",
    `--v8-flags=${V8_FLAGS}`,
    join(PROJECT_FOLDER, "main.ts"),
  ],
};

/** What is attacked. */
export const TARGETS: readonly { readonly name: string; readonly program: Program | undefined }[] = [
  { name: "the executable", program: undefined },
  { name: `the source tree on Deno ${Deno.version.deno}`, program: SOURCE_TREE },
];

/** A named attack: it throws when it got what it wanted. */
export type Attack = (victim: Victim) => Promise<void>;

/** Registers a test for each target, with a step for each attack; the server must be alive after every one. */
export function testAttacks(group: string, attacks: Readonly<Record<string, Attack>>): void {
  for (const target of TARGETS) {
    Deno.test(`${group}, against ${target.name}`, async (test) => {
      await using victim = await startVictim(target.program);
      for (const [name, attack] of Object.entries(attacks)) {
        await test.step(name, async () => {
          await attack(victim);
          const health = await fetch(`http://127.0.0.1:${victim.server.port}/health`);
          await health.body?.cancel();
          if (!health.ok) throw new Error(`the server is unwell after the attack: ${health.status}`);
        });
      }
    });
  }
}

/** Starts a victim. Disposing stops it and removes its folders. */
export async function startVictim(
  program: Program | undefined,
  options: VictimOptions = {},
): Promise<Victim & AsyncDisposable> {
  // Also when the server does not start, or does not stop as it should.
  await using cleanup = new AsyncDisposableStack();
  const home = cleanup.use(await makeHome());
  const outside = join(home.folder, "outside");
  const readOnlyRoot = join(home.folder, "reference");
  for (const folder of [outside, readOnlyRoot, `${home.root}-sibling`]) await Deno.mkdir(folder);
  await Deno.writeTextFile(join(outside, "secret.txt"), `${SECRET}\n`);
  await Deno.writeTextFile(join(`${home.root}-sibling`, "secret.txt"), `${SECRET}\n`);
  await Deno.writeTextFile(join(readOnlyRoot, "manual.txt"), "read me\n");
  // The folders of Deno's own cache must be found although HOME is another one.
  const denoDir = Deno.env.get("DENO_DIR") ?? join(Deno.env.get("HOME") ?? "", ".cache", "deno");
  await options.prepare?.(home);
  const env = options.env?.(home) ?? {};
  const server = cleanup.use(
    await startAgentos(home, {
      flags: options.flags?.(home) ?? ["--root", home.root, "--read-only-root", readOnlyRoot],
      ...(program === undefined ? { env } : { program, env: { DENO_DIR: denoDir, ...env } }),
    }),
  );
  const health: { readonly runtime?: unknown } = await (await fetch(`http://127.0.0.1:${server.port}/health`))
    .json();
  let nextId = 0;

  const post: Victim["post"] = async (path, body, headers = {}) => {
    const response = await fetch(`http://127.0.0.1:${server.port}${path}`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${await server.token()}`,
        "content-type": "application/json",
        accept: "application/json, text/event-stream",
        ...headers,
      },
      body,
    });
    return { status: response.status, headers: response.headers, body: await response.text() };
  };

  const call: Victim["call"] = async (name, input, signal) => {
    const response = await fetch(server.url, {
      method: "POST",
      headers: {
        authorization: `Bearer ${await server.token()}`,
        "content-type": "application/json",
        accept: "application/json, text/event-stream",
      },
      body: JSON.stringify({
        jsonrpc: "2.0",
        id: ++nextId,
        method: "tools/call",
        params: { name, arguments: input },
      }),
      ...(signal === undefined ? {} : { signal }),
    });
    return readToolReply(await response.text());
  };

  const kept = cleanup.move();
  return {
    home,
    server,
    outside,
    readOnlyRoot,
    deno: String(health.runtime ?? ""),
    call,
    post,
    another: (different) => startVictim(program, different),
    send: (bytes, waitMs = 5_000) => sendRaw(server.port, bytes, waitMs),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

function readToolReply(raw: string): ToolReply {
  const answer: {
    readonly result?: {
      readonly isError?: boolean;
      readonly content?: readonly { readonly text?: string }[];
      readonly structuredContent?: Readonly<Record<string, unknown>>;
    };
    readonly error?: { readonly message?: string };
  } = JSON.parse(raw);
  return {
    isError: answer.result === undefined || answer.result.isError === true,
    text: answer.result?.content?.[0]?.text ?? answer.error?.message ?? "",
    data: answer.result?.structuredContent ?? {},
    raw,
  };
}

async function sendRaw(port: number, bytes: string | Uint8Array, waitMs: number): Promise<string> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const timer = setTimeout(() => connection.close(), waitMs);
  let text = "";
  try {
    const writer = connection.writable.getWriter();
    await writer.write(typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes);
    writer.releaseLock();
    for await (const chunk of connection.readable.pipeThrough(new TextDecoderStream())) text += chunk;
  } catch {
    // Closed by the server or by the timer: what was read is the answer.
  } finally {
    clearTimeout(timer);
    try {
      connection.close();
    } catch {
      // Closed already.
    }
  }
  return text;
}

/** Fails when a reply holds the secret; for attacks that read. */
export function refuteSecret(reply: { readonly raw: string } | { readonly body: string }): void {
  const text = "raw" in reply ? reply.raw : reply.body;
  if (text.includes(SECRET)) throw new Error(`the secret came out: ${text.slice(0, 300)}`);
}

/** Fails unless the tool refused, and did so in words of ours. */
export function requireRefusal(reply: ToolReply, code?: RegExp): void {
  refuteSecret(reply);
  if (!reply.isError) throw new Error(`it was let through: ${reply.raw.slice(0, 300)}`);
  if (/internal/.test(reply.text)) throw new Error(`it ended in a bug of ours: ${reply.text}`);
  if (code !== undefined && !code.test(reply.text)) {
    throw new Error(`refused with other words: ${reply.text}`);
  }
}
