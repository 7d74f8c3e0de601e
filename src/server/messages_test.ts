import assert from "node:assert/strict";
import { AppError } from "../base/errors.ts";
import { parseWorkerMessage, receiveError, sendError } from "./messages.ts";

const run = {
  program: "git",
  args: ["status"],
  cwd: "/code",
  environment: "clean",
  env: { LC_ALL: "C" },
  timeoutMs: 1000,
  maxOutputBytes: 1000,
};
const search = {
  paths: ["/code"],
  query: "needle",
  regex: false,
  ignoreCase: true,
  glob: undefined,
  contextLines: 0,
  maxResults: 10,
  cursor: "abc",
  timeoutMs: 1000,
};

Deno.test("parseWorkerMessage() lets every message through as it was sent", () => {
  const messages: readonly unknown[] = [
    { kind: "started" },
    { kind: "listening", port: 8787 },
    { kind: "lost", reason: "too many files" },
    { kind: "ready", wall: { state: "on", abi: 7 }, parkedAt: 140_000_000_000_000n },
    { kind: "ready", wall: { state: "off", reason: "old kernel" }, parkedAt: undefined },
    { kind: "refused", error: { code: "token.unsafe", message: "m", hint: "h" } },
    { kind: "run", id: 1, request: run },
    { kind: "search", id: 2, request: search },
    { kind: "cancel", id: 2 },
    { kind: "pong" },
    { kind: "drained" },
  ];
  for (const message of messages) assert.deepEqual(parseWorkerMessage(message), message);
});

Deno.test("parseWorkerMessage() knows no other message, and keeps nothing it does not know", () => {
  const wrong: readonly unknown[] = [
    undefined,
    null,
    "drained",
    [],
    {},
    { kind: "exit" },
    { kind: "listening", port: "80" },
    { kind: "ready", wall: { state: "maybe" } },
    { kind: "refused", error: { code: "toString", message: "m", hint: "h" } },
    { kind: "cancel", id: -1 },
    { kind: "run", id: 1, request: { ...run, program: "git\0" } },
    { kind: "run", id: 1, request: { ...run, args: ["a", 1] } },
    { kind: "run", id: 1, request: { ...run, environment: "mine" } },
    { kind: "run", id: 1, request: { ...run, env: { "A=B": "c" } } },
    { kind: "run", id: 1, request: { ...run, timeoutMs: Infinity } },
    { kind: "run", request: run },
    { kind: "search", id: 1, request: { ...search, paths: "/" } },
  ];
  for (const message of wrong) assert.equal(parseWorkerMessage(message), undefined, JSON.stringify(message));
  const extra = parseWorkerMessage({ kind: "run", id: 1, request: { ...run, uid: 0 }, more: true });
  assert.deepEqual(extra, { kind: "run", id: 1, request: run });
});

Deno.test("parseWorkerMessage() takes whatever a caller may search for", () => {
  for (const text of ["\0", "\ud800", "\x1b", ""]) {
    const request = { ...search, query: text, glob: text, cursor: text };
    assert.deepEqual(parseWorkerMessage({ kind: "search", id: 1, request }), {
      kind: "search",
      id: 1,
      request,
    });
  }
});

Deno.test("sendError() and receiveError() carry what a reader needs, and nothing of a bug's insides", () => {
  const error = receiveError(sendError(new AppError("git.locked", "It is locked", { hint: "Wait." })));
  assert.ok(error instanceof AppError);
  assert.deepEqual([error.code, error.message, error.hint], ["git.locked", "It is locked", "Wait."]);
  assert.equal(sendError(new TypeError("x is undefined")).code, "internal");
  assert.equal(sendError("thrown text").message, "thrown text");
});
