/**
 * Reads the logs of the chosen clients, through the ledger unless the user wants none, and says which responses there
 * were. Gives up the right to write once the ledger is open.
 *
 * @module
 */

import type { DatabaseSync } from "node:sqlite";
import { AppError, messageOf } from "../../base/errors.ts";
import { absoluteFrom, isAbsolute } from "../../base/path_rules.ts";
import { currentPlatform } from "../../base/platform.ts";
import { openStateFolder } from "../../base/state_folder.ts";
import { CLIENTS } from "../../../clients/mod.ts";
import type { CommandContext } from "../../cli/command.ts";
import type { UsageClient } from "../../usage/client.ts";
import { startReader } from "./reader.ts";
import type { Finding, Log, Response, Warning } from "../../usage/model.ts";
import { type Progress, type ReadAll, readFiles } from "../../usage/read_all.ts";
import { isEmpty, type Responses, type Tallied } from "../../usage/tallied.ts";
import { addSeen, readSeenResponses, type SeenResponse } from "../../usage/gateway.ts";
import { openProgress } from "./progress.ts";

/** The flags that reading needs. */
export interface ReadFlags {
  readonly client?: readonly string[];
  readonly ledger?: boolean;
  /** No flag: what the gateway saw earlier is not asked for. Milliseconds since 1970. */
  readonly seenFromMs?: number | undefined;
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
  readonly responses: Responses;
  readonly warnings: readonly Warning[];
  /** Sentences about the reading itself. */
  readonly notes: readonly string[];
}

/** Reads as often as it is asked to, until it is closed. */
export interface UsageReader extends Disposable {
  /** @param explain asks for what became of each line, and for the logs */
  read(explain: boolean): Promise<Usage>;
}

/**
 * Opens what is read through, and gives up the right to write.
 *
 * @param progress is told how far the reading is, of one client after another
 * @throws {AppError} cli.usage for a client that keeps no usage
 */
export async function openUsage(
  flags: ReadFlags,
  context: CommandContext,
  progress?: Progress,
): Promise<UsageReader> {
  const chosen = await chooseClients(flags.client);
  const { read, readSeen, notes: opening, close } = await openReader(flags, context);
  const hasChosen = (flags.client ?? []).length > 0;
  return {
    async read(explain): Promise<Usage> {
      const clients: ClientUsage[] = [];
      const listed: Response[] = [];
      const numbers: Tallied[] = [];
      const warnings: Warning[] = [];
      const notes: string[] = [...opening];
      // Asked once: what the gateway sees in the meantime could not be matched with responses without ids.
      const seen = readSeen((note) => notes.push(note));
      for (const { client, title } of chosen) {
        const folders = client.folders(context.env, context.home).map((one) => placeFolder(one, context.cwd));
        const { responses: own, tallied, warnings: found, notes: said, ...rest } = await read(
          client,
          folders,
          {
            explain,
            // What the gateway saw is matched by id.
            withoutIds: seen.length === 0,
            progress,
            startReader,
          },
        );
        for (const response of own) listed.push(response);
        for (const warning of found) warnings.push(warning);
        numbers.push(...tallied);
        if (rest.files > 0 && isEmpty({ listed: own, tallied })) {
          warnings.push(...sayNoUsage(folders, rest.files));
        }
        notes.push(...said);
        clients.push({ client, title, folders, ...rest });
      }
      const responses = { listed: addSeen(listed, seen, !hasChosen), tallied: numbers };
      return { clients, responses, warnings, notes };
    },
    [Symbol.dispose]: close,
  };
}

/** What is kept of a folder must not be taken for another one's that has the same name in another place. */
function placeFolder(folder: string, cwd: string): string {
  const platform = currentPlatform();
  return isAbsolute(folder, platform) ? folder : absoluteFrom(cwd, folder, platform);
}

/** A silent nothing would look as if nothing was spent. */
function sayNoUsage([file]: readonly string[], files: number): readonly Warning[] {
  if (file === undefined) return [];
  const logs = files === 1 ? "the one log here tells" : `none of the ${files} logs here tells`;
  return [{
    file,
    code: "no-usage",
    message: `${logs} of ${files === 1 ? "no" : "any"} tokens; some versions of the agent write none`,
  }];
}

/** Reads once, showing how far it is, and tells the user what is to be said of the reading; see {@link openUsage}. */
export async function readUsage(flags: ReadFlags, context: CommandContext, explain: boolean): Promise<Usage> {
  const { progress, end } = openProgress(context.output, Date.now());
  const reader = await openUsage(flags, context, progress);
  try {
    const usage = await reader.read(explain).finally(end);
    for (const note of usage.notes) context.output.talk(`note: ${note}`);
    return usage;
  } finally {
    // Not `using`: a minifier (Deno 2.9.6) puts what is declared so and named once where it is named, and ends nothing.
    reader[Symbol.dispose]();
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

/** What is read through, and what was found when it was opened. */
interface Reader {
  readonly read: ReadAll;
  /** What the server's gateway saw. */
  readSeen(say: (note: string) => void): readonly SeenResponse[];
  readonly notes: readonly string[];
  close(): void;
}

/** A ledger that cannot be used is never fatal: the files alone answer then. */
async function openReader(flags: ReadFlags, context: CommandContext): Promise<Reader> {
  const filesAlone = (notes: readonly string[]): Reader => ({
    read: readFiles,
    readSeen: () => [],
    notes,
    close: () => {},
  });
  const opened = flags.ledger === false
    ? filesAlone([])
    : await openLedger(flags, context).catch((error: unknown) => {
      if (!(error instanceof AppError)) throw error;
      return filesAlone([`${error.message}; reading the logs without the ledger`]);
    });
  Deno.permissions.revokeSync({ name: "write" });
  return opened;
}

async function openLedger(flags: ReadFlags, context: CommandContext): Promise<Reader> {
  const folder = openStateFolder(context.env("AGENTOS_STATE"), context.home);
  const { openDatabase } = await import("../../base/database.ts");
  const { openUsageLedger } = await import("../../usage/ledger.ts");
  const { USAGE_TABLES } = await import("../../usage/ledger_tables.ts");
  const path = `${folder}/agentos.db`;
  const { db, setAside } = openDatabase(path, [USAGE_TABLES], new Date());
  const notes = setAside === undefined
    ? []
    : [`the database was damaged and is set aside as ${setAside}; the logs are read anew`];
  const readKept = openUsageLedger(db);
  const readSeen: Reader["readSeen"] = (say) => {
    try {
      return readSeenResponses(db, flags.seenFromMs);
    } catch (error) {
      say(`what the gateway saw cannot be read from ${path} (${messageOf(error)}), so it does not count`);
      return [];
    }
  };
  const read: ReadAll = async (client, folders, options) => {
    try {
      return await readKept(client, folders, options);
    } catch (error) {
      if (error instanceof AppError) throw error;
      // First the files: what goes wrong with them too is no damage of the ledger's.
      const found = await readFiles(client, folders, options);
      return { ...found, notes: [await setTablesAside(db, path, error)] };
    }
  };
  return { read, readSeen, notes, close: () => db.close() };
}

/** Sees to it that the next run finds a ledger that can be read, and says what became of this one. */
async function setTablesAside(db: DatabaseSync, path: string, error: unknown): Promise<string> {
  const { isHindrance, markDamaged } = await import("../../base/database.ts");
  const { renewLedger } = await import("../../usage/ledger_tables.ts");
  const without = "so the logs were read without it";
  if (isHindrance(error)) return `the ledger in ${path} cannot be read (${messageOf(error)}), ${without}`;
  const damaged = `the ledger in ${path} is damaged, ${without}`;
  // By now there is no right to move the file; but it is open, and its tables can be renamed.
  try {
    renewLedger(db, new Date());
    return `${damaged}; what it held is set aside in tables named "usage_…_damaged_…", and it is filled anew`;
  } catch (cause) {
    if (isHindrance(cause)) return damaged;
  }
  try {
    markDamaged(db);
    return `${damaged}; the next run sets the database aside and makes a new one`;
  } catch {
    return `${damaged}; move the file away, and a new one is made`;
  }
}
