/**
 * The only maker of HTTP answers: every one carries the same security headers, and every refusal the same shape.
 *
 * @module
 */

import { type AppError, ERRORS } from "../base/errors.ts";

/**
 * On every answer. Nothing served here is meant to be framed, cached, sniffed or read by another site; there are
 * no CORS headers, so that a browser keeps every answer from every other origin.
 */
export const SECURITY_HEADERS = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "cross-origin-resource-policy": "same-origin",
  "x-content-type-options": "nosniff",
} as const;

const JSON_HEADERS = { ...SECURITY_HEADERS, "content-type": "application/json" } as const;

const jsonHeaders = Object.entries(JSON_HEADERS);

/** More headers for one answer. */
export type ExtraHeaders = Readonly<Record<string, string>>;

/** An answer with just these headers. Given to the constructor they cost three times as much: it makes a native copy too (Deno 2.9.6). */
export function respond(
  body: BodyInit,
  status: number,
  headers: Iterable<readonly [name: string, value: string]>,
): Response {
  const response = new Response(body, { status });
  // A text has brought its own type.
  for (const [name, value] of headers) response.headers.set(name, value);
  return response;
}

/** Answers text that is JSON already. */
export function answerJsonText(status: number, text: string | Uint8Array<ArrayBuffer>): Response {
  return respond(text, status, jsonHeaders);
}

/** Answers a value as JSON. */
export function answerJson(status: number, value: unknown, extra: ExtraHeaders = {}): Response {
  return new Response(JSON.stringify(value), { status, headers: { ...JSON_HEADERS, ...extra } });
}

/** Answers a refusal as `{code, message, hint}` with the status of its code. */
export function answerError(error: AppError, extra: ExtraHeaders = {}): Response {
  const body = { code: error.code, message: error.message, hint: error.hint };
  return answerJson(ERRORS[error.code].http, body, extra);
}

/** Answers without a body: 202 accepted, 204 done. */
export function answerNothing(status: 202 | 204): Response {
  return new Response(null, { status, headers: SECURITY_HEADERS });
}
