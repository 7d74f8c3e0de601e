/**
 * What the commands that write share: the lock, carrying out one home's plan, the token and its environment.
 *
 * @module
 */

import { maskControls } from "../../base/control_characters.ts";
import { AppError } from "../../base/errors.ts";
import { openStateFolder, tokenPath } from "../../base/state_folder.ts";
import type { CommandContext } from "../../cli/command.ts";
import { ensureToken, readTokenIfThere, refuseUnusableToken, stampOf } from "../../server/token_file.ts";
import { applyPlan, type RunReport, withLock } from "../../sync/apply.ts";
import { findSystemdFolder, keepEnvironment } from "../../sync/environment.ts";
import type { Plan } from "../../sync/model.ts";
import type { ClientReport } from "../../sync/report.ts";
import { type OpenHome, platformOf, stateFolderOf } from "./open_home.ts";
import { reportOf } from "./plan_home.ts";

/** How a run is carried out. */
export interface RunOptions {
  readonly command: "push" | "clean";
  readonly quiet: boolean;
}

/**
 * Carries one home's plan out, and answers the report of what was done.
 *
 * @throws {AppError} sync.changed naming files that another program rewrote meanwhile; sync.write_failed
 */
export function carryOut(
  home: OpenHome,
  report: ClientReport,
  options: RunOptions,
  context: CommandContext,
): ClientReport {
  if (report.plan === undefined) return report;
  const { client, place, source, choices, applied } = home;
  const at = new Date().toISOString();
  const { skipped } = applyPlan(report.plan, applied, {
    client: client.id,
    home: place.home,
    repo: source.repo,
    agentos: context.version,
    clientVersion: place.clientVersion,
    choices,
    at,
  }, {
    stateFolder: stateFolderOf(context),
    command: options.command,
    at,
    observe: showProgress(report.plan, options.quiet, context),
  });
  if (skipped.length > 0) {
    throw new AppError(
      "sync.changed",
      `Left alone, because another program wrote it meanwhile: ${maskControls(skipped.join(", "))}`,
    );
  }
  return options.command === "clean" ? report : reportOf(home, report.plan, true);
}

/** Fewer files are written before anybody could read it. */
const PROGRESS_FROM = 40;

function showProgress(
  { entries }: Plan,
  quiet: boolean,
  { output }: CommandContext,
): (step: string) => void {
  const total = entries.filter(({ action }) => action === "write" || action === "remove").length;
  if (quiet || total < PROGRESS_FROM) return () => {};
  let count = 0;
  return (step) => {
    if (/^(renamed|removed) /.test(step)) output.progress?.(`agentos: ${++count} of ${total} files`);
    else if (step === "done") output.progress?.("");
  };
}

/**
 * Holds the lock while `work` runs, after making the state folder, and keeps the environment in step afterwards.
 *
 * @param isDeploying true for work that leads clients to the server: they would be sent a token that it refuses
 * @throws {AppError} token.unsafe for a token that cannot be used, before anything is written
 */
export async function withState<Result>(
  context: CommandContext,
  isDeploying: boolean,
  work: (recovered: RunReport | undefined) => Promise<Result>,
): Promise<Result> {
  const stateFolder = stateFolderOf(context);
  openStateFolder(stateFolder, context.home);
  if (isDeploying) refuseUnusableToken(tokenPath(stateFolder, platformOf()));
  return await withLock(stateFolder, () => {}, async (recovered) => {
    if (recovered !== undefined) context.output.talk("agentos: finished the run that was interrupted before");
    const result = await work(recovered);
    keepToken(context, stateFolder);
    return result;
  });
}

function keepToken(context: CommandContext, stateFolder: string): void {
  const tokenFile = tokenPath(stateFolder, platformOf());
  const systemdFolder = platformOf() === "linux" ? findSystemdFolder(context.env, context.home) : undefined;
  const isDeployed = hasRecord(stateFolder);
  // One that cannot be used was refused where it matters; whoever only takes away is not kept from it.
  const isMissing = stampOf(tokenFile) === undefined;
  const token = isDeployed && isMissing ? ensureToken(tokenFile).token : readTokenIfThere(tokenFile);
  const changed = keepEnvironment({ stateFolder, tokenFile, systemdFolder }, token);
  const conf = changed.find((file) => !file.startsWith(`${stateFolder}/`));
  if (conf !== undefined) {
    context.output.talk(
      `agentos: ${isDeployed ? "wrote" : "removed"} ${conf}, for programs that systemd starts`,
    );
  }
}

function hasRecord(stateFolder: string): boolean {
  return [...Deno.readDirSync(`${stateFolder}/applied`)].some(({ name }) => name.endsWith(".json"));
}
