/**
 * The parent's end of one searching process: starts it, asks it one thing at a time, and ends it when it does not
 * come back. `Worker.terminate()` does not stop a running expression (Deno 2.9.6); the end of a process does.
 *
 * @module
 */

import { AppError } from "../../base/errors.ts";
import type { SearchRequest, SearchResult, SearchScope } from "../../tools/files/search/model.ts";
import { receiveError } from "../messages.ts";
import { readLines } from "./line_stream.ts";
import { parseFromSearchProcess, type ToSearchProcess } from "./protocol.ts";

/** The program that becomes a searching process. */
export interface SearchProgram {
  readonly file: string;
  readonly args: readonly string[];
  /** Its whole environment. */
  readonly env: Readonly<Record<string, string>>;
}

/** A process may take so long to start, on a machine that has much else to do. */
const startMs = 10_000;
/** Its own threads stop at the time limit; after so much more it is ended. */
const overrunMs = 2_000;
/** How long a search that nobody waits for may take to stop, before the process is ended. */
const stopPatienceMs = 300;
/** Of what it said on stderr, so much is kept for the error. */
const keptComplaint = 500;

/** One searching process. */
export class SearchProcess {
  /** Settles when it is gone. */
  readonly ended: Promise<void>;
  #isEnded = false;
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  #asking: Asking | undefined;
  #idle: (() => void) | undefined;
  #complaint = "";
  #hasSpoken = false;

  /** Starts it. */
  constructor(program: SearchProgram, scope: SearchScope) {
    this.#child = new Deno.Command(program.file, {
      args: [...program.args],
      clearEnv: true,
      env: { ...program.env },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
      // Ctrl-C in the server's terminal is for the server to act on: it lets running calls finish.
      detached: Deno.build.os !== "windows",
    }).spawn();
    this.#input = this.#child.stdin.getWriter();
    this.#tell({ kind: "open", scope });
    this.ended = this.#listen();
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** True while somebody waits for its answer. */
  get isAsked(): boolean {
    return this.#asking !== undefined;
  }

  /**
   * Searches. To be called again only when the promise of `rested` has settled.
   *
   * @throws {AppError} what the search throws; search.timeout, search.failed, tool.cancelled
   */
  ask(request: SearchRequest, signal: AbortSignal): { result: Promise<SearchResult>; rested: Promise<void> } {
    const idle = new Promise<void>((resolve) => this.#idle = resolve);
    const result = new Promise<SearchResult>((resolve, reject) => {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const cancel = (): void => {
        this.#tell({ kind: "stop" });
        settle(() => reject(new AppError("tool.cancelled", "The search was cancelled")));
      };
      const settle = (act: () => void): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", cancel);
        this.#asking = undefined;
        act();
      };
      const limit = (ms: number): void => {
        clearTimeout(timer);
        timer = setTimeout(() => {
          settle(() => reject(overrun(request)));
          this.end();
        }, ms);
      };
      this.#asking = {
        begun: () => limit(request.timeoutMs + overrunMs),
        answer: (value) => settle(() => resolve(value)),
        fail: (error) => settle(() => reject(error)),
      };
      // Until it has said anything, it may still be starting.
      limit(request.timeoutMs + overrunMs + (this.#hasSpoken ? 0 : startMs));
      signal.addEventListener("abort", cancel);
      this.#tell({ kind: "search", request });
    });
    const rested = result.then(() => undefined, () => undefined).then(() => this.#awaitRest(idle));
    return { result, rested };
  }

  /** Ends it at once, whatever it does. */
  end(): void {
    this.#isEnded = true;
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It was gone already.
    }
  }

  async #awaitRest(idle: Promise<void>): Promise<void> {
    const timer = setTimeout(() => this.end(), stopPatienceMs);
    await Promise.race([idle, this.ended]);
    clearTimeout(timer);
  }

  #tell(message: ToSearchProcess): void {
    // When the pipe is broken the process has ended, and `#listen` says so.
    this.#input.write(new TextEncoder().encode(`${JSON.stringify(message)}\n`)).catch(() => undefined);
  }

  async #listen(): Promise<void> {
    const complaining = this.#keepComplaint();
    for await (const line of readLines(this.#child.stdout)) {
      const message = parseFromSearchProcess(line);
      this.#hasSpoken = true;
      if (message === undefined) {
        this.#complaint += `It said: ${line.slice(0, keptComplaint)}`;
        this.end();
      } else if (message.kind === "idle") {
        this.#idle?.();
      } else if (message.kind === "begun") {
        this.#asking?.begun();
      } else if (message.outcome.ok) {
        this.#asking?.answer(message.outcome.result);
      } else {
        this.#asking?.fail(receiveError(message.outcome.error));
      }
    }
    const { code } = await this.#child.status;
    await complaining;
    await this.#input.close().catch(() => undefined);
    this.#isEnded = true;
    const cause = this.#complaint.trim();
    this.#asking?.fail(
      new AppError("search.failed", `The searching process ended (exit code ${code}) before it answered`, {
        ...cause === "" ? {} : { cause },
      }),
    );
  }

  async #keepComplaint(): Promise<void> {
    const decoder = new TextDecoder();
    for await (const chunk of this.#child.stderr) {
      this.#complaint = (this.#complaint + decoder.decode(chunk, { stream: true })).slice(-keptComplaint);
    }
  }
}

interface Asking {
  begun(): void;
  answer(result: SearchResult): void;
  fail(error: AppError): void;
}

function overrun(request: SearchRequest): AppError {
  return new AppError(
    "search.timeout",
    `The search did not come to an end within ${request.timeoutMs / 1000} s`,
  );
}
