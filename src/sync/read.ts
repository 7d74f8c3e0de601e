/**
 * Reading for a sync: the source in the repo, the files of a home, and the manifest. The only reader of the feature.
 *
 * All of it uses the runtime's own synchronous calls: `sync check` runs before every session, and each `node:` import
 * would cost it more than reading three hundred files does.
 *
 * @module
 */

import { maskControls } from "../base/control_characters.ts";
import { AppError, messageOf } from "../base/errors.ts";
import { isObject } from "../base/json_fields.ts";
import { decodeLossless } from "../base/lossless_text.ts";
import { isFolder, isThere, leadsSomewhere } from "../base/on_disk.ts";
import { isInside, showPath } from "../base/path_rules.ts";
import { currentPlatform } from "../base/platform.ts";
import type { SourceFile } from "./client.ts";
import type { ActualFile, Applied, AppliedEntry, Choices, EntryKind, FormatId } from "./model.ts";
import { ENTRY_KINDS, HOME_ITSELF, isSafePath, MAY_RUN } from "./model.ts";

/** A source file may be this long; memories and skills are prose. */
const SOURCE_LIMIT_BYTES = 4 * 1024 * 1024;

/**
 * Reads the named files of a repo and every file below the named folders, by path; hidden ones are left out. A link is
 * read for what it leads to.
 *
 * @throws {AppError} sync.source for what cannot be read, naming it
 */
export function readSource(repo: string, paths: readonly string[]): readonly SourceFile[] {
  const files: SourceFile[] = [];
  for (const path of paths) {
    if (isFolder(`${repo}/${path}`)) {
      visitFolder(repo, path, (file) => files.push(readSourceFile(repo, file)));
    } else if (isThere(`${repo}/${path}`)) files.push(readSourceFile(repo, path));
  }
  return files.sort((left, right) => left.path < right.path ? -1 : 1);
}

/** The folders that {@link readSource} looks into, and the named paths themselves, whether or not they are there. */
export function listSourceFolders(repo: string, paths: readonly string[]): readonly string[] {
  return paths.flatMap((path) => {
    const folders = [path];
    if (isFolder(`${repo}/${path}`)) visitFolder(repo, path, () => {}, (folder) => folders.push(folder));
    return folders.sort();
  });
}

/** Visits every file, and every folder below, in no order. */
function visitFolder(
  repo: string,
  folder: string,
  onFile: (path: string) => void,
  onFolder: (path: string) => void = () => {},
  above: readonly string[] = [],
): void {
  const trail = [...above, `${repo}/${folder}`];
  for (const entry of readingSource(folder, () => [...Deno.readDirSync(`${repo}/${folder}`)])) {
    if (entry.name.startsWith(".")) continue;
    const path = `${folder}/${entry.name}`;
    const isBelow = entry.isSymlink ? isFolder(`${repo}/${path}`) : entry.isDirectory;
    if (!isBelow) {
      onFile(path);
      continue;
    }
    if (entry.isSymlink) refuseCircle(repo, path, trail);
    onFolder(path);
    visitFolder(repo, path, onFile, onFolder, trail);
  }
}

/** @throws {AppError} sync.source for a link to a folder that it stands in */
function refuseCircle(repo: string, path: string, trail: readonly string[]): void {
  const real = Deno.realPathSync(`${repo}/${path}`);
  if (trail.some((folder) => isInside(Deno.realPathSync(folder), real, currentPlatform()))) {
    throw new AppError(
      "sync.source",
      `Cannot deploy "${showPath(path)}": it is a link to a folder that it stands in`,
    );
  }
}

function readSourceFile(repo: string, path: string): SourceFile {
  const refused = (reason: string): AppError =>
    new AppError("sync.source", `Cannot deploy "${showPath(path)}": ${reason}`);
  return readingSource(path, () => {
    const { isFile, size, mode } = Deno.statSync(`${repo}/${path}`);
    if (!isFile) throw refused("it is no regular file");
    if (size > SOURCE_LIMIT_BYTES) throw refused("it is larger than 4 MiB");
    const text = decodeLossless(Deno.readFileSync(`${repo}/${path}`));
    return { path, text, executable: isExecutable(mode) };
  });
}

/** @throws {AppError} sync.source for whatever the system refuses */
function readingSource<Result>(path: string, read: () => Result): Result {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    const isGone = cause instanceof Deno.errors.NotFound;
    const reason = isGone ? "it is a link to nothing" : maskControls(messageOf(cause));
    throw new AppError("sync.source", `Cannot read "${showPath(path)}" in the repo: ${reason}`, {
      hint: "Check its owner, its mode and where its links lead, and run the command again.",
      cause,
    });
  }
}

function isExecutable(mode: number | null): boolean {
  return mode !== null && Deno.build.os !== "windows" && (mode & MAY_RUN) !== 0;
}

/**
 * Reads one file of a home. Anything but a plain file with one name is answered as unusable, not opened.
 *
 * @param format a file that is wholly ours may hold any bytes; in all others our part needs text around it
 * @param isSource whether a real path is one of the repo's own sources, which no link of the home may lead to
 */
export function readActual(
  home: string,
  path: string,
  format?: FormatId,
  whyNotInto: (real: string) => string | undefined = () => undefined,
): ActualFile {
  const file = `${home}/${path}`;
  let info: Deno.FileInfo;
  let isLink: boolean;
  try {
    const entry = Deno.lstatSync(file);
    isLink = entry.isSymlink;
    info = entry.isSymlink ? Deno.statSync(file) : entry;
    // A user's links may lead anywhere that is theirs; what belongs to somebody else is not written through them.
    if (entry.isSymlink && entry.uid !== info.uid) {
      return { kind: "unusable", reason: "it is a link to a file of another user" };
    }
    const whyNot = entry.isSymlink ? whyNotInto(Deno.realPathSync(file)) : undefined;
    if (whyNot !== undefined) return { kind: "unusable", reason: `it is a link ${whyNot}` };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return sayAbsent(home, path);
    return { kind: "unusable", reason: sayUnreadable(error) };
  }
  if (info.isDirectory) return { kind: "unusable", reason: "a folder stands where a file should" };
  if (!info.isFile) return { kind: "unusable", reason: "it is not a regular file" };
  if (info.nlink !== null && info.nlink > 1) {
    return { kind: "unusable", reason: "it is hard-linked: a write would part it from its other names" };
  }
  let bytes: Uint8Array;
  try {
    bytes = Deno.readFileSync(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return { kind: "absent" };
    return {
      kind: "unusable",
      reason: error instanceof Deno.errors.PermissionDenied ? "it cannot be read" : sayUnreadable(error),
    };
  }
  const decoded = format === "whole-file" ? undefined : decodeUtf8(bytes);
  if (decoded?.kind === "not-utf8") return decoded;
  return {
    kind: "text",
    text: decoded?.text ?? decodeLossless(bytes),
    readOnly: info.mode !== null && (info.mode & 0o200) === 0,
    executable: isExecutable(info.mode),
    isLink,
  };
}

/** Nothing is there, unless the file, or a folder above it, is a link that leads nowhere. */
function sayAbsent(home: string, path: string): ActualFile {
  let place = path;
  while (place !== "" && !isThere(`${home}/${place}`)) place = folderOf(place);
  if (place === "" || leadsSomewhere(`${home}/${place}`)) return { kind: "absent" };
  return {
    kind: "unusable",
    reason: `${place === path ? "it" : "its folder"} is a symbolic link to nothing`,
  };
}

/** The folder of a path below the home; empty for the home itself. */
export function folderOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf("/"), 0));
}

/** Whatever the system says, it is the user's to put right, and no reason to leave the other files alone. */
function sayUnreadable(error: unknown): string {
  if (error instanceof Deno.errors.FilesystemLoop) return "its links go in a circle";
  const isDenied = error instanceof Deno.errors.PermissionDenied || /not a directory/i.test(messageOf(error));
  return isDenied
    ? "it cannot be read: check the mode and the folders above it"
    : `it cannot be read: ${messageOf(error)}`;
}

/** Decodes strictly, a byte order mark kept; says where the first wrong byte stands. */
export function decodeUtf8(
  bytes: Uint8Array,
): { readonly kind: "text"; readonly text: string } | Extract<ActualFile, { kind: "not-utf8" }> {
  try {
    return { kind: "text", text: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
      return { kind: "not-utf8", line: 1, detail: "it is UTF-16; save it as UTF-8" };
    }
    const offset = firstWrongByte(bytes);
    const line = bytes.subarray(0, offset).reduce((count, byte) => byte === 10 ? count + 1 : count, 1);
    return { kind: "not-utf8", line, detail: `it is not UTF-8: byte ${offset + 1} of the file is wrong` };
  }
}

/** The offset of the first byte that no UTF-8 text has there, by halving. */
function firstWrongByte(bytes: Uint8Array): number {
  let good = 0;
  let bad = bytes.length;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    try {
      new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(0, middle), { stream: true });
      good = middle;
    } catch {
      bad = middle;
    }
  }
  return bad - 1;
}

/** The folder that manifests are kept in. */
export function appliedFolder(stateFolder: string): string {
  return `${stateFolder}/applied`;
}

/** The manifest of one client and home. */
export function readApplied(stateFolder: string, client: string, home: string): Applied | undefined {
  const file = manifestPath(stateFolder, client, home);
  let text: string;
  try {
    text = Deno.readTextFileSync(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw new AppError("sync.manifest", `Cannot read the record of the last push, "${file}"`, {
      cause: error,
    });
  }
  return parseApplied(text, file);
}

/** The manifests of every home, for telling about them; one that cannot be used is left out, since syncing names it. */
export function readAllApplied(stateFolder: string): readonly Applied[] {
  const folder = appliedFolder(stateFolder);
  let names: string[];
  try {
    names = [...Deno.readDirSync(folder)].map(({ name }) => name).filter((name) => name.endsWith(".json"));
  } catch {
    return [];
  }
  return names.sort().flatMap((name) => {
    try {
      return [parseApplied(Deno.readTextFileSync(`${folder}/${name}`), name)];
    } catch {
      return [];
    }
  });
}

/**
 * The home as the record of its last push spells it, where another path leads to the same folder; else as it is given. Two
 * spellings of one home would otherwise have two records, each of which knows nothing of what the other wrote.
 */
export function findRecordedHome(stateFolder: string, client: string, home: string): string {
  if (isThere(manifestPath(stateFolder, client, home))) return home;
  const real = realPathIfThere(home);
  if (real === undefined) return home;
  const same = readAllApplied(stateFolder).find((applied) =>
    applied.client === client && realPathIfThere(applied.home) === real
  );
  return same?.home ?? home;
}

function realPathIfThere(path: string): string | undefined {
  try {
    return Deno.realPathSync(path);
  } catch {
    return undefined;
  }
}

/** Where a manifest stands; the name carries a digest of the home, so that two homes never share one. */
export function manifestPath(stateFolder: string, client: string, home: string): string {
  return `${appliedFolder(stateFolder)}/${client}-${digest(home)}.json`;
}

/** FNV-1a, 32 bits: enough to tell a user's few homes apart without loading a crypto library. */
function digest(text: string): string {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash.toString(16).padStart(8, "0");
}

/** Parses a manifest; a newer schema or a damaged file is refused, because guessing could cost a user's edit. */
export function parseApplied(text: string, file: string): Applied {
  const broken = (detail: string): AppError =>
    new AppError("sync.manifest", `Cannot use the record of the last push, "${file}": ${detail}`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw broken("it is not JSON");
  }
  if (!isObject(value)) throw broken("it is not an object");
  const { schema, client, home, repo, agentos, clientVersion, choices, at, folders, entries } = value;
  if (typeof schema === "number" && schema > 1) {
    throw new AppError(
      "sync.newer_manifest",
      `A newer agentos wrote "${file}" (schema ${schema}; this one knows 1)`,
    );
  }
  if (
    schema !== 1 || typeof client !== "string" || typeof home !== "string" || typeof repo !== "string" ||
    typeof agentos !== "string" || typeof at !== "string" || !Array.isArray(folders) || !isObject(entries)
  ) throw broken("a field is missing");
  const chosen = parseChoices(choices);
  if (chosen === undefined) throw broken("the choices are damaged");
  const parsed: Record<string, AppliedEntry> = {};
  for (const [path, entry] of Object.entries(entries)) {
    const checked = isSafePath(path) ? parseEntry(entry) : undefined;
    if (checked === undefined) throw broken(`the entry ${JSON.stringify(path)} is damaged`);
    parsed[path] = checked;
  }
  return {
    schema: 1,
    client,
    home,
    repo,
    agentos,
    clientVersion: typeof clientVersion === "string" ? clientVersion : undefined,
    choices: chosen,
    at,
    folders: folders.filter((folder) =>
      typeof folder === "string" && (folder === HOME_ITSELF || isSafePath(folder))
    ),
    entries: parsed,
  };
}

function parseChoices(value: unknown): Choices | undefined {
  if (!isObject(value)) return undefined;
  // A record from before there was a gateway says nothing of it, and gets what a first push would get.
  const { port, executable, agentsMd, hook, gateway = true } = value;
  if (
    typeof port !== "number" || typeof executable !== "string" || typeof agentsMd !== "boolean" ||
    typeof hook !== "boolean" || typeof gateway !== "boolean"
  ) return undefined;
  return { port, executable, agentsMd, hook, gateway };
}

function parseEntry(value: unknown): AppliedEntry | undefined {
  if (!isObject(value)) return undefined;
  const { kind, format, content, glue, created, heldAgainst, settled } = value;
  const entryKind = ENTRY_KINDS.find((known) => known === kind);
  const formatId = FORMAT_IDS.find((known) => known === format);
  if (
    entryKind === undefined || formatId === undefined || typeof content !== "string" ||
    typeof created !== "boolean" || !isObject(glue) || typeof glue.before !== "string" ||
    typeof glue.after !== "string"
  ) return undefined;
  const held = typeof heldAgainst === "string" ? { heldAgainst } : {};
  return {
    kind: entryKind satisfies EntryKind,
    format: formatId satisfies FormatId,
    content,
    glue: { before: glue.before, after: glue.after },
    created,
    ...held,
    ...(typeof settled === "string" ? { settled } : {}),
  };
}

const FORMAT_IDS = ["whole-file", "toml-keys", "markdown-block"] as const;
