/**
 * A server's refusal or failure as a sentence that its reader can act on, and a code by which a client decides
 * whether to try again.
 *
 * Why not the server's own status: the Codex CLI (0.169.0, run 2026-11) shows a 400 as raw JSON, asks again six
 * times on 401 and 404, hides the message of a 429 and gives up, and on a 500 asks thirty times while it speaks of
 * high demand; local servers answer 500 when a template does not like a message. `response.failed` with the right
 * code shows the sentence and does the right thing.
 *
 * @module
 */

import { isObject, textOf } from "../../../base/json_fields.ts";
import type { FailureCode, ResponsesError } from "./events.ts";
import { parseJson } from "./json_text.ts";

/** As much of what a server says as a person will read. */
const MAX_SAID_CHARS = 2_000;

/** Longest wait that a client may be sent into unseen; longer ones are said at once. */
const MAX_WAIT_SECONDS = 60;

/** How long a server is given that is still loading its model, when it does not say. */
const LOADING_WAIT_SECONDS = 10;

/** By which words, of a message or a code, servers say that a conversation is too long. */
const TOO_LONG =
  /context[ _-]?(length|size|window)|maximum context|exceed_context|(prompt|input|request) (is )?too (long|large)|too many (input )?tokens|max(imum)?[ _]model[ _]len/i;

/** The code by which servers say that money is what is missing; no wait brings it back. */
const NO_CREDIT = /\binsufficient_quota\b/;

/** What a page begins with, and what it is called. */
const PAGE = /^\s*<(?:!doctype\s+html|html|head|body|title|center|h1)\b|^\s*<!--/i;
const TITLE = /<title[^>]*>([^<]*)</i;

/** What a server said of its failure. */
interface Said {
  readonly message: string;
  readonly code: string;
  /** An HTTP status, where it gave one. */
  readonly status: number | undefined;
}

/**
 * An answer with a status of 400 and above.
 *
 * @param body what came with it, whole or its beginning
 * @param retryAfterSeconds from the header, when there was one
 */
export function explainRefusal(
  status: number,
  body: string,
  retryAfterSeconds: number | undefined,
): ResponsesError {
  const parsed = parseJson(body);
  const said = readError(isObject(parsed) && "error" in parsed ? parsed["error"] : parsed ?? readPage(body));
  return classify({ ...said, status }, `answered ${status}`, retryAfterSeconds);
}

/** An error inside an answer that had begun: the `error` of a chunk. */
export function explainError(error: unknown): ResponsesError {
  return classify(readError(error), "failed", undefined);
}

/** An event whose name says that it is an error: its data, or the `error` in it. */
export function explainErrorEvent(data: string): ResponsesError {
  const parsed = parseJson(data);
  return explainError(isObject(parsed) ? parsed["error"] ?? parsed : parsed ?? data);
}

/** An answer that cannot be understood, or is not whole; asking again may help. */
export function brokenAnswer(what: string): ResponsesError {
  return { code: "server_error", message: `The model's server ${what}.` };
}

function classify(said: Said, verb: string, retryAfterSeconds: number | undefined): ResponsesError {
  const { status } = said;
  const message = `The model's server ${verb}: ${said.message || "it did not say why."}`;
  if (status !== 429 && TOO_LONG.test(`${said.code} ${said.message}`)) {
    return { code: "context_length_exceeded", message };
  }
  if (NO_CREDIT.test(said.code)) return { code: "invalid_prompt", message };
  const wait = retryAfterSeconds ?? (status === 503 ? LOADING_WAIT_SECONDS : undefined);
  if (wait !== undefined && (status === 429 || status === 503)) {
    return wait > MAX_WAIT_SECONDS
      ? { code: "invalid_prompt", message: `${message} It takes requests again in ${wait} seconds.` }
      : { code: "rate_limit_exceeded", message: `${message} Please try again in ${wait}s.` };
  }
  return { code: codeOf(status), message };
}

function codeOf(status: number | undefined): FailureCode {
  if (status === 429) return "rate_limit_exceeded";
  // The same request would be refused again.
  return status !== undefined && status >= 400 && status < 500 && status !== 408 && status !== 409
    ? "invalid_prompt"
    : "server_error";
}

/** `{message, code, type}` as OpenAI, llama.cpp and vLLM have it, a plain text as Ollama once did, or a `detail`. */
function readError(error: unknown): Said {
  if (!isObject(error)) {
    return { message: shorten(typeof error === "string" ? error : ""), code: "", status: undefined };
  }
  const { code, type } = error;
  const message = textOf(error["message"]) ?? textOf(error["detail"]) ?? textOf(error["error"]) ??
    JSON.stringify(error);
  return {
    message: shorten(message),
    code: `${typeof code === "string" ? code : ""} ${typeof type === "string" ? type : ""}`,
    status: typeof code === "number" && code >= 400 && code < 600 ? code : undefined,
  };
}

/** A page is for the eyes of a browser: its title says all that a person can read of it here. Other texts stay. */
function readPage(body: string): string {
  if (!PAGE.test(body)) return body;
  const title = TITLE.exec(body)?.[1]?.trim();
  return title === undefined || title === ""
    ? "a web page that does not say why."
    : `a web page with the title "${title}".`;
}

/** One line, not too long. */
function shorten(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length <= MAX_SAID_CHARS ? line : `${line.slice(0, MAX_SAID_CHARS).toWellFormed()}…`;
}
