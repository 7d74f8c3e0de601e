/**
 * Reads a request body within limits of size and time.
 *
 * The size is counted while the bytes arrive, because Content-Length may be absent or lie; the clock runs over
 * the whole body, because a sender of one byte a second holds a connection as well as a silent one.
 *
 * @module
 */

import { joinBytes } from "../base/bytes.ts";
import { AppError } from "../base/errors.ts";
import { type Deadlines, makeDeadlines } from "./deadlines.ts";

/** How much of a body is read, and for how long. */
export interface BodyLimits {
  readonly maxBytes: number;
  readonly timeoutMs: number;
  readonly deadlines: Deadlines;
}

/** Makes limits. */
export function makeBodyLimits(maxBytes: number, timeoutMs: number): BodyLimits {
  return { maxBytes, timeoutMs, deadlines: makeDeadlines(timeoutMs) };
}

/** What the server grants every request. 4 MiB is also the limit of the MCP SDK's own transports. */
export const BODY_LIMITS: BodyLimits = makeBodyLimits(4 * 1024 * 1024, 15_000);

const JSON_TYPE = /^application\/json[ \t]*(?:;[ \t]*charset="?utf-8"?[ \t]*)?$/i;

/**
 * Refuses every content type but JSON: the types that a web page can send without asking first (text/plain,
 * forms) never reach a parser.
 */
export function refuseMediaType(headers: Headers): AppError | undefined {
  const type = headers.get("content-type");
  if (type !== null && JSON_TYPE.test(type)) return undefined;
  return new AppError("http.media_type", "The body must be JSON in UTF-8.");
}

/**
 * Reads the whole body as UTF-8.
 *
 * @throws {AppError} http.too_large, http.timeout, http.bad_request (not UTF-8, or cut off)
 */
export async function readBody(request: Request, limits: BodyLimits = BODY_LIMITS): Promise<string> {
  const declared = request.headers.get("content-length");
  if (declared !== null && Number(declared) > limits.maxBytes) {
    await request.body?.cancel();
    throw tooLarge(limits);
  }
  // A declared length is enforced by the HTTP parser beneath. `request.body` is not touched then: making its
  // stream costs as much as all the rest. (`has` would copy all headers, `get` looks one up: Deno 2.9.6.)
  const reading = declared !== null && request.headers.get("transfer-encoding") === null
    ? { bytes: request.bytes(), cancel: () => undefined }
    : readCounted(request.body, limits);
  try {
    const bytes = await inTime(reading.bytes, limits);
    if (bytes.byteLength > limits.maxBytes) throw tooLarge(limits);
    return decodeText(bytes);
  } catch (cause) {
    reading.cancel();
    if (cause instanceof AppError) throw cause;
    throw new AppError("http.bad_request", "The body is cut off or is not UTF-8.", {
      hint: "Send the whole body as UTF-8, not compressed.",
      cause,
    });
  }
}

const decoder = new TextDecoder();
const strictDecoder = new TextDecoder("utf-8", { fatal: true });

/** A strict decoder takes five times as long as one that puts U+FFFD for what is none (Deno 2.9.6), so it is asked only then. */
function decodeText(bytes: Uint8Array): string {
  const text = decoder.decode(bytes);
  return text.includes("\uFFFD") ? strictDecoder.decode(bytes) : text;
}

interface Reading {
  readonly bytes: Promise<Uint8Array>;
  /** Stops reading; how long that takes is up to the sender, so nobody waits for it. */
  cancel(): void;
}

function readCounted(body: Request["body"], limits: BodyLimits): Reading {
  if (body === null) return { bytes: Promise.resolve(new Uint8Array()), cancel: () => undefined };
  const reader = body.getReader();
  return {
    bytes: collect(reader, limits),
    cancel: () => void reader.cancel().catch(() => undefined),
  };
}

async function collect(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  limits: BodyLimits,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
    sizeBytes += chunk.value.byteLength;
    if (sizeBytes > limits.maxBytes) throw tooLarge(limits);
    chunks.push(chunk.value);
  }
  return joinBytes(chunks);
}

function inTime(bytes: Promise<Uint8Array>, limits: BodyLimits): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const stop = limits.deadlines.start(() => {
      reject(
        new AppError("http.timeout", `The body did not arrive within ${limits.timeoutMs / 1000} s.`),
      );
    });
    bytes.then((whole) => {
      stop();
      resolve(whole);
    }, (error: unknown) => {
      stop();
      reject(error);
    });
  });
}

function tooLarge(limits: BodyLimits): AppError {
  return new AppError("http.too_large", `The body is larger than ${limits.maxBytes} bytes.`);
}
