/**
 * Moves a provider's stream to the client: one read for one write, so that a slow client slows the provider down and
 * nothing piles up here. (Reading ahead of the client makes it slower, not quicker: measured on Deno 2.9.6.)
 *
 * @module
 */

import type { Deadlines } from "../deadlines.ts";
import type { Answer } from "./answer.ts";
import type { Bytes } from "./sse.ts";

/**
 * As much as Deno reads at once. A plain read takes this much new memory whatever it brings, most often a tenth, and V8
 * goes through the whole heap whenever 64 MiB of it have come together: twice in three answers of 5 MB, a third of all
 * work (measured, Deno 2.9.6). So all of an answer is read into the same memory, and copied out of it.
 */
const READ_BYTES = 64 * 1024;

/** What a relay is told and tells. */
export interface RelayOptions {
  /** How long the provider may say nothing; it is found out within twice that time. */
  readonly idle: Deadlines;
  /** Ends the request to the provider. */
  abort(): void;
  /** The client has all of its answer. */
  onDone(): void;
  /** The client did not wait for the end. */
  onGone(): void;
}

/** The body that the client reads. */
export function relayAnswer(
  body: ReadableStream<Bytes>,
  answer: Answer,
  { idle, abort, onDone, onGone }: RelayOptions,
): ReadableStream<Bytes> {
  const reader = body.getReader({ mode: "byob" });
  let memory = new ArrayBuffer(READ_BYTES);
  /** The first words come while the head of the answer goes out. */
  let early: ReturnType<typeof read> | undefined = read();
  early.catch(() => undefined);
  let isSilent = false;
  let isReading = false;
  let reads = 0;
  let stopWatch = (): void => undefined;

  function read(): ReturnType<typeof reader.read<Bytes>> {
    return reader.read(new Uint8Array(memory));
  }

  function fail(): Bytes {
    return isSilent
      ? answer.fail("silent", "The provider said nothing for too long.")
      : answer.fail("cut_off", "The connection to the provider broke before the end of its answer.");
  }

  /** One watch for the whole stream, because a timer for each read costs as much as the read. */
  function watchSilence(): void {
    const readsThen = reads;
    stopWatch = idle.start(() => {
      isSilent = isReading && reads === readsThen;
      if (isSilent) abort();
      else watchSilence();
    });
  }

  /** Both are needed: while nothing is read, Deno 2.9.6 keeps the connection of a request that is only aborted. */
  function letGo(): void {
    stopWatch();
    abort();
    reader.cancel().catch(() => undefined);
  }

  return new ReadableStream({
    start: watchSilence,
    async pull(controller): Promise<void> {
      for (;;) {
        let bytes: Bytes;
        isReading = true;
        try {
          const { done, value } = await (early ?? read());
          early = undefined;
          if (value !== undefined) memory = value.buffer;
          bytes = done ? answer.end() : answer.push(value.slice());
        } catch {
          bytes = fail();
        }
        isReading = false;
        reads++;
        if (bytes.length > 0) controller.enqueue(bytes);
        if (answer.isOver) {
          letGo();
          onDone();
          return controller.close();
        }
        if (bytes.length > 0) return;
      }
    },
    cancel(): void {
      onGone();
      letGo();
    },
  }, { highWaterMark: 0 });
}

/** Thrown by {@link readText} when there is more than it was told to read. */
export class TooMuch extends Error {
  override readonly name = "TooMuch";
}

/**
 * Reads a provider's whole body.
 *
 * @throws {TooMuch} beyond `maxBytes`; whatever the stream throws
 */
export async function readText(body: ReadableStream<Uint8Array> | null, maxBytes: number): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let sizeBytes = 0;
  for await (const chunk of body ?? []) {
    sizeBytes += chunk.byteLength;
    if (sizeBytes > maxBytes) throw new TooMuch(`more than ${maxBytes} bytes`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
