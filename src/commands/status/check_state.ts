/**
 * Checks of what the state folder holds: the ledger, and who may write there.
 *
 * @module
 */

import { AppError, messageOf } from "../../base/errors.ts";
import { sayCount } from "../../base/say_count.ts";
import { refuseShared } from "../../base/state_folder.ts";
import type { Neighbour } from "../../server/health.ts";
import { brokenBy, type Check } from "../../status/model.ts";
import { renderSize } from "../../status/duration.ts";

/** Judges the ledger as the server tells of it; without a server, as its file tells. */
export function checkLedger(server: Neighbour, stateFolder: string): Check {
  const base = { id: "ledger", name: "ledger" } as const;
  const file = `${stateFolder}/agentos.db`;
  const sizeBytes = sizeOf(file);
  const size = sizeBytes === undefined ? "no file yet" : renderSize(sizeBytes);
  const data = { file, sizeBytes: sizeBytes ?? 0 };
  if (server.kind !== "agentos") return { ...base, state: "good", text: size, data };
  const { ok, dropped } = server.health.ledger;
  return ok ? { ...base, state: "good", text: `written (${size})`, data: { ...data, dropped } } : {
    ...base,
    state: "bad",
    text: `not written; ${sayCount(dropped, "record")} lost`,
    next: "read the server's log; the state folder may be full or not writable",
    data: { ...data, dropped },
  };
}

/** Whether the database is whole, as SQLite says: for the doctor, since it reads all of it. Loads SQLite. */
export async function examineLedger(stateFolder: string): Promise<Check> {
  const base = { id: "ledger.integrity", name: "ledger's file" } as const;
  const file = `${stateFolder}/agentos.db`;
  if (sizeOf(file) === undefined) return { ...base, state: "good", text: "not made yet" };
  const aside = [...Deno.readDirSync(stateFolder)].map(({ name }) => name)
    .filter((name) => /^agentos\.db\.corrupt-[^-]*$/.test(name));
  const details = aside.map((name) => `set aside earlier, because it was damaged: ${stateFolder}/${name}`);
  try {
    const { DatabaseSync } = await import("node:sqlite");
    const db = new DatabaseSync(file, { readOnly: true });
    try {
      const rows = db.prepare("PRAGMA quick_check").all().map((row) => String(Object.values(row)[0]));
      const tables = db.prepare("SELECT count(*) AS n FROM sqlite_master WHERE type = 'table'").get();
      if (rows[0] === "ok") {
        return { ...base, state: "good", text: `whole, ${String(tables?.["n"])} tables`, details };
      }
      return {
        ...base,
        state: "bad",
        text: `damaged: ${rows[0] ?? "SQLite does not say how"}`,
        details,
        next: "stop the server and start it again: it sets the file aside and makes a new one",
      };
    } finally {
      db.close();
    }
  } catch (error) {
    const reason = messageOf(error);
    return {
      ...base,
      state: "bad",
      text: `cannot be read: ${reason}`,
      details,
      next: "check its owner and mode",
    };
  }
}

/** Whether the state folder is its user's alone; one that is not there yet is fine. */
export function checkStateFolder(stateFolder: string): Check {
  const base = { id: "state", name: "state folder" } as const;
  if (sizeOf(stateFolder) === undefined) {
    return { ...base, state: "good", text: `${stateFolder}, not made yet` };
  }
  try {
    refuseShared(stateFolder);
    return { ...base, state: "good", text: stateFolder };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { ...base, ...brokenBy(error), state: "bad" };
  }
}

function sizeOf(path: string): number | undefined {
  try {
    return Deno.statSync(path).size;
  } catch {
    return undefined;
  }
}
