/**
 * Leaving a standing answer behind: after a push every home is compared once more as a later check would, and what that
 * went by is recorded when all of it is in sync and at rest.
 *
 * @module
 */

import type { CommandContext } from "../../cli/command.ts";
import { configPath, openConfig } from "../../config/read.ts";
import { locateRepo } from "../../config/repo.ts";
import { tokenPath } from "../../base/state_folder.ts";
import { environmentPaths } from "../../sync/environment.ts";
import { isInSync } from "../../sync/model.ts";
import { listSourceFolders, manifestPath } from "../../sync/read.ts";
import { writeOwnFile } from "../../sync/replace_file.ts";
import { type ClientReport, renderText } from "../../sync/report.ts";
import {
  type Asked,
  readStanding,
  restedAt,
  stampOf,
  type Standing,
  standingPath,
} from "../../sync/standing.ts";
import type { MachineInquiry } from "./inquire.ts";
import { homeOf, type OpenHome, openHomes, platformOf, stateFolderOf } from "./open_home.ts";
import { planHome } from "./plan_home.ts";
import { isAbsolutePath } from "./recall.ts";

/** Longer than this nobody waits for a file to be at rest: its clock runs ahead, or its times are coarse. */
const PATIENCE_MS = 1100;

/** Records the standing answer, or nothing where one would not hold. Never fails a push. */
export async function remember(context: CommandContext, inquiry: MachineInquiry): Promise<void> {
  if (!Deno.build.standalone) return;
  const stateFolder = stateFolderOf(context);
  try {
    const standing = await compareAgain(context, stateFolder, inquiry);
    if (standing === undefined) return;
    const text = JSON.stringify(standing);
    if (text !== JSON.stringify(readStanding(stateFolder))) writeOwnFile(standingPath(stateFolder), text);
  } catch {
    // It is a short cut and nothing else: without it the next check reads everything.
  }
}

/** Removes the standing answer, when nothing is deployed that it could speak of. */
export function forget(context: CommandContext): void {
  try {
    Deno.removeSync(standingPath(stateFolderOf(context)));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

async function compareAgain(
  context: CommandContext,
  stateFolder: string,
  inquiry: MachineInquiry,
): Promise<Standing | undefined> {
  const env: Record<string, string | null> = {};
  const recording: CommandContext = {
    ...context,
    home: context.home,
    env: (name) => {
      const value = context.env(name);
      env[name] = value ?? null;
      return value;
    },
  };
  const config = await openConfig(recording);
  const [first] = config.find("repo").candidates;
  const named = typeof first?.value === "string" ? first.value : undefined;
  const repo = locateRepo(config, undefined, context.cwd)?.folder;
  const before = await openHomes({}, recording);
  const paths = pathsOf(before, context, recording, stateFolder, repo);
  const names = [
    ...[context.home, recording.env("AGENTOS_STATE"), named].filter((path) => path !== undefined),
    ...before.map(({ client }) => client.home(recording.env, context.home)),
    ...paths,
  ];
  // Where a link leads to the home is not among what is stamped.
  if (before.some(({ client, place }) => place.home !== homeOf(client, recording))) return undefined;
  // What depends on the current folder is another question in another folder.
  if (!names.every(isAbsolutePath)) return undefined;
  const stamps = await stampAtRest(paths);
  if (stamps === undefined) return undefined;
  const homes = await openHomes({}, recording);
  const reports = await Promise.all(
    homes.map((home) => planHome(home, { only: undefined, take: undefined, merge: false })),
  );
  if (!reports.every(isSettledReport)) return undefined;
  if (!isSameList(paths, pathsOf(homes, context, recording, stateFolder, repo))) return undefined;
  if (!isSameList(stamps, paths.map((path) => stampOf(path) ?? ""))) return undefined;
  const executable = inquiry.findExecutable(context);
  const asked = await Promise.all(homes.map(async ({ client }): Promise<Asked> => ({
    ...client.versionCommand,
    said: await inquiry.sayVersion(client) ?? null,
  })));
  return {
    schema: 1,
    userHome: context.home,
    env,
    repo: { named: named ?? null, folder: repo ?? null },
    paths,
    stamps,
    asked,
    executable,
    answers: {
      check: renderText("check", reports, { isDryRun: true, userHome: context.home }),
      push: homes.every((home, index) => isIdle(home, asked[index]?.said ?? undefined, executable))
        ? renderText("push", reports, { isDryRun: false, userHome: context.home })
        : null,
    },
  };
}

function isSettledReport({ plan, problems }: ClientReport): boolean {
  return problems.length === 0 && plan !== undefined && isInSync(plan);
}

/** True when a push that asks would deploy what the last one did. */
function isIdle({ client, applied }: OpenHome, said: string | undefined, executable: string): boolean {
  const version = said === undefined ? applied?.clientVersion : client.readVersion(said);
  return applied !== undefined && version === applied.clientVersion &&
    applied.choices.executable === executable;
}

/** Everything that a check looks at, and what a push keeps besides. */
function pathsOf(
  homes: readonly OpenHome[],
  { home: userHome }: CommandContext,
  { env }: CommandContext,
  stateFolder: string,
  repo: string | undefined,
): readonly string[] {
  const own = [
    Deno.execPath(),
    configPath(stateFolder),
    tokenPath(stateFolder, platformOf()),
    ...environmentPaths(stateFolder, env, userHome),
  ];
  const ofHomes = homes.flatMap(({ client, place, source, actual }) => [
    manifestPath(stateFolder, client.id, place.home),
    ...[...actual.keys()].map((path) => `${place.home}/${path}`),
    ...(repo === undefined ? [] : [
      `${repo}/clients/${client.id}`,
      ...listSourceFolders(repo, client.sources).map((path) => `${repo}/${path}`),
    ]),
    ...(source.repo === repo ? source.files.map(({ path }) => `${repo}/${path}`) : []),
  ]);
  return [...new Set([...own, ...ofHomes])];
}

/** Stamps of paths that all have been at rest; waits a moment for what was just written. */
async function stampAtRest(paths: readonly string[]): Promise<readonly string[] | undefined> {
  for (let waitedMs = 0;;) {
    const now = Date.now();
    const stamps = paths.map((path) => stampOf(path) ?? "");
    if (stamps.includes("")) return undefined;
    const leftMs = restedAt(stamps) - now;
    if (leftMs < 0) return stamps;
    waitedMs += leftMs + 1;
    if (waitedMs > PATIENCE_MS) return undefined;
    await new Promise((resolve) => setTimeout(resolve, leftMs + 1));
  }
}

function isSameList(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((item, index) => item === right[index]);
}
