/**
 * The vocabulary of the ledger: what the server writes down about its use, and how it is asked to.
 *
 * @module
 */

import type { ModelRequestRecord } from "./gateway/record.ts";

/** One finished tool call. Never its arguments, never its answer. */
export interface ToolCallRecord {
  readonly tool: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly elapsedMs: number;
  readonly ok: boolean;
  /** The error code of a call that failed. */
  readonly errorCode: string | undefined;
  /** Size of the JSON-RPC answer in UTF-8. */
  readonly sizeBytes: number;
  readonly client: string | undefined;
  readonly model: string | undefined;
  readonly project: string | undefined;
}

/** One read of a portfolio file: by a tool, as an MCP resource, or reported by a client's hook. */
export interface PortfolioReadRecord {
  readonly file: string;
  readonly at: number;
  readonly via: "tool" | "resource" | "report";
  readonly client: string | undefined;
  readonly project: string | undefined;
}

/** One command that a client reports to have run. */
export interface CommandRecord {
  readonly command: string;
  /** JSON text. */
  readonly args: string | undefined;
  readonly at: number;
  readonly client: string | undefined;
  readonly project: string | undefined;
}

/** The project a client works on from now on. */
export interface ProjectRecord {
  readonly project: string;
  readonly path: string | undefined;
  /** Undefined: for every client that has not named its own. */
  readonly client: string | undefined;
  readonly at: number;
}

/** What a model's answer has cost, as far as its provider said. */
export interface ModelCost {
  /** The model that was asked for. */
  readonly model: string;
  readonly at: number;
  readonly costUsd: number;
}

/** How the ledger is doing. */
export interface LedgerHealth {
  readonly ok: boolean;
  /** Records lost since the server started. */
  readonly dropped: number;
  /** Why it is not ok. */
  readonly reason: string | undefined;
}

/** Writes records some moments later. Recording never throws and never waits for the disk. */
export interface Ledger {
  recordToolCall(record: ToolCallRecord): void;
  recordPortfolioRead(record: PortfolioReadRecord): void;
  recordCommand(record: CommandRecord): void;
  recordProject(record: ProjectRecord): void;
  recordModelRequest(record: ModelRequestRecord): void;
  /** The newest project of each client, as the database held them when it was opened. */
  readonly projects: readonly ProjectRecord[];
  /** What models have cost since midnight, as the database held it when it was opened, oldest first. */
  readonly modelCosts: readonly ModelCost[];
  health(): LedgerHealth;
  /** Writes what is waiting; for the end of the server. */
  flush(): void;
  /** Flushes and closes the database. */
  close(): void;
}

/** The ledger of a server that has none, because its database cannot be used: counts what it does not keep. */
export function openNoLedger(reason: string): Ledger {
  let dropped = 0;
  const drop = (): void => {
    dropped++;
  };
  return {
    recordToolCall: drop,
    recordPortfolioRead: drop,
    recordCommand: drop,
    recordProject: drop,
    recordModelRequest: drop,
    projects: [],
    modelCosts: [],
    health: () => ({ ok: false, dropped, reason }),
    flush: () => undefined,
    close: () => undefined,
  };
}
