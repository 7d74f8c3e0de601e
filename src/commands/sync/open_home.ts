/**
 * What every sync command does first: find the repo, the client's home and the record of the last push, and read them
 * into values. It writes nothing.
 *
 * @module
 */

import { type Client, CLIENTS } from "../../../clients/mod.ts";
import { AppError } from "../../base/errors.ts";
import { findRepo } from "../../base/repo.ts";
import type { CommandContext } from "../../cli/command.ts";
import type { Place, Source, SyncClient } from "../../sync/client.ts";
import type { ActualFile, Applied, Choices, EntryKind, Target } from "../../sync/model.ts";
import { readActual, readApplied, readSource } from "../../sync/read.ts";
import { buildTarget, type TargetResult } from "../../sync/target.ts";

/** The flags that every sync command takes. */
export interface SyncFlags {
  readonly client?: readonly string[];
  readonly home?: string;
  readonly repo?: string;
  readonly port?: number;
  readonly only?: readonly EntryKind[];
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** Flags that change what a push deploys. */
export interface ChoiceFlags {
  /** Each `ID=X.Y.Z`. */
  readonly clientVersion?: readonly string[];
  readonly agentsMd?: boolean;
  readonly hook?: boolean;
}

/** One client's home as it is, and as it should be. */
export interface OpenHome {
  readonly client: SyncClient;
  readonly title: string;
  readonly place: Place;
  readonly source: Source;
  readonly choices: Choices;
  readonly applied: Applied | undefined;
  readonly target: TargetResult;
  readonly actual: ReadonlyMap<string, ActualFile>;
}

/** How a command learns the installed client's version; `check` goes by the record and runs nothing. */
export type AskVersion = (client: SyncClient) => Promise<string | undefined>;

/** The default port of the server. */
const DEFAULT_PORT = 8787;

/** The state folder's path, whether or not it exists yet. */
export function stateFolderOf(context: CommandContext): string {
  return context.env("AGENTOS_STATE") ?? `${context.home}/.agentos`;
}

/**
 * Opens the home of every client asked for.
 *
 * @throws {AppError} config.invalid for an unknown client, repo.not_found, sync.source, sync.manifest,
 * sync.other_repo, sync.no_client
 */
export async function openHomes(
  flags: SyncFlags & ChoiceFlags & { readonly takeover?: boolean },
  context: CommandContext,
  askVersion: AskVersion,
): Promise<readonly OpenHome[]> {
  const homes: OpenHome[] = [];
  for (const [id, row] of chooseClients(flags.client)) {
    if (row.sync === undefined) throw new AppError("config.invalid", `${row.title} has nothing to sync yet`);
    homes.push(await openHome(await row.sync(), id, flags, context, askVersion));
  }
  return homes;
}

function chooseClients(asked: readonly string[] | undefined): readonly (readonly [string, Client])[] {
  const rows = Object.entries(CLIENTS);
  if (asked === undefined || asked.length === 0) return rows.filter(([, { sync }]) => sync !== undefined);
  return asked.map((id) => {
    const row = rows.find(([known]) => known === id);
    if (row === undefined) {
      throw new AppError(
        "config.invalid",
        `Cannot sync "${id}": known clients are ${Object.keys(CLIENTS).join(", ")}`,
      );
    }
    return row;
  });
}

async function openHome(
  client: SyncClient,
  id: string,
  flags: SyncFlags & ChoiceFlags & { readonly takeover?: boolean },
  context: CommandContext,
  askVersion: AskVersion,
): Promise<OpenHome> {
  const home = absolute(flags.home ?? client.home(context.env, context.home), context.cwd);
  const stateFolder = stateFolderOf(context);
  const applied = readApplied(stateFolder, id, home);
  const source = await openSource(id, flags.repo ?? context.env("AGENTOS_REPO"), context.cwd);
  if (applied !== undefined && applied.repo !== source.repo && flags.takeover !== true) {
    throw new AppError(
      "sync.other_repo",
      `Cannot sync "${home}": it is kept in step with "${applied.repo}", not with "${source.repo}"`,
    );
  }
  const clientVersion = namedVersion(id, flags.clientVersion) ?? await askVersion(client) ??
    applied?.clientVersion;
  if (clientVersion === undefined && flags.home === undefined && !isFolder(home)) {
    throw new AppError(
      "sync.no_client",
      `Cannot sync ${client.title}: it is not installed and "${home}" does not exist`,
    );
  }
  const choices = chooseAgain(flags, context, applied);
  const place: Place = {
    home,
    stateFolder,
    port: choices.port,
    executable: choices.executable,
    platform: platformOf(),
    clientVersion,
  };
  const target = await buildTarget(client, source, place, choices);
  return {
    client,
    title: client.title,
    place,
    source,
    choices,
    applied,
    target,
    actual: readHome(home, target, applied),
  };
}

function namedVersion(id: string, versions: readonly string[] | undefined): string | undefined {
  return versions?.findLast((version) => version.startsWith(`${id}=`))?.slice(id.length + 1);
}

function chooseAgain(
  flags: SyncFlags & ChoiceFlags,
  context: CommandContext,
  applied: Applied | undefined,
): Choices {
  const fromEnvironment = Number(context.env("AGENTOS_PORT") ?? Number.NaN);
  const last = applied?.choices;
  return {
    port: flags.port ?? (Number.isInteger(fromEnvironment) ? fromEnvironment : last?.port ?? DEFAULT_PORT),
    executable: last?.executable ?? "agentos",
    agentsMd: flags.agentsMd ?? last?.agentsMd ?? true,
    hook: flags.hook ?? last?.hook ?? false,
  };
}

/** The repo's files, or those inside the executable when there is no repo. */
async function openSource(client: string, named: string | undefined, cwd: string): Promise<Source> {
  const repo = findRepo(named, cwd, platformOf());
  const folders = [`clients/${client}`, "clients/shared"];
  if (repo !== undefined && isFolder(`${repo}/clients/${client}`)) {
    return { repo, files: readSource(repo, folders) };
  }
  const { EMBEDDED_CLIENT_FILES } = await import("../../../clients/embedded.ts");
  const files = Object.entries(EMBEDDED_CLIENT_FILES)
    .filter(([path]) => folders.some((folder) => path.startsWith(`${folder}/`)))
    .map(([path, text]) => ({ path, text }))
    .sort((left, right) => left.path < right.path ? -1 : 1);
  return { repo: "embedded", files };
}

function readHome(
  home: string,
  target: TargetResult,
  applied: Applied | undefined,
): ReadonlyMap<string, ActualFile> {
  const wanted = target.kind === "target" ? target.target.entries.map(({ path }) => path) : [];
  const paths = new Set([...wanted, ...Object.keys(applied?.entries ?? {})]);
  return new Map([...paths].map((path) => [path, readActual(home, path)]));
}

/** A target that wants nothing: what `clean` plans with. */
export function emptyTarget(home: OpenHome): Target {
  return { client: home.client.id, home: home.place.home, entries: [] };
}

function platformOf(): Place["platform"] {
  const { os } = Deno.build;
  return os === "windows" || os === "darwin" ? os : "linux";
}

function absolute(path: string, cwd: string): string {
  const full = /^([A-Za-z]:[\\/]|[\\/])/.test(path) ? path : `${cwd}/${path}`;
  return full.length > 1 ? full.replace(/[\\/]+$/, "") : full;
}

function isFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}
