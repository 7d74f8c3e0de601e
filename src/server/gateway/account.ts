/**
 * The account of one request: gathers what is learnt while it runs, and closes once, whatever happens first.
 *
 * @module
 */

import type { AnswerWatch } from "./answer.ts";
import { readModelCaller } from "./caller.ts";
import type { HeaderList } from "./headers.ts";
import { type ModelRequestRecord, readResponseFacts, type ResponseFacts } from "./record.ts";

/** What is known of a request when it comes. */
export interface Arrival {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly provider: string;
  readonly client: string | undefined;
  /** Read when the account is closed: before, somebody waits. */
  readonly headers: HeaderList;
}

/** An open account. */
export interface Account extends AnswerWatch {
  /** The model that was asked for. */
  setModel(model: string): void;
  /** Closes it; only the first close counts. */
  close(status: number, error?: string): void;
  /** Closes it because the client has gone, which many do as soon as they have the end, while the line is still open. */
  closeGone(): void;
}

const NOTHING: ResponseFacts = {
  responseId: undefined,
  modelServed: undefined,
  tokens: undefined,
  costUsd: undefined,
};

/** Opens the account of a request that has just come. */
export function openAccount(arrival: Arrival, settle: (record: ModelRequestRecord) => void): Account {
  const started = performance.now();
  let modelAsked = "";
  let facts = NOTHING;
  let firstOutputMs: number | undefined;
  let failure: string | undefined;
  let hasEnded = false;
  let isClosed = false;

  const account: Account = {
    setModel: (model) => void (modelAsked = model.slice(0, 200)),
    onFirstOutput: () => void (firstOutputMs = round(performance.now() - started)),
    onEnd(response, type): void {
      hasEnded = true;
      facts = readResponseFacts(response);
      if (type === "response.failed") failure = "response_failed";
    },
    onBroken: (reason) => void (failure = `broken_${reason}`),
    close(status, error = failure): void {
      if (isClosed) return;
      isClosed = true;
      const elapsedMs = round(performance.now() - started);
      const { at, provider, client, headers } = arrival;
      const spokenMs = firstOutputMs === undefined ? 0 : elapsedMs - firstOutputMs;
      const tokens = facts.tokens?.output;
      settle({
        id: crypto.randomUUID(),
        at,
        provider,
        client,
        ...readModelCaller(headers),
        modelAsked,
        ...facts,
        status,
        error,
        firstOutputMs,
        elapsedMs,
        tokensPerSecond: tokens !== undefined && spokenMs > 0 ? round(tokens / spokenMs * 1000) : undefined,
      });
    },
    closeGone: () => hasEnded ? account.close(200) : account.close(499, "client_gone"),
  };
  return account;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
