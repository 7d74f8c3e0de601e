/**
 * Reads the logs of the chosen clients, through the ledger unless the user wants none, and says which responses there
 * were. Gives up the right to write once the ledger is open.
 *
 * @module
 */

import { AppError } from "../../base/errors.ts";
import { openStateFolder } from "../../base/state_folder.ts";
import { CLIENTS } from "../../../clients/mod.ts";
import type { CommandContext } from "../../cli/command.ts";
import type { UsageClient } from "../../usage/client.ts";
import type { Finding, Log, Warning } from "../../usage/model.ts";
import { type Progress, type ReadAll, readFiles } from "../../usage/read_all.ts";
import type { ClientResponse } from "../../usage/summarise.ts";

/** The flags that reading needs. */
export interface ReadFlags {
  readonly client?: readonly string[];
  readonly ledger?: boolean;
}

/** One client's part. */
export interface ClientUsage {
  readonly client: UsageClient;
  readonly title: string;
  readonly folders: readonly string[];
  readonly files: number;
  readonly logs: readonly Log[];
  readonly gone: readonly string[];
  readonly findings: readonly Finding[];
}

/** What there is. */
export interface Usage {
  readonly clients: readonly ClientUsage[];
  readonly responses: readonly ClientResponse[];
  readonly warnings: readonly Warning[];
}

/**
 * Reads everything.
 *
 * @param explain asks for what became of each line, and for the logs
 * @param progress is told how far the reading is, of one client after another
 * @throws {AppError} cli.usage for a client that keeps no usage
 */
export async function readUsage(
  flags: ReadFlags,
  context: CommandContext,
  explain: boolean,
  progress?: Progress,
): Promise<Usage> {
  const chosen = await chooseClients(flags.client);
  const { read, close } = await openReader(flags, context);
  try {
    const clients: ClientUsage[] = [];
    const responses: ClientResponse[] = [];
    const warnings: Warning[] = [];
    for (const { client, title } of chosen) {
      const folders = client.folders(context.env, context.home);
      const { responses: own, warnings: found, notes, ...rest } = await read(client, folders, {
        explain,
        progress,
      });
      for (const response of own) responses.push({ ...response, client: client.id });
      for (const warning of found) warnings.push(warning);
      for (const note of notes) context.output.talk(`note: ${note}`);
      clients.push({ client, title, folders, ...rest });
    }
    return { clients, responses, warnings };
  } finally {
    close();
  }
}

async function chooseClients(
  asked: readonly string[] | undefined,
): Promise<readonly { readonly client: UsageClient; readonly title: string }[]> {
  const known = Object.entries(CLIENTS).filter(([, { usage }]) => usage !== undefined);
  for (const id of asked ?? []) {
    if (known.some(([name]) => name === id)) continue;
    throw new AppError("cli.usage", `There is no client "${id}" whose usage could be read`, {
      hint: `Clients are ${known.map(([name]) => name).join(", ")}.`,
    });
  }
  const chosen: { client: UsageClient; title: string }[] = [];
  for (const [id, { title, usage }] of known) {
    if (usage === undefined || (asked !== undefined && asked.length > 0 && !asked.includes(id))) continue;
    chosen.push({ client: await usage(), title });
  }
  return chosen;
}

/** A ledger that cannot be used is never fatal: the files alone answer then. */
async function openReader(
  flags: ReadFlags,
  context: CommandContext,
): Promise<{ readonly read: ReadAll; close(): void }> {
  const filesAlone = { read: readFiles, close: (): void => {} };
  const opened = flags.ledger === false ? filesAlone : await openLedger(context).catch((error: unknown) => {
    if (!(error instanceof AppError)) throw error;
    context.output.talk(`note: ${error.message}; reading the logs without the ledger`);
    return filesAlone;
  });
  Deno.permissions.revokeSync({ name: "write" });
  return opened;
}

async function openLedger(context: CommandContext): Promise<{ readonly read: ReadAll; close(): void }> {
  const folder = openStateFolder(context.env("AGENTOS_STATE"), context.home);
  const { isCorruption, openDatabase } = await import("../../base/database.ts");
  const { openUsageLedger, USAGE_TABLES } = await import("../../usage/ledger.ts");
  const { db, setAside } = openDatabase(`${folder}/agentos.db`, [USAGE_TABLES], new Date());
  if (setAside !== undefined) {
    context.output.talk(
      `note: the database was damaged and is set aside as ${setAside}; the logs are read anew`,
    );
  }
  const readKept = openUsageLedger(db);
  const read: ReadAll = async (client, folders, options) => {
    try {
      return await readKept(client, folders, options);
    } catch (error) {
      if (!isCorruption(error) && !(error instanceof SyntaxError)) throw error;
      // By now there is no right to write, so it stays where it is.
      const found = await readFiles(client, folders, options);
      const note =
        `the ledger in ${folder}/agentos.db is damaged, so the logs were read without it; move it away`;
      return { ...found, notes: [note] };
    }
  };
  return { read, close: () => db.close() };
}
