/**
 * Which headers travel through the gateway, and which end here. Pure.
 *
 * @module
 */

import { SECURITY_HEADERS } from "../answers.ts";

/** Of one connection (RFC 9110, 7.6.1), of the body as it was sent here, or of a browser: never a provider's concern. */
const STAYS_HERE: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "expect",
  "host",
  "content-length",
  "content-encoding",
  "accept-encoding",
  "cookie",
  "origin",
  "forwarded",
  "via",
]);

/** Headers as a list: reading one out of a `Headers`, and making another of it, costs several times as much (Deno 2.9.6). */
export type HeaderList = readonly (readonly [name: string, value: string])[];

/** The list of headers, names in small letters. */
export function listHeaders(headers: Headers): HeaderList {
  const list: (readonly [string, string])[] = [];
  headers.forEach((value, name) => list.push([name, value]));
  return list;
}

/** The headers that a provider is asked with: the client's own, its key among them, as if it asked by itself. */
export function requestHeaders(headers: HeaderList): [name: string, value: string][] {
  const connection = headers.find(([name]) => name === "connection")?.[1] ?? "";
  const named = connection.toLowerCase().split(",").map((name) => name.trim());
  const sent: [string, string][] = [];
  for (const [name, value] of headers) {
    if (STAYS_HERE.has(name) || named.includes(name) || /^(sec|proxy|x-forwarded)-/.test(name)) continue;
    sent.push([name, value]);
  }
  // Compressed, a stream would arrive in lumps.
  sent.push(["accept-encoding", "identity"]);
  return sent;
}

/** What a client needs to know of a provider's answer besides its body. */
const TOLD =
  /^(content-type|retry-after|retry-after-ms|x-request-id|request-id|x-should-retry|(x-)?ratelimit-.*)$/;

const securityHeaders = Object.entries(SECURITY_HEADERS);

/** The headers that a client is answered with; never a cookie, never leave for another site. */
export function answerHeaders(headers: Headers): Map<string, string> {
  const told = new Map<string, string>(securityHeaders);
  headers.forEach((value, name) => {
    if (TOLD.test(name)) told.set(name, value);
  });
  return told;
}
