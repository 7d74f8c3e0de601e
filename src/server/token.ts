/**
 * The bearer token as the server uses it: compared in constant time, and always the one in the file now.
 *
 * @module
 */

import { AppError } from "../base/errors.ts";
import { ensureToken, readToken, stampOf } from "./token_file.ts";

/** The server's token. */
export interface Token {
  /** Where it is kept; told to those who lack it. */
  readonly path: string;
  /** True when the candidate is the token in the file at this moment. Never throws. */
  matches(candidate: string): boolean;
}

/** Told when the file can no longer be trusted; nothing matches until it is mended. */
export type OnUnsafeToken = (error: AppError) => void;

/**
 * Opens the token, making one at the first start.
 *
 * The file is looked at before every refusal, so a rotated token works at once, and otherwise once per
 * millisecond, so the old one stops then, without a restart. (One look is a third of a quick call.)
 *
 * @throws {AppError} token.unsafe, state.unusable
 */
export function openToken(path: string, onUnsafe: OnUnsafeToken): Token {
  const first = ensureToken(path);
  let stamp: string | undefined = first.stamp;
  let expected: string | undefined = first.token;

  function refresh(): void {
    try {
      const now = stampOf(path);
      if (now === stamp) return;
      stamp = now;
      expected = undefined;
      const reading = readToken(path);
      stamp = reading.stamp;
      expected = reading.token;
    } catch (error) {
      expected = undefined;
      onUnsafe(
        error instanceof AppError
          ? error
          : new AppError("token.unsafe", `Cannot look at ${path}.`, { cause: error }),
      );
    }
  }

  let lookedAt = 0;
  return {
    path,
    matches(candidate): boolean {
      const now = Date.now();
      if (now !== lookedAt) refresh();
      lookedAt = now;
      if (expected !== undefined && isEqual(candidate, expected)) return true;
      refresh();
      return expected !== undefined && isEqual(candidate, expected);
    },
  };
}

/** The token of an Authorization header; undefined unless the scheme is Bearer and one word follows. */
export function bearerOf(headers: Headers): string | undefined {
  return /^Bearer +([\x21-\x7e]{1,1024})$/i.exec(headers.get("authorization") ?? "")?.[1];
}

/** Why these headers do not let their sender in, or undefined when they do. */
export function refuseUnauthorized(headers: Headers, token: Token): AppError | undefined {
  const candidate = bearerOf(headers);
  if (candidate !== undefined && token.matches(candidate)) return undefined;
  const message = candidate === undefined
    ? "This server asks for its bearer token, and none was sent."
    : "The bearer token that was sent is not this server's token.";
  const hint = `Set AGENTOS_TOKEN to the content of ${token.path}, let the client send it as ` +
    `"Authorization: Bearer <token>", and start the client again.`;
  return new AppError("http.unauthorized", message, { hint });
}

/**
 * Compares without stopping at the first difference: the time depends on the candidate's length alone, which its
 * sender knows. (Comparing SHA-256 digests would do as well, at fifty times the cost.)
 */
function isEqual(candidate: string, secret: string): boolean {
  let difference = candidate.length ^ secret.length;
  for (let index = 0; index < candidate.length; index++) {
    difference |= candidate.charCodeAt(index) ^ secret.charCodeAt(index % secret.length);
  }
  return difference === 0;
}
