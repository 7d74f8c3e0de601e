/**
 * Keeps what was read of the agents' logs, so that an unchanged log costs one look at its size, a longer one its new
 * bytes, and a deleted one is not forgotten.
 *
 * Two things are kept of each log: its events, from which everything can be counted anew when a rule gets better or a log
 * that it depends on changes; and the responses that it tells of, so that mostly nothing must be. Sums are not kept:
 * days depend on the time zone asked for, costs on prices, and copies on what other logs hold.
 *
 * @module
 */

import { messageOf } from "../base/errors.ts";
import { isHindrance } from "../base/database.ts";
import { findRealPath, isThere } from "../base/on_disk.ts";
import type { DatabaseSync } from "node:sqlite";
import type { UsageClient } from "./client.ts";
import {
  type LogChange,
  type LogDetail,
  type LogEntry,
  parseEvents,
  readDetail,
  readEntries,
  readEvents,
  readWarnings,
  storeChanges,
} from "./ledger_tables.ts";
import { LOG_START, type LogPlace } from "./lines.ts";
import type { Log, Response, Warning } from "./model.ts";
import { findLogs, type LogFile, readLog } from "./read.ts";
import { openAhead, type OpenLog } from "./open_ahead.ts";
import { openProgress, type ReadAll } from "./read_all.ts";
import { readResponses, readTallied, writeResponses } from "./response_text.ts";
import type { Tallied } from "./tallied.ts";

/** How many bytes before the end of what was read are compared before a file counts as only longer. */
const MARK_BYTES = 256;

/** A change this young may be followed by another that has the same times; in places these are whole seconds. */
const FRESH_MS = 50;
const FRESH_COARSE_MS = 2000;

/** The kin of a log of which it is known who its kin are, but not what it tells of. */
const UNCOUNTED = "-";

const NO_WARNINGS: readonly Warning[] = [];

/** Equals no file's time, so that the file is looked into next time. */
const NEVER = -1;

/** A log that takes part in the answer. */
interface Live {
  readonly entry: LogEntry;
  readonly old: LogEntry | undefined;
  readonly movedFrom?: string;
  readonly read?: NonNullable<LogChange["read"]>;
  /** What it tells of when it has no parent and shares its session with no other log. */
  readonly alone?: readonly Response[];
}

/**
 * Opens the ledger on a database that has its tables. Reading throws whatever comes of rows and tables that are not as they
 * were written.
 */
export function openUsageLedger(db: DatabaseSync): ReadAll {
  return async (client, folders, { explain = false, withoutIds = false, progress } = {}) => {
    const { files, warnings } = findLogs(client, folders);
    const entries = readEntries(db, client.id);
    const present = new Set(files.map(({ path }) => path));
    const gone = new Map([...entries].filter(([path]) => !present.has(path)));
    const goneByInode = Map.groupBy(gone.values(), ({ inode }) => inode);
    const live = new Map<string, Live>();
    const changed: Changed[] = [];
    for (const file of files) {
      const old = entries.get(file.path);
      if (old !== undefined && isUnchanged(file, old, client)) live.set(file.path, { entry: old, old });
      else {changed.push(
          planReading(db, client, file, old === undefined ? goneByInode.get(file.inode) ?? [] : [old]),
        );}
    }
    const onRead = openProgress(
      changed.map(({ file, from }) => ({ sizeBytes: file.sizeBytes - from.offset })),
      progress,
    );
    for (const { movedFrom } of changed) if (movedFrom !== undefined) gone.delete(movedFrom.path);
    const unread = changed.filter((plan) => !isMovedAlone(plan));
    await openAhead(unread.map(({ file }) => file.path), async (open) => {
      for (const plan of changed) live.set(plan.file.path, await readChanged(client, plan, onRead, open));
    });
    const forgotten = listForgotten(gone.values(), folders);
    for (const entry of forgotten) live.set(entry.path, { entry, old: entry });
    const logs = [...live.values()].toSorted((a, b) => a.entry.path < b.entry.path ? -1 : 1);
    const { counted, tallied, changes } = countLogs(db, client, logs, withoutIds && !explain);
    const note = changes.length === 0 ? undefined : store(db, client, changes);
    const read = explain ? logs.map((log) => loadLog(db, client, log)) : [];
    const resolved = explain
      ? client.resolve(read, true)
      : { responses: client.merge(counted), findings: [] };
    return {
      files: files.length,
      ...resolved,
      tallied,
      logs: read,
      gone: forgotten.map(({ path }) => path),
      warnings: [...warnings, ...listWarnings(db, client, logs)],
      notes: note === undefined ? [] : [note],
    };
  };
}

/**
 * The logs that were in these folders and are no more. A folder may be a link that leads elsewhere by now: what is still
 * there at the old place is not gone, but not asked about.
 */
function listForgotten(gone: Iterable<LogEntry>, folders: readonly string[]): readonly LogEntry[] {
  const roots = folders.map((folder) => `${findRealPath(folder)}/`);
  return [...gone].filter(({ path, folder }) =>
    folders.includes(folder) && (roots.some((root) => path.startsWith(root)) || !isThere(path))
  );
}

function isUnchanged(file: LogFile, old: LogEntry, client: UsageClient): boolean {
  return old.version === client.version && old.sizeBytes === file.sizeBytes &&
    old.modifiedAt === file.modifiedAt && old.changedAt === file.changedAt && old.inode === file.inode &&
    old.device === file.device && old.folder === file.folder;
}

/** How a log is read that is not as it was. */
interface Changed {
  readonly file: LogFile;
  readonly old: LogEntry | undefined;
  /** What is known of it, or of the log that it was under another name. */
  readonly detail: LogDetail | undefined;
  /** Where reading begins: after what is known, or at the file's beginning. */
  readonly from: LogPlace;
  readonly movedFrom: LogEntry | undefined;
}

/**
 * A file that is not the one that was read before, only longer or under a new name, is read from its beginning.
 *
 * @param candidates what it may have been: the log of its path, else logs that are gone
 */
function planReading(
  db: DatabaseSync,
  client: UsageClient,
  file: LogFile,
  candidates: readonly LogEntry[],
): Changed {
  const known = candidates.find(({ path }) => path === file.path);
  for (const old of candidates) {
    const isSameFile = file.inode !== 0 && old.inode === file.inode && old.device === file.device;
    if (!isSameFile || old.version !== client.version || file.sizeBytes < old.sizeBytes) continue;
    // Of the same size under the same name, it was written anew.
    if (known !== undefined && file.sizeBytes === old.sizeBytes) continue;
    const isSame = file.sizeBytes === old.sizeBytes && file.modifiedAt === old.modifiedAt;
    if (file.path.endsWith(".zst") && !isSame) continue;
    const detail = readDetail(db, client.id, old.path);
    if (detail === undefined || (detail.offset === 0 && !isSame)) continue;
    if (markBefore(file.path, detail.offset) !== detail.mark) continue;
    if (known !== undefined) return { file, old, detail, from: detail, movedFrom: undefined };
    return {
      file,
      old,
      detail,
      from: isSame ? { ...detail, offset: file.sizeBytes } : detail,
      movedFrom: old,
    };
  }
  const detail = known && readDetail(db, client.id, file.path);
  return { file, old: known, detail, from: LOG_START, movedFrom: undefined };
}

/** True for a log with a new name and nothing new in it. */
function isMovedAlone({ file, from, movedFrom }: Changed): boolean {
  return movedFrom !== undefined && from.offset === file.sizeBytes;
}

async function readChanged(
  client: UsageClient,
  plan: Changed,
  onRead: (bytes: number) => void,
  open: OpenLog,
): Promise<Live> {
  const { file, old, detail, from, movedFrom } = plan;
  const moved = movedFrom === undefined ? {} : { movedFrom: movedFrom.path };
  if (movedFrom !== undefined && isMovedAlone(plan)) {
    // Who it is may stand in its name.
    return { entry: { ...movedFrom, ...file, kin: "" }, old, ...moved };
  }
  const isLonger = from !== LOG_START;
  const reading = await readLog(client, file.path, from, onRead, open);
  const unreadable = reading.warnings.find(({ code }) => code === "unreadable");
  // What is known stays known while the file cannot be read; its next reading begins anew.
  if (
    unreadable !== undefined && old !== undefined && detail !== undefined && reading.offset < detail.offset
  ) {
    const known = { ...detail, warnings: [unreadable] };
    return {
      entry: { ...old, ...file, changedAt: NEVER },
      old,
      read: { detail: known, start: detail.offset, events: "[]" },
    };
  }
  // Counted at once, most logs need not be held as events until all are read.
  const log = isLonger ? undefined : { path: file.path, events: [...reading.events, ...reading.tailEvents] };
  const kinship = log && client.relate(log);
  const isAlone = log !== undefined && kinship !== undefined && kinship.parent === undefined;
  return {
    entry: {
      ...file,
      changedAt: unreadable === undefined && !isFresh(file) ? file.changedAt : NEVER,
      version: client.version,
      session: "",
      parent: undefined,
      ...kinship,
      kin: kinship === undefined ? "" : UNCOUNTED,
      responses: "",
    },
    old,
    ...moved,
    ...(isAlone ? { alone: client.count(log, { parents: [], isShared: false }) } : {}),
    read: {
      detail: {
        ...reading,
        mark: markBefore(file.path, reading.offset),
        warnings: [...(isLonger ? detail?.warnings ?? [] : []), ...reading.warnings],
      },
      start: from.offset,
      events: JSON.stringify(reading.events),
    },
  };
}

function isFresh({ changedAt, modifiedAt }: LogFile): boolean {
  const at = Math.max(changedAt, modifiedAt);
  return Date.now() - at < (at % 1000 === 0 ? FRESH_COARSE_MS : FRESH_MS);
}

/** The bytes just before an offset, as text: the same there, the same before. */
function markBefore(path: string, offset: number): string {
  try {
    using file = Deno.openSync(path);
    const start = Math.max(0, offset - MARK_BYTES);
    file.seekSync(start, Deno.SeekMode.Start);
    const bytes = new Uint8Array(offset - start);
    const count = file.readSync(bytes) ?? 0;
    return new TextDecoder("latin1").decode(bytes.subarray(0, count));
  } catch {
    return "";
  }
}

/** Counts the logs that are new, or whose kin are others than when they were counted; the rest is known. */
function countLogs(
  db: DatabaseSync,
  client: UsageClient,
  logs: readonly Live[],
  withoutIds: boolean,
): {
  readonly counted: readonly (readonly Response[])[];
  readonly tallied: readonly Tallied[];
  readonly changes: readonly LogChange[];
} {
  const loaded = new Map<string, Log>();
  const load = (live: Live): Log => {
    const log = loaded.get(live.entry.path) ?? loadLog(db, client, live);
    loaded.set(live.entry.path, log);
    return log;
  };
  const related = logs.map((live): Live =>
    live.entry.kin === "" ? { ...live, entry: { ...live.entry, ...client.relate(load(live)) } } : live
  );
  const sessions = Map.groupBy(related, ({ entry }) => entry.session);
  const changes: LogChange[] = [];
  const tallied: Tallied[] = [];
  const counted: (readonly Response[])[] = [];
  for (const live of related) {
    const { entry, old } = live;
    const parents = (entry.parent === undefined ? undefined : sessions.get(entry.parent)) ?? [];
    const isShared = (sessions.get(entry.session)?.length ?? 0) > 1;
    const kin = nameKin(client, parents, isShared);
    if (kin === entry.kin && live.read === undefined) {
      const known = withoutIds ? readTallied(client.id, entry.responses) : undefined;
      if (known === undefined) counted.push(readResponses(client.id, entry.responses));
      else tallied.push(known);
      continue;
    }
    const isAlone = parents.length === 0 && !isShared && entry.parent === undefined;
    const responses = isAlone && live.alone !== undefined
      ? live.alone
      : client.count(load(live), { parents: parents.map(load), isShared });
    changes.push({
      entry: { ...entry, kin, responses: writeResponses(responses) },
      old,
      ...(live.read === undefined ? {} : { read: live.read }),
      ...(live.movedFrom === undefined ? {} : { movedFrom: live.movedFrom }),
    });
    counted.push(responses);
  }
  return { counted, tallied, changes };
}

/** Names what a log's count depends on besides the log: the rules, its parent's logs, and whether it is alone. */
function nameKin({ version }: UsageClient, parents: readonly Live[], isShared: boolean): string {
  if (parents.length === 0 && !isShared) return `${version}`;
  const named = parents.map(({ entry }) => [entry.path, entry.sizeBytes, entry.modifiedAt, entry.inode]);
  return JSON.stringify([version, isShared, ...named]);
}

function loadLog(db: DatabaseSync, client: UsageClient, { entry, old, movedFrom, read }: Live): Log {
  const { path } = entry;
  // A moved log may be stored under its new path by now.
  const places = movedFrom === undefined ? [path] : [movedFrom, path];
  const isStored = read === undefined || (read.start > 0 && old !== undefined);
  const detail = read?.detail ??
    places.map((place) => readDetail(db, client.id, place)).find((found) => found);
  const known = isStored ? places.flatMap((place) => readEvents(db, client.id, place, read?.start)) : [];
  const added = read === undefined ? [] : parseEvents(read.events);
  return { path, events: [...known, ...added, ...(detail?.tailEvents ?? [])] };
}

/** What is kept of a log that was moved since names its old path. */
function listWarnings(db: DatabaseSync, client: UsageClient, logs: readonly Live[]): readonly Warning[] {
  const known = readWarnings(db, client.id);
  const found: Warning[] = [];
  for (const { entry: { path }, read } of logs) {
    const warnings = read === undefined
      ? known.get(path) ?? NO_WARNINGS
      : [...read.detail.warnings, ...read.detail.tailWarnings];
    for (const warning of warnings) found.push({ ...warning, file: path });
  }
  return found;
}

/** Writes what changed; when the database is busy or full, the answer is right all the same. */
function store(db: DatabaseSync, client: UsageClient, changes: readonly LogChange[]): string | undefined {
  try {
    storeChanges(db, client.id, changes);
    return undefined;
  } catch (error) {
    if (!isHindrance(error)) throw error;
    const reason = messageOf(error);
    return `the ledger could not be written (${reason}); the answer is complete all the same`;
  }
}
