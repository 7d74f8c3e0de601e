/**
 * Checks of each client: which version is installed and what it can do, and whether its home is as the repo wants it.
 *
 * @module
 */

import { AppError } from "../../base/errors.ts";
import { findProgram } from "../../base/find_program.ts";
import { currentPlatform } from "../../base/platform.ts";
import { sayCount } from "../../base/say_count.ts";
import type { CommandContext } from "../../cli/command.ts";
import type { Ability, SyncClient } from "../../sync/client.ts";
import { isSettled } from "../../sync/model.ts";
import type { ClientReport } from "../../sync/report.ts";
import { type OpenHome, openHomes } from "../sync/open_home.ts";
import { planHome } from "../sync/plan_home.ts";
import { brokenBy, type Check } from "../../status/model.ts";

/** A version that a client tells when it is run takes this long at most. */
const LIMIT_MS = 3_000;

/** What was found out about one client. */
export interface ClientFindings {
  readonly id: string;
  readonly title: string;
  /** Undefined when its program is not on PATH. */
  readonly installed: { readonly program: string; readonly version: string | undefined } | undefined;
  readonly home:
    | {
      readonly kind: "report";
      readonly report: ClientReport;
      readonly deployedFor: string | undefined;
      readonly isDeployed: boolean;
    }
    | { readonly kind: "error"; readonly error: AppError };
  abilities(version: string): readonly Ability[];
}

/** Finds out about one client; nothing is written. */
export async function findOut(client: SyncClient, context: CommandContext): Promise<ClientFindings> {
  const [installed, home] = await Promise.all([findInstalled(client, context), readHome(client, context)]);
  return { id: client.id, title: client.title, installed, home, abilities: client.abilities };
}

async function readHome(client: SyncClient, context: CommandContext): Promise<ClientFindings["home"]> {
  try {
    const [home]: readonly OpenHome[] = await openHomes({ client: [client.id] }, context);
    if (home === undefined) throw new TypeError(`${client.id} has no home`);
    const report = await planHome(home, { only: undefined, take: undefined, merge: false });
    return {
      kind: "report",
      report,
      deployedFor: home.applied?.clientVersion,
      isDeployed: home.applied !== undefined,
    };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { kind: "error", error };
  }
}

/** The version stands in a file beside most installed programs; running it is left for those where it does not. */
async function findInstalled(
  client: SyncClient,
  context: CommandContext,
): Promise<ClientFindings["installed"]> {
  const { program, args } = client.versionCommand;
  let real: string;
  try {
    const found = findProgram(program, {
      path: context.env("PATH") ?? "",
      pathExt: context.env("PATHEXT"),
      unsafeFolders: [],
      platform: currentPlatform(),
    });
    real = Deno.realPathSync(found);
  } catch {
    return undefined;
  }
  for (const file of client.versionFiles(real)) {
    const version = readVersionFile(client, file);
    if (version !== undefined) return { program: real, version };
  }
  try {
    const { success, stdout } = await new Deno.Command(real, {
      args: [...args],
      stdin: "null",
      stdout: "piped",
      stderr: "null",
      signal: AbortSignal.timeout(LIMIT_MS),
    }).output();
    return {
      program: real,
      version: success ? client.readVersion(new TextDecoder().decode(stdout)) : undefined,
    };
  } catch {
    return { program: real, version: undefined };
  }
}

function readVersionFile(client: SyncClient, file: string): string | undefined {
  try {
    return client.readVersionFile(Deno.readTextFileSync(file));
  } catch {
    // Not installed that way.
    return undefined;
  }
}

/** Judges one client. Pure. */
export function judgeClient(found: ClientFindings): readonly Check[] {
  return [judgeVersion(found), judgeHome(found)];
}

function judgeVersion({ id, title, installed, home, abilities }: ClientFindings): Check {
  const base = { id: `${id}.version`, name: title } as const;
  if (installed === undefined) {
    return { ...base, state: "note", text: "not on PATH", data: { installed: false } };
  }
  const { program, version } = installed;
  if (version === undefined) {
    return {
      ...base,
      state: "note",
      text: `${program} does not say its version; the newest is assumed`,
      data: { installed: true, program, version: null },
    };
  }
  const can = abilities(version);
  const words = can.map(({ has, meaning, otherwise }) => has ? meaning : otherwise);
  const text = `${version}: ${words.join("; ")}`;
  const data = {
    installed: true,
    program,
    version,
    supports: can.filter(({ has }) => has).map((ability) => ability.id),
  };
  const deployedFor = home.kind === "report" ? home.deployedFor : undefined;
  const changed = deployedFor === undefined
    ? undefined
    : abilities(deployedFor).find(({ has }, index) => has !== can[index]?.has);
  return changed === undefined ? { ...base, state: "good", text, data } : {
    ...base,
    state: "bad",
    text: `${text} (the last push was for ${deployedFor}, which differs)`,
    next: "agentos sync push",
    data,
  };
}

function judgeHome({ id, title, home, installed }: ClientFindings): Check {
  const base = { id: `${id}.sync`, name: `${title}'s home` } as const;
  if (home.kind === "error") {
    return home.error.code === "sync.no_client"
      ? {
        ...base,
        state: "note",
        text: "not there",
        ...(installed === undefined ? {} : { next: "agentos sync push makes it" }),
        data: { verdict: "absent" },
      }
      : { ...base, ...brokenBy(home.error), data: { verdict: "broken" } };
  }
  const { plan, problems, home: folder, remarks } = home.report;
  const details = remarks.map(({ file, line, message }) => `note: ${file}:${line}  ${message}`);
  if (plan === undefined) {
    return {
      ...base,
      state: "broken",
      text: "the repo has a mistake",
      details: problems.map(({ file, line, message }) => `${file}:${line}: ${message}`),
      next: "agentos sync check",
      data: { verdict: "broken" },
    };
  }
  const { entries } = plan;
  const drifted = entries.filter((entry) => !isSettled(entry));
  const rows = [
    ...drifted.map(({ path, state, reason }) => `${state}  ${folder}/${path}  ${reason}`),
    ...details,
  ];
  const data = { home: folder, entries: entries.length, drifted: drifted.map(({ path }) => path) };
  if (entries.some(({ state }) => state === "invalid")) {
    return {
      ...base,
      state: "broken",
      text: `${folder} holds a file that cannot be read`,
      details: rows,
      next: "agentos sync check",
      data: { ...data, verdict: "broken" },
    };
  }
  if (drifted.length === 0) {
    const text = `in sync (${sayCount(entries.length, "entry", "entries")})${
      details.length === 0 ? "" : `; ${sayCount(details.length, "note")}, see agentos doctor`
    }`;
    return { ...base, state: "good", text, details, data: { ...data, verdict: "in sync" } };
  }
  if (!home.isDeployed) {
    return {
      ...base,
      state: "note",
      text: `${folder}: nothing was deployed yet`,
      details: rows,
      next: "agentos sync push --dry-run --diff shows what it would write",
      data: { ...data, verdict: "not deployed" },
    };
  }
  return {
    ...base,
    state: "bad",
    text: `${drifted.length} of ${entries.length} not in sync`,
    details: rows,
    next: "agentos sync check",
    data: { ...data, verdict: "drifted" },
  };
}
