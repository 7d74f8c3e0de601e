/**
 * Speaks with the real Codex as an editor does: `codex app-server`, JSON-RPC lines on its standard streams.
 *
 * Observed with @openai/codex 0.105, 0.130 and 0.169 (2026-11): `initialize`, then `thread/fork` and `turn/start`;
 * a turn's end is the notification `turn/completed`. Up to 0.130 this is the one way to fork a thread unattended.
 *
 * @module
 */

import { z } from "zod";
import type { Program } from "./program.ts";

/** A running app server; disposing ends it. */
export interface CodexAppServer extends AsyncDisposable {
  /** Forks a thread, plays one turn in the fork, and answers the fork's id. */
  fork(threadId: string, prompt: string): Promise<string>;
}

const Message = z.looseObject({
  id: z.union([z.number(), z.string()]).optional(),
  method: z.string().optional(),
  result: z.unknown().optional(),
  error: z.unknown().optional(),
});
const Forked = z.looseObject({ thread: z.looseObject({ id: z.string() }) });

/** Starts the server and greets it. */
export async function startCodexAppServer(
  { path, cwd, env }: Omit<Program, "args" | "timeoutMs">,
): Promise<CodexAppServer> {
  const child = new Deno.Command(path, {
    args: ["app-server"],
    cwd,
    clearEnv: true,
    env: { PATH: Deno.env.get("PATH") ?? "", ...env },
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const writer = child.stdin.getWriter();
  const lines = readLines(child.stdout);
  let latest = 0;

  const send = (message: object): Promise<void> =>
    writer.write(new TextEncoder().encode(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`));

  /** Reads on until a message is the one that is waited for. */
  async function until(
    isIt: (message: z.infer<typeof Message>) => boolean,
  ): Promise<z.infer<typeof Message>> {
    for (;;) {
      const next = await lines.next();
      if (next.done === true) throw new Error("codex app-server ended before it answered");
      const message = Message.parse(JSON.parse(next.value));
      if (message.error !== undefined) throw new Error(`codex app-server: ${next.value}`);
      if (isIt(message)) return message;
    }
  }

  async function call(method: string, params: object): Promise<unknown> {
    const id = ++latest;
    await send({ id, method, params });
    return (await until((message) => message.id === id)).result;
  }

  await call("initialize", { clientInfo: { name: "agentos-test", title: null, version: "0" } });
  await send({ method: "initialized" });
  return {
    async fork(threadId, prompt): Promise<string> {
      const { thread } = Forked.parse(await call("thread/fork", { threadId }));
      await call("turn/start", {
        threadId: thread.id,
        input: [{ type: "text", text: prompt, text_elements: [] }],
      });
      await until(({ method }) => method === "turn/completed");
      return thread.id;
    },
    async [Symbol.asyncDispose](): Promise<void> {
      await writer.close();
      for (;;) if ((await lines.next()).done === true) break;
      await child.status;
    },
  };
}

async function* readLines(stream: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string, void> {
  let rest = "";
  for await (const chunk of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}
