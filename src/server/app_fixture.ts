/**
 * What the tests of the application stand on: a real token and ledger in a temporary folder, a small portfolio,
 * three tools, and an application without a port.
 *
 * @module
 */

import { z } from "zod";
import { openDatabase } from "../base/database.ts";
import { AppError } from "../base/errors.ts";
import type { Portfolio, PortfolioFile } from "../portfolio/model.ts";
import { defineTool, type Tool } from "../tools/define.ts";
import { type App, createApp } from "./app.ts";
import type { Ledger } from "./ledger.ts";
import { openGateway, openNoGateway } from "./gateway/gateway.ts";
import type { GatewaySettings } from "./gateway/settings.ts";
import { LEDGER_TABLES, openLedger } from "./ledger_store.ts";
import type { LogFields, ServerLog } from "./log.ts";
import type { Mcp, McpDeps } from "./mcp.ts";
import { openToken } from "./token.ts";
import { readToken } from "./token_file.ts";

/** The port that the application believes to have. */
export const PORT = 4711;

const hints = { readOnly: true, destructive: false, idempotent: true, openWorld: false };

const echo = defineTool({
  name: "echo",
  title: "Echo",
  description: "Answers what it was given.",
  hints,
  input: z.strictObject({ text: z.string().describe("Any text.") }),
  output: z.strictObject({ text: z.string() }),
  examples: [],
  run: ({ text }) => Promise.resolve({ data: { text }, text }),
});

const fail = defineTool({
  name: "fail",
  title: "Fail",
  description: "Fails as asked.",
  hints: { ...hints, readOnly: false, destructive: true },
  input: z.strictObject({ how: z.enum(["refusal", "bug", "unwritable"]).describe("What goes wrong.") }),
  output: z.strictObject({ value: z.unknown() }),
  examples: [],
  run: ({ how }) => {
    if (how === "refusal") {
      throw new AppError("file.stale", "The file has changed.", { hint: "Read it again." });
    }
    if (how === "bug") throw new TypeError("secret detail in /home/someone/file");
    return Promise.resolve({ data: { value: 1n }, text: "no JSON" });
  },
});

/** Calls of `wait` that began and were aborted. */
export interface Waits {
  begun: number;
  aborted: number;
}

function makeWait(waits: Waits): Tool {
  return defineTool({
    name: "wait",
    title: "Wait",
    description: "Waits until it is aborted or the time is over.",
    hints,
    input: z.strictObject({ ms: z.number().describe("How long, in milliseconds.") }),
    output: z.strictObject({ waitedMs: z.number() }),
    examples: [],
    run: async ({ ms }, { signal }) => {
      waits.begun++;
      await new Promise<void>((resolve, reject) => {
        const timer = setTimeout(resolve, ms);
        signal.addEventListener("abort", () => {
          clearTimeout(timer);
          waits.aborted++;
          reject(new DOMException("aborted", "AbortError"));
        });
      });
      return { data: { waitedMs: ms }, text: `waited ${ms} ms` };
    },
  });
}

function describeFile(name: string, text: string): PortfolioFile {
  return {
    name,
    filename: `${name}.md`,
    uri: `portfolio://${name}.md`,
    title: name,
    summary: "A file.",
    sizeBytes: text.length,
    modifiedAt: undefined,
    unfilled: 0,
  };
}

const texts = new Map([["identity", "# I am I\n"], ["goals", "# Goals\n"]]);

const portfolio: Portfolio = {
  source: { kind: "embedded" },
  list: () => Promise.resolve([...texts].map(([name, text]) => describeFile(name, text))),
  read: (uri) => {
    const name = uri.replace("portfolio://", "").replace(/\.md$/, "");
    const text = texts.get(name);
    if (text === undefined) throw new AppError("portfolio.not_found", `There is no "${name}".`);
    return Promise.resolve({ file: describeFile(name, text), text });
  },
};

/** One line of the log. */
export interface LoggedLine {
  readonly level: string;
  readonly message: string;
  readonly fields: LogFields;
}

/** A log that keeps its lines. */
export function keepLog(lines: LoggedLine[]): ServerLog {
  const at = (level: string) => (message: string, fields: LogFields = {}): void => {
    lines.push({ level, message, fields });
  };
  return { info: at("info"), warn: at("warn"), error: at("error") };
}

/** The application of one test, and what a test looks at. */
export interface AppFixture extends AsyncDisposable {
  readonly app: App;
  readonly folder: string;
  readonly token: string;
  readonly ledger: Ledger;
  readonly lines: LoggedLine[];
  readonly waits: Waits;
  /** POSTs a JSON-RPC message, as a client of the given protocol version. */
  post(message: unknown, headers?: Record<string, string>, signal?: AbortSignal): Promise<Response>;
  /** The rows of a table of the ledger, after a flush. */
  rows(table: string): Record<string, unknown>[];
}

/** Makes an application in a temporary folder. */
export async function openAppFixture(
  port: number = PORT,
  start?: (deps: McpDeps) => Promise<Mcp>,
  gateway?: GatewaySettings,
): Promise<AppFixture> {
  const folder = await Deno.makeTempDir({ prefix: "agentos-app-" });
  const lines: LoggedLine[] = [];
  const waits: Waits = { begun: 0, aborted: 0 };
  const log = keepLog(lines);
  const tokenFile = `${folder}/token`;
  const token = openToken(tokenFile, () => undefined);
  const { db } = openDatabase(`${folder}/agentos.db`, [LEDGER_TABLES], new Date());
  const ledger = openLedger(db, log);
  const app = await createApp({
    version: "1.2.3",
    runtime: "test",
    startedAtMs: Date.now(),
    port,
    repo: undefined,
    tools: [echo, fail, makeWait(waits)],
    world: {
      settings: {
        roots: [],
        forbidden: [],
        trustedRepositories: [],
        extensionFolder: undefined,
        allowRun: [],
        platform: "linux",
        pathChecks: true,
      },
      portfolio,
      run: () => Promise.reject(new Error("not in this test")),
      search: () => Promise.reject(new Error("not in this test")),
    },
    token,
    ledger,
    gateway: gateway === undefined
      ? await openNoGateway(log)
      : await openGateway({ settings: gateway, log, spent: [], fetch, record: ledger.recordModelRequest }),
    log,
    wall: () => ({ state: "off", reason: "a test" }),
  }, start);
  const secret = readToken(tokenFile).token;
  return {
    app,
    folder,
    token: secret,
    ledger,
    lines,
    waits,
    post(message, headers = {}, signal): Promise<Response> {
      return app(
        new Request(`http://127.0.0.1:${port}/mcp`, {
          method: "POST",
          body: typeof message === "string" ? message : JSON.stringify(message),
          headers: {
            host: `127.0.0.1:${port}`,
            authorization: `Bearer ${secret}`,
            "content-type": "application/json",
            accept: "text/event-stream, application/json",
            ...headers,
          },
          ...(signal === undefined ? {} : { signal }),
        }),
      );
    },
    rows(table): Record<string, unknown>[] {
      ledger.flush();
      return db.prepare(`SELECT * FROM ${table} ORDER BY id`).all();
    },
    async [Symbol.asyncDispose](): Promise<void> {
      ledger.close();
      await Deno.remove(folder, { recursive: true });
    },
  };
}
