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

/** The headers that a provider is asked with: the client's own, its key among them, as if it asked by itself. */
export function requestHeaders(headers: Headers): Headers {
  const named = new Set(
    (headers.get("connection") ?? "").toLowerCase().split(",").map((name) => name.trim()),
  );
  const sent = new Headers();
  for (const [name, value] of headers) {
    if (STAYS_HERE.has(name) || named.has(name) || /^(sec|proxy|x-forwarded)-/.test(name)) continue;
    sent.set(name, value);
  }
  // Compressed, a stream would arrive in lumps.
  sent.set("accept-encoding", "identity");
  return sent;
}

/** What a client needs to know of a provider's answer besides its body. */
const TOLD =
  /^(content-type|retry-after|retry-after-ms|x-request-id|request-id|x-should-retry|(x-)?ratelimit-.*)$/;

/** The headers that a client is answered with; never a cookie, never leave for another site. */
export function answerHeaders(headers: Headers): Headers {
  const told = new Headers(SECURITY_HEADERS);
  for (const [name, value] of headers) if (TOLD.test(name)) told.set(name, value);
  return told;
}
