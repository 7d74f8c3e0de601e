/**
 * Errors that a client or the machine provokes from the server: the application with its guard, token and transport, the
 * search processes, and the supervisor.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { AppError } from "../../src/base/errors.ts";
import { openAppFixture, PORT } from "../../src/server/app_fixture.ts";
import { makeBodyLimits, readBody } from "../../src/server/body.ts";
import { findSearchProgram } from "../../src/server/search/program.ts";
import { createSearch, type SearchPool } from "../../src/server/search/search_pool.ts";
import { readSettings } from "../../src/server/settings.ts";
import { supervise } from "../../src/server/supervisor.ts";
import { startThread } from "../../src/server/worker_thread.ts";
import type { SearchRequest } from "../../src/tools/files/search/model.ts";
import { inTempFolder } from "../tool_context.ts";
import { failing, type Provocations, rename, type Said, sayError } from "./provocation.ts";

/** What the application answers to a request without and with changes. */
function http(path: string, init: RequestInit, withToken = true): () => Promise<Said> {
  return async () => {
    await using fixture = await openAppFixture();
    const headers = new Headers({
      host: `127.0.0.1:${PORT}`,
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      ...(withToken ? { authorization: `Bearer ${fixture.token}` } : {}),
    });
    for (const [name, value] of new Headers(init.headers)) headers.set(name, value);
    const response = await fixture.app(
      new Request(`http://127.0.0.1:${PORT}${path}`, { method: "POST", ...init, headers }),
    );
    const answer: {
      error?: { data?: Readonly<Record<string, string>> } & Readonly<Record<string, unknown>>;
    } = await response.json();
    return sayAnswer(answer, fixture.folder);
  };
}

/** The error in an HTTP body: as agentos says it, or within a JSON-RPC error. */
function sayAnswer(answer: unknown, folder: string): Said {
  const text = JSON.stringify(answer);
  const field = (name: string): string =>
    JSON.parse(`"${new RegExp(`"${name}":"((?:[^"\\\\]|\\\\.)*)"`).exec(text)?.[1] ?? ""}"`);
  const names = { [folder]: "$FOLDER" };
  return {
    code: field("code"),
    sentence: rename(field("message"), names),
    hint: rename(field("hint"), names),
  };
}

/** Calls a tool of the fixture and reads what a model would. */
async function callFixture(name: string, args: unknown): Promise<Said> {
  await using fixture = await openAppFixture();
  const response = await fixture.post({
    jsonrpc: "2.0",
    id: 1,
    method: "tools/call",
    params: { name, arguments: args },
  });
  const { result }: { result: { content: readonly { text: string }[] } } = await response.json();
  const [, code = "", sentence = "", hint = ""] =
    /^([^:]+): ([^]*)\nNext: ([^]*)$/.exec(result.content[0]?.text ?? "") ??
      assert.fail(JSON.stringify(result));
  return { code, sentence: rename(sentence, {}), hint: rename(hint, {}) };
}

/** What a search process pool fails with. */
async function search(
  fail: (
    pool: SearchPool,
    ask: (asked: Partial<SearchRequest>, signal?: AbortSignal) => Promise<unknown>,
  ) => Promise<AppError>,
): Promise<Said> {
  let said: Said | undefined;
  await inTempFolder(async (folder) => {
    await Deno.writeTextFile(join(folder, "trap.txt"), `${"a".repeat(60)}!\n`);
    const pool = createSearch(findSearchProgram(Deno.env.toObject()), {
      roots: [folder],
      forbidden: [],
      platform: "linux",
    });
    try {
      const ask = (asked: Partial<SearchRequest>, signal = new AbortController().signal): Promise<unknown> =>
        pool.search({
          paths: [folder],
          query: "needle",
          regex: false,
          ignoreCase: false,
          glob: undefined,
          contextLines: 0,
          maxResults: 100,
          cursor: undefined,
          timeoutMs: 10_000,
          ...asked,
        }, signal);
      said = sayError(await fail(pool, ask), { [folder]: "$ROOT" });
    } finally {
      await pool.close();
    }
  });
  return said ?? assert.fail();
}

/** By code. */
export const SERVER_PROVOCATIONS: Provocations = {
  "internal": () => callFixture("fail", { how: "bug" }),
  "http.unauthorized": http("/mcp", { body: "{}" }, false),
  "http.forbidden": http("/mcp", { body: "{}", headers: { origin: "https://evil.example" } }),
  "http.not_found": http("/nothing", { method: "GET" }),
  "http.method": http("/health", { body: "{}" }),
  "http.media_type": http("/command-log", { body: "{}", headers: { "content-type": "text/plain" } }),
  "http.too_large": http("/command-log", { body: `"${"x".repeat(5 * 1024 * 1024)}"` }),
  "http.bad_request": http("/command-log", { body: "{" }),
  "http.timeout": async () => {
    const never = new ReadableStream<Uint8Array>({ pull: () => new Promise(() => {}) });
    const request = new Request("http://127.0.0.1/", { method: "POST", body: never });
    return sayError(await failing(() => readBody(request, makeBodyLimits(1_000, 50))));
  },
  "tool.cancelled": () => search((_pool, ask) => failing(() => ask({}, AbortSignal.abort()))),
  "search.timeout": () =>
    search((_pool, ask) => failing(() => ask({ query: "^(?=(a+)+$)a", regex: true, timeoutMs: 500 }))),
  "search.failed": () =>
    search(async (pool, ask) => {
      await pool.close();
      return await failing(() => ask({}));
    }),
  "serve.worker_failed": async () => {
    let said: Said | undefined;
    await inTempFolder(async (home) => {
      const { settings } = await readSettings({ port: 0 }, {
        env: () => undefined,
        cwd: home,
        home,
        version: "1.2.3",
      });
      const notNow = (): Promise<never> => Promise.reject(new Error("not in this test"));
      const workerModule = "data:text/javascript,throw new Error('as asked')";
      const supervision = {
        settings,
        workerModule,
        firstThread: startThread(settings, workerModule),
        pulseMs: undefined,
        run: notNow,
        search: notNow,
        report: (): void => {},
      };
      said = sayError(await failing(() => supervise(supervision)), { [home]: "$HOME" });
    });
    return said ?? assert.fail();
  },
};
