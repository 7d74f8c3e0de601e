/**
 * What the supervisor and its worker say to each other: plain data, one union per direction.
 *
 * The worker handles untrusted requests, so everything that comes from it is held against its shape before the
 * supervisor acts. What the supervisor says is trusted by the worker: both are the same build.
 *
 * @module
 */

import { AppError, type ErrorCode, ERRORS, isErrorCode } from "../base/errors.ts";
import { isObject } from "../base/json_fields.ts";
import type { ProcessRequest, ProcessResult } from "../base/process.ts";
import type { SearchRequest, SearchResult } from "../tools/files/search/model.ts";
import type { KernelWall } from "./landlock.ts";

/** An `AppError` on its way to another thread. */
export interface SentError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string;
}

/** How a call to the supervisor ended. */
export type Outcome<Result> =
  | { readonly ok: true; readonly result: Result }
  | { readonly ok: false; readonly error: SentError };

/** From the supervisor to the worker. */
export type SupervisorMessage =
  | { readonly kind: "ran"; readonly id: number; readonly outcome: Outcome<ProcessResult> }
  | { readonly kind: "searched"; readonly id: number; readonly outcome: Outcome<SearchResult> }
  /** Answer `pong`. */
  | { readonly kind: "ping" }
  /** Take no new request, finish those that run, answer `drained`. */
  | { readonly kind: "drain" };

/** From the worker to the supervisor. */
export type WorkerMessage =
  /** Says nothing but that the thread runs: see `startWorker`. */
  | { readonly kind: "started" }
  /** The socket is bound; requests wait. */
  | { readonly kind: "listening"; readonly port: number }
  /** The socket and every connection were lost, and are taken again. */
  | { readonly kind: "lost"; readonly reason: string }
  /** Requests are answered. `parkedAt`: see `ParkedThreads.address`. */
  | { readonly kind: "ready"; readonly wall: KernelWall; readonly parkedAt: bigint | undefined }
  /** It cannot start, for a reason that the user can do something about. */
  | { readonly kind: "refused"; readonly error: SentError }
  | { readonly kind: "run"; readonly id: number; readonly request: ProcessRequest }
  | { readonly kind: "search"; readonly id: number; readonly request: SearchRequest }
  /** Stop the `run` or `search` of this id. */
  | { readonly kind: "cancel"; readonly id: number }
  | { readonly kind: "pong" }
  | { readonly kind: "drained" };

/** Makes an error ready to be sent; one that is no `AppError` is a bug and says so. */
export function sendError(error: unknown): SentError {
  if (error instanceof AppError) return { code: error.code, message: error.message, hint: error.hint };
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return { code: "internal", message, hint: ERRORS.internal.hint };
}

/** The error that was sent. */
export function receiveError(sent: SentError): AppError {
  return new AppError(sent.code, sent.message, { hint: sent.hint });
}

/** Holds what came from a worker against its shape; undefined when it has none of them. */
export function parseWorkerMessage(data: unknown): WorkerMessage | undefined {
  if (!isObject(data)) return undefined;
  const { kind, id } = data;
  switch (kind) {
    case "started":
    case "pong":
    case "drained":
      return { kind };
    case "listening":
      return isCount(data.port) ? { kind, port: data.port } : undefined;
    case "lost":
      return isText(data.reason) ? { kind, reason: data.reason } : undefined;
    case "ready": {
      const wall = parseWall(data.wall);
      const parkedAt = typeof data.parkedAt === "bigint" ? data.parkedAt : undefined;
      return wall && { kind, wall, parkedAt };
    }
    case "refused": {
      const error = parseError(data.error);
      return error && { kind, error };
    }
    case "cancel":
      return isCount(id) ? { kind, id } : undefined;
    case "run": {
      const request = parseProcessRequest(data.request);
      return request && isCount(id) ? { kind, id, request } : undefined;
    }
    case "search": {
      const request = parseSearchRequest(data.request);
      return request && isCount(id) ? { kind, id, request } : undefined;
    }
    default:
      return undefined;
  }
}

function parseWall(data: unknown): KernelWall | undefined {
  if (!isObject(data)) return undefined;
  if (data.state === "on" && isCount(data.abi)) return { state: "on", abi: data.abi };
  if (data.state === "off" && isText(data.reason)) return { state: "off", reason: data.reason };
  return undefined;
}

function parseError(data: unknown): SentError | undefined {
  if (!isObject(data) || !isErrorCode(data.code) || !isText(data.message) || !isText(data.hint)) {
    return undefined;
  }
  return { code: data.code, message: data.message, hint: data.hint };
}

function parseProcessRequest(data: unknown): ProcessRequest | undefined {
  if (!isObject(data)) return undefined;
  const { program, args, cwd, environment, env, timeoutMs, maxOutputBytes } = data;
  if (!isText(program) || !isTexts(args) || !isText(cwd) || !isTextRecord(env)) return undefined;
  if (environment !== "user" && environment !== "clean") return undefined;
  if (!isCount(timeoutMs) || !isCount(maxOutputBytes)) return undefined;
  return { program, args, cwd, environment, env, timeoutMs, maxOutputBytes };
}

function parseSearchRequest(data: unknown): SearchRequest | undefined {
  if (!isObject(data)) return undefined;
  const { paths, query, regex, ignoreCase, glob, contextLines, maxResults, cursor, timeoutMs } = data;
  // What is searched for may hold any character, NUL too: it goes to no system call, and a refusal here would cost
  // the worker its life.
  if (
    !isTexts(paths) || typeof query !== "string" || typeof regex !== "boolean" ||
    typeof ignoreCase !== "boolean"
  ) {
    return undefined;
  }
  if (!isStringOrNothing(glob) || !isStringOrNothing(cursor)) return undefined;
  if (!isCount(contextLines) || !isCount(maxResults) || !isCount(timeoutMs)) return undefined;
  return { paths, query, regex, ignoreCase, glob, contextLines, maxResults, cursor, timeoutMs };
}

/** A string that a system call takes: without NUL. */
function isText(data: unknown): data is string {
  return typeof data === "string" && !data.includes("\0");
}

function isStringOrNothing(data: unknown): data is string | undefined {
  return data === undefined || typeof data === "string";
}

function isTexts(data: unknown): data is string[] {
  return Array.isArray(data) && data.every(isText);
}

function isTextRecord(data: unknown): data is Record<string, string> {
  return isObject(data) &&
    Object.entries(data).every(([name, value]) => /^[^=\0]+$/.test(name) && isText(value));
}

function isCount(data: unknown): data is number {
  return typeof data === "number" && Number.isSafeInteger(data) && data >= 0;
}
