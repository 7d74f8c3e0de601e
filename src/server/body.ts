/**
 * Reads a request body within limits of size and time.
 *
 * The size is counted while the bytes arrive, because Content-Length may be absent or lie; the clock runs over
 * the whole body, because a sender of one byte a second holds a connection as well as a silent one.
 *
 * @module
 */

import { AppError } from "../base/errors.ts";

/** How much of a body is read, and for how long. */
export interface BodyLimits {
  readonly maxBytes: number;
  readonly timeoutMs: number;
}

/** What the server grants every request. 4 MiB is also the limit of the MCP SDK's own transports. */
export const BODY_LIMITS: BodyLimits = { maxBytes: 4 * 1024 * 1024, timeoutMs: 15_000 };

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
  if (request.body === null) return "";
  const clock = startClock(limits.timeoutMs);
  try {
    // A declared length is enforced by the HTTP parser beneath, and reading at once is three times as fast.
    const bytes = declared !== null && !request.headers.has("transfer-encoding")
      ? await Promise.race([request.bytes(), clock.expired])
      : await readCounted(request.body, limits, clock.expired);
    if (bytes.byteLength > limits.maxBytes) throw tooLarge(limits);
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw new AppError("http.bad_request", "The body is cut off or is not UTF-8.", { cause });
  } finally {
    clock.stop();
  }
}

async function readCounted(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  limits: BodyLimits,
  expired: Promise<never>,
): Promise<Uint8Array> {
  const reader = body.getReader();
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  try {
    while (true) {
      const { done, value } = await Promise.race([reader.read(), expired]);
      if (done) break;
      sizeBytes += value.byteLength;
      if (sizeBytes > limits.maxBytes) throw tooLarge(limits);
      chunks.push(value);
    }
  } catch (error) {
    // Not awaited: the sender decides how long that takes.
    reader.cancel().catch(() => undefined);
    throw error;
  }
  const whole = new Uint8Array(sizeBytes);
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return whole;
}

function startClock(timeoutMs: number): { readonly expired: Promise<never>; stop(): void } {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const expired = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new AppError("http.timeout", `The body did not arrive within ${timeoutMs / 1000} s.`)),
      timeoutMs,
    );
  });
  return { expired, stop: () => clearTimeout(timer) };
}

function tooLarge(limits: BodyLimits): AppError {
  return new AppError("http.too_large", `The body is larger than ${limits.maxBytes} bytes.`);
}
