/**
 * What every sync command does first: find the repo, the client's home and the record of the last push, and read them
 * into values. It writes nothing.
 *
 * @module
 */

import { type Client, CLIENTS } from "../../../clients/mod.ts";
import { AppError } from "../../base/errors.ts";
import { isFolder } from "../../base/on_disk.ts";
import { isInside } from "../../base/path_rules.ts";
import { currentPlatform } from "../../base/platform.ts";
import { quoteForShell, stateFolderPath } from "../../base/state_folder.ts";
import type { CommandContext } from "../../cli/command.ts";
import { type Config, openConfig } from "../../config/read.ts";
import { locateRepo } from "../../config/repo.ts";
import type { Place, Source, SyncClient } from "../../sync/client.ts";
import type { ActualFile, Applied, Choices, EntryKind, FormatId } from "../../sync/model.ts";
import { findRecordedHome, folderOf, readActual, readApplied, readSource } from "../../sync/read.ts";
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
  readonly gateway?: boolean;
}

/** How homes are opened, besides what every command takes. */
export interface OpenFlags extends SyncFlags, ChoiceFlags {
  readonly takeover?: boolean;
  /** What holds where no record says it, by client. */
  readonly choices?: ReadonlyMap<string, Choices>;
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

/** What a command that writes finds out about this machine; `check` and `pull` go by the record and run nothing. */
export interface Inquiry {
  /** The installed client's version. */
  askVersion(client: SyncClient): Promise<string | undefined>;
  /** How a deployed file calls this executable. */
  findExecutable(context: CommandContext): string;
}

/** The state folder's path, whether or not it exists yet. */
export function stateFolderOf(context: CommandContext): string {
  return absolute(stateFolderPath(context.env("AGENTOS_STATE"), context.home), context.cwd);
}

/**
 * A client's home as it is asked for: named, or the client's own.
 *
 * @throws {AppError} sync.no_folder for a list of homes, which a variable may hold for readers of logs
 */
export function homeOf(client: SyncClient, { env, home, cwd }: CommandContext, named?: string): string {
  if (named !== undefined) return absolute(named, cwd);
  const { title, homeVariable } = client;
  const list = env(homeVariable);
  if (list?.includes(",") === true) {
    throw new AppError(
      "sync.no_folder",
      `Cannot use ${homeVariable} as the home of ${title}: "${list}" is a list, and a home is one folder`,
      { hint: `Name the one that is meant with --home DIR, or set ${homeVariable} to it alone.` },
    );
  }
  return absolute(client.home(env, home), cwd);
}

/**
 * Opens the home of every client asked for.
 *
 * @throws {AppError} cli.usage for a client without sync, config.invalid, repo.not_found, sync.source, sync.manifest,
 * sync.other_repo, sync.no_client, sync.no_folder
 */
export async function openHomes(
  flags: OpenFlags,
  context: CommandContext,
  inquiry?: Inquiry,
): Promise<readonly OpenHome[]> {
  const homes: OpenHome[] = [];
  const config = await openConfig(context);
  for (const [id, row] of chooseClients(flags.client)) {
    if (row.sync === undefined) {
      throw new AppError("cli.usage", `${row.title} has nothing to sync yet`, {
        hint: `Leave --client out, or name one that has: ${syncedIds().join(", ")}.`,
      });
    }
    homes.push(await openHome(await row.sync(), id, flags, config, context, inquiry));
  }
  return homes;
}

function chooseClients(asked: readonly string[] | undefined): readonly (readonly [string, Client])[] {
  const rows = Object.entries(CLIENTS);
  if (asked === undefined || asked.length === 0) return rows.filter(([, { sync }]) => sync !== undefined);
  return [...new Set(asked)].map((id) => {
    const row = rows.find(([known]) => known === id);
    if (row === undefined) {
      throw new AppError("cli.usage", `Cannot sync "${id}": there is no such client`, {
        hint: `Leave --client out, or name one of: ${syncedIds().join(", ")}.`,
      });
    }
    return row;
  });
}

function syncedIds(): readonly string[] {
  return Object.entries(CLIENTS).filter(([, { sync }]) => sync !== undefined).map(([id]) => id);
}

async function openHome(
  client: SyncClient,
  id: string,
  flags: OpenFlags,
  config: Config,
  context: CommandContext,
  inquiry: Inquiry | undefined,
): Promise<OpenHome> {
  const asked = homeOf(client, context, flags.home);
  refuseUnlessFolder(asked, client.title);
  const stateFolder = stateFolderOf(context);
  const home = findRecordedHome(stateFolder, id, asked);
  const applied = readApplied(stateFolder, id, home);
  const source = await openSource(client, config, flags.repo, context.cwd);
  if (applied !== undefined && applied.repo !== source.repo && flags.takeover !== true) {
    throw otherRepo(home, applied.repo, source.repo);
  }
  const clientVersion = namedVersion(id, flags.clientVersion) ?? await inquiry?.askVersion(client) ??
    applied?.clientVersion;
  if (clientVersion === undefined && (inquiry === undefined || flags.home === undefined) && !isFolder(home)) {
    throw new AppError(
      "sync.no_client",
      inquiry === undefined
        ? `There is nothing of ${client.title} to look at: "${home}" does not exist`
        : `Cannot sync ${client.title}: it is not installed and "${home}" does not exist`,
    );
  }
  const choices = chooseAgain(
    flags,
    config,
    applied?.choices ?? flags.choices?.get(id),
    inquiry?.findExecutable(context),
  );
  const place: Place = {
    home,
    stateFolder,
    port: choices.port,
    gateway: choices.gateway,
    executable: choices.executable,
    platform: platformOf(),
    clientVersion,
  };
  const target = await buildTarget(client, source, place, choices, (path) => applied?.entries[path]?.content);
  return {
    client,
    title: client.title,
    place,
    source,
    choices,
    applied,
    target,
    actual: readHome(home, source, target, applied, client.watched),
  };
}

/** @throws {AppError} sync.no_folder when something else stands where the home is, or would be made */
function refuseUnlessFolder(home: string, title: string): void {
  if (isFolder(home)) return;
  let entry: Deno.FileInfo;
  try {
    entry = Deno.lstatSync(home);
  } catch {
    return; // It is not there, or cannot be seen: what follows says so.
  }
  const what = entry.isSymlink ? "a symbolic link to nothing that could be a folder" : "no folder";
  throw new AppError("sync.no_folder", `Cannot use the home of ${title}, "${home}": it is ${what}`);
}

function otherRepo(home: string, pushed: string, asked: string): AppError {
  const say = (repo: string): string => repo === EMBEDDED ? "the copy in the executable" : `"${repo}"`;
  return new AppError(
    "sync.other_repo",
    `Cannot sync "${home}": it is kept in step with ${say(pushed)}, not with ${say(asked)}`,
    pushed === EMBEDDED ? {} : {
      hint: `Name that repo with --repo ${
        quoteForShell(pushed)
      }, or take the home over with "agentos sync push --takeover".`,
    },
  );
}

function namedVersion(id: string, versions: readonly string[] | undefined): string | undefined {
  return versions?.findLast((version) => version.startsWith(`${id}=`))?.slice(id.length + 1);
}

function chooseAgain(
  flags: SyncFlags & ChoiceFlags,
  config: Config,
  last: Choices | undefined,
  executable: string | undefined,
): Choices {
  const port = config.find("server.port", { flag: flags.port });
  const isNamed = port.candidates[0]?.origin.from !== "default";
  return {
    port: last !== undefined && !isNamed ? last.port : config.number("server.port", flags.port),
    executable: executable ?? last?.executable ?? EXECUTABLE,
    agentsMd: config.switchIfSet("sync.agents_md", { flag: flags.agentsMd }) ?? last?.agentsMd ?? true,
    hook: config.switchIfSet("sync.hook", { flag: flags.hook }) ?? last?.hook ?? false,
    gateway: config.switchIfSet("sync.gateway", { flag: flags.gateway }) ??
      (config.switch("gateway.enabled") && (last?.gateway ?? true)),
  };
}

/** What a record says of a push without a repo. */
const EMBEDDED = "embedded";

/** The repo's files, or those inside the executable when there is no repo. */
async function openSource(
  { id, sources }: SyncClient,
  config: Config,
  flag: string | undefined,
  cwd: string,
): Promise<Source> {
  const repo = locateRepo(config, flag, cwd)?.folder;
  if (repo !== undefined && isFolder(`${repo}/clients/${id}`)) {
    return { repo, files: readSource(repo, sources) };
  }
  const { EMBEDDED_CLIENT_FILES } = await import("../../../clients/embedded.ts");
  const files = Object.entries(EMBEDDED_CLIENT_FILES)
    .filter(([path]) => sources.some((source) => path === source || path.startsWith(`${source}/`)))
    .map(([path, text]) => ({ path, text }))
    .sort((left, right) => left.path < right.path ? -1 : 1);
  return { repo: EMBEDDED, files };
}

function readHome(
  home: string,
  source: Source,
  target: TargetResult,
  applied: Applied | undefined,
  watched: readonly string[],
): ReadonlyMap<string, ActualFile> {
  const formats = new Map<string, FormatId | undefined>(watched.map((path) => [path, undefined]));
  for (const [path, { format }] of Object.entries(applied?.entries ?? {})) formats.set(path, format);
  if (target.kind === "target") {
    for (const { path, format } of target.target.entries) formats.set(path, format);
  }
  const isSource = openSourceTest(source.repo);
  const realHome = realFolder(home, "");
  const deployed = new Map([...formats.keys()].map((path) => [`${realHome}/${path}`, path]));
  const whyNotInto = (real: string): string | undefined => {
    const other = deployed.get(real);
    if (other !== undefined) return `to ${other}, which is deployed too`;
    return isSource(real) ? "into the home repo, which a push would write over" : undefined;
  };
  const folders = new Map<string, string>();
  const realFolderOf = (folder: string): string => {
    const known = folders.get(folder) ?? realFolder(home, folder);
    folders.set(folder, known);
    return known;
  };
  return new Map(
    [...formats].map(([path, format]): [string, ActualFile] => {
      const folder = folderOf(path);
      const real = realFolderOf(folder);
      const isMoved = real !== (folder === "" ? realHome : `${realHome}/${folder}`);
      const whyNot = isSource(real)
        ? whyNotInto(real)
        : isMoved
        ? whyNotInto(`${real}${path.slice(folder.length)}`)
        : undefined;
      return [
        path,
        whyNot === undefined
          ? readActual(home, path, format, whyNotInto)
          : { kind: "unusable", reason: `its folder is a link ${whyNot}` },
      ];
    }),
  );
}

/** Answers whether a real path is one of the repo's own sources. */
function openSourceTest(repo: string): (real: string) => boolean {
  try {
    const sources = Deno.realPathSync(`${repo}/clients`);
    return (real) => isInside(real, sources, platformOf());
  } catch {
    return () => false;
  }
}

/** Where a folder of the home is, or would be made. */
function realFolder(home: string, folder: string): string {
  try {
    return Deno.realPathSync(`${home}/${folder}`);
  } catch {
    return folder === "" ? home : realFolder(home, folderOf(folder));
  }
}

/** How a deployed file calls this executable when nobody found out more. */
const EXECUTABLE = "agentos";

/** The system whose path rules hold. */
export const platformOf = currentPlatform;

function absolute(path: string, cwd: string): string {
  const full = /^([A-Za-z]:[\\/]|[\\/])/.test(path) ? path : `${cwd}/${path}`;
  return full.length > 1 ? full.replace(/[\\/]+$/, "") : full;
}
