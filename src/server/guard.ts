/**
 * Who may speak to the server at all: programs of this machine, never a web page of another site.
 *
 * Pure: headers in, refusal out. It runs before anything else on every route, because reading the URL of a
 * request with a hostile Host header already throws. Three layers hold each property twice: the exact Host list
 * stops DNS rebinding (CVE-2025-66414), Origin and Sec-Fetch-Site stop cross-site writes, and the token
 * (elsewhere) stops whatever passes both.
 *
 * @module
 */

import { AppError } from "../base/errors.ts";

/** The authorities under which the server may be addressed: loopback names with its very port. */
export function allowedHosts(port: number): ReadonlySet<string> {
  const names = ["127.0.0.1", "localhost", "[::1]"];
  const withPort = names.map((name) => `${name}:${port}`);
  // Browsers and programs leave the scheme's own port out of Host and Origin.
  return new Set(port === 80 ? [...names, ...withPort] : withPort);
}

/** Answers why a request with these headers must not be served, or undefined when it may be. */
export function refuseForeign(headers: Headers, hosts: ReadonlySet<string>): AppError | undefined {
  const host = headers.get("host");
  if (host === null || !hosts.has(host.toLowerCase())) {
    return new AppError("http.forbidden", "The Host header does not name this server.", {
      hint: `Call http://${[...hosts][0]} and leave the Host header alone.`,
    });
  }
  const origin = headers.get("origin");
  if (origin !== null && !isOwnOrigin(origin, hosts)) {
    return new AppError("http.forbidden", "Requests from other origins are refused.");
  }
  const site = headers.get("sec-fetch-site");
  if (site !== null && site !== "same-origin" && site !== "none") {
    return new AppError("http.forbidden", "Requests from other sites are refused.");
  }
  return undefined;
}

function isOwnOrigin(origin: string, hosts: ReadonlySet<string>): boolean {
  const scheme = "http://";
  return origin.startsWith(scheme) && hosts.has(origin.slice(scheme.length).toLowerCase());
}
