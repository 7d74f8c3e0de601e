/**
 * `agentos service install`: writes the unit, makes the manager start it now and at every log-on, and waits until the
 * server answers. Run again, it brings the unit up to date.
 *
 * @module
 */

import { AppError } from "../../base/errors.ts";
import { isThere } from "../../base/on_disk.ts";
import type { ServeFlags } from "../../base/serve_flags.ts";
import { findProgram } from "../../base/find_program.ts";
import { joinPath, type Platform } from "../../base/path_rules.ts";
import type { CommandContext } from "../../cli/command.ts";
import { openConfig } from "../../config/read.ts";
import { locateRepo } from "../../config/repo.ts";
import { quoteForWindows } from "../../service/words.ts";
import { askHealth, type Neighbour } from "../../server/health.ts";
import { readSettings, type ServerSettings } from "../../server/settings.ts";
import { writeUnit } from "../../service/apply.ts";
import type { ServiceSpec } from "../../service/model.ts";
import { renderByHand } from "../../service/report.ts";
import { writableIn } from "../../service/systemd.ts";
import { judgeUnit, sealUnit, type UnitVerdict } from "../../service/seal.ts";
import {
  NETWORK_VARIABLES,
  parseServeWords,
  planService,
  planWalls,
  renderEnvironment,
  saysAnything,
  secretsIn,
  type ServiceProgram,
} from "../../service/spec.ts";
import { stateFolderOf } from "../sync/open_home.ts";
import {
  editedUnit,
  foreignUnit,
  managerEnvironment,
  type ManagerFlags,
  type OpenService,
  openService,
  requireManager,
} from "./open_service.ts";

/** The flags as the parser hands them over. */
export interface Flags extends ServeFlags, ManagerFlags {
  readonly walls?: boolean;
  readonly start?: boolean;
  readonly print?: boolean;
  readonly force?: boolean;
}

/** With these codes systemd ends a service that it could not set up as asked (systemd.exec(5)). */
const isSetUpFailure = (code: number | undefined): boolean => code !== undefined && code >= 200 && code < 250;

/** How long a manager that does not wait itself is given until the server answers. */
const ANSWER_LIMIT_MS = 15_000;

/**
 * Installs the service, or prints the unit.
 *
 * @throws {AppError} what `agentos serve` throws for its settings; service.no_manager, service.foreign,
 * service.edited, service.failed, serve.port_taken
 */
export async function run(flags: Flags, context: CommandContext): Promise<0> {
  const service = openService(context, flags.manager);
  const { manager, place, caller, present } = service;
  // Nothing said: what the installed unit says still holds.
  const serveFlags = present === undefined || saysAnything(flags)
    ? flags
    : parseServeWords(manager.parseWords(present));
  const { settings, notices } = await readSettingsQuietly(serveFlags, flags.print ?? false, context);
  const walls = decideWalls(flags.walls, settings, service);
  const spec = await specOf(serveFlags, context, service, settings, walls.wanted);
  if (flags.print) {
    context.output.answer((await sealedText(service, spec)).trimEnd());
    return 0;
  }
  for (const notice of [...notices, ...walls.notices, ...variableNotices(service, context)]) {
    context.output.talk(`notice: ${notice}`);
  }
  refuseOthers(await judgeUnit(present), service, flags.force ?? false);
  await requireManager(service, renderByHand(spec));
  const wasRunning = manager.parseState(await caller.ask(manager.state(place))).activity === "running";
  if (!wasRunning && flags.start !== false) await requireFreePort(settings.port);

  const changed = await putUnit(service, spec, context);
  // Also where an earlier run got no further than writing it.
  if (changed || !wasRunning) await caller.make(manager.register(place));
  if (flags.start === false) return 0;
  const isOlder = wasRunning && await runsAnother(settings.port, context.version);
  await startService(service, spec, { changed: changed || isOlder, wasRunning }, context);
  if (isOlder && !changed) context.output.answer("restarted  with this version");
  await reportAnswer(settings, context);
  const linger = lingerHint(service);
  if (linger !== undefined) context.output.talk(`notice: ${linger}`);
  return 0;
}

/** Reading settings makes the state folder; when only looking, it goes again. */
async function readSettingsQuietly(
  flags: ServeFlags,
  onlyLooking: boolean,
  context: CommandContext,
): ReturnType<typeof readSettings> {
  const folder = stateFolderOf(context);
  const wasThere = isThere(folder);
  try {
    return await readSettings(flags, context);
  } finally {
    if (onlyLooking && !wasThere && isThere(folder)) Deno.removeSync(folder);
  }
}

async function specOf(
  flags: ServeFlags,
  context: CommandContext,
  { manager, place, platform }: OpenService,
  settings: ServerSettings,
  wantsWalls: boolean,
): Promise<ServiceSpec> {
  const said = (name: string): boolean => context.env(name) !== undefined;
  const { roots, allowRun, trustedRepositories, extensionFolder } = settings.tools;
  const rootsOf = (writable: boolean): readonly string[] =>
    roots.filter((root) => root.writable === writable).flatMap(({ path, aliases }) => aliases ?? [path]);
  // What the file says stays there; what was found from here would not be found from the service's folder.
  const repo = locateRepo(await openConfig(context), flags.repo, context.cwd);
  const runtimeFolder = managerEnvironment(platform).XDG_RUNTIME_DIR;
  const program = programOf(context, platform);
  return planService(
    program,
    {
      port: flags.port ?? (said("AGENTOS_PORT") ? settings.port : undefined),
      roots: flags.root !== undefined || said("AGENTOS_FS_ROOTS") ? rootsOf(true) : undefined,
      readOnlyRoots: flags.readOnlyRoot === undefined ? undefined : rootsOf(false),
      allowRun: flags.allowRun === undefined ? undefined : allowRun,
      trustedRepositories: flags.trustRepo !== undefined || said("AGENTOS_GIT_TRUSTED")
        ? trustedRepositories
        : undefined,
      repo: repo?.origin?.from === "file" ? undefined : repo?.folder,
      extensionFolder: flags.extDir !== undefined || said("AGENTOS_EXT_DIR") ? extensionFolder : undefined,
      logFormat: flags.logFormat,
      // The Task Scheduler keeps nothing of what a program says.
      logFile: flags.logFile ?? manager.id === "task-scheduler",
      gateway: flags.gateway,
    },
    renderEnvironment({
      path: context.env("PATH") ?? context.env("Path"),
      pathSeparator: platform === "windows" ? ";" : ":",
      stateFolder: said("AGENTOS_STATE") ? settings.stateFolder : undefined,
      sshAgent: context.env("SSH_AUTH_SOCK"),
      runtimeFolder,
      network: readNetwork(context),
    }, platform),
    wantsWalls
      ? planWalls({
        executable: program.path,
        roots,
        stateFolder: settings.stateFolder,
        extensionFolder,
        allowRun,
        home: place.home,
        runtimeFolder,
      }, platform)
      : undefined,
  );
}

function readNetwork({ env }: CommandContext): Readonly<Record<string, string>> {
  return Object.fromEntries(NETWORK_VARIABLES.flatMap((name) => {
    const value = env(name);
    return value === undefined ? [] : [[name, value]];
  }));
}

/** What the user must do by hand so that a variable of theirs reaches the service. */
function variableNotices({ manager }: OpenService, context: CommandContext): readonly string[] {
  const state = context.env("AGENTOS_STATE");
  return [
    ...secretsIn(readNetwork(context)).map((name) =>
      `${name} holds a password and stays out of the unit; "systemctl --user edit agentos" takes it.`
    ),
    // A task has no environment of its own.
    ...state === undefined || manager.id !== "task-scheduler"
      ? []
      : [`the task takes AGENTOS_STATE from your environment: setx AGENTOS_STATE ${quoteForWindows(state)}`],
  ];
}

/** This executable, by its name on PATH where that leads to it, so that an update that turns a link round is followed. */
function programOf(context: CommandContext, platform: Platform): ServiceProgram {
  const file = Deno.execPath();
  if (!Deno.build.standalone) {
    return { path: file, args: ["run", "-A", decodeURIComponent(new URL(Deno.mainModule).pathname)] };
  }
  try {
    const found = findProgram("agentos", {
      path: context.env("PATH") ?? context.env("Path") ?? "",
      pathExt: context.env("PATHEXT"),
      unsafeFolders: [],
      platform,
    });
    if (Deno.realPathSync(found) === Deno.realPathSync(file)) return { path: found, args: [] };
  } catch {
    // Not on PATH: its own path does as well.
  }
  return { path: file, args: [] };
}

/** Whether the unit gets walls around files: as asked, else as the unit there is, else where nothing speaks against. */
function decideWalls(
  asked: boolean | undefined,
  settings: ServerSettings,
  { manager, present }: OpenService,
): { readonly wanted: boolean; readonly notices: readonly string[] } {
  if (manager.id !== "systemd") return { wanted: false, notices: [] };
  if (asked !== undefined) return { wanted: asked, notices: [] };
  const part = findSshPart(settings);
  const wanted = present === undefined ? part === undefined : writableIn(present) !== undefined;
  if (part === undefined || (present !== undefined && !wanted)) return { wanted, notices: [] };
  return {
    wanted,
    notices: [
      wanted
        ? `behind the unit's walls git cannot push over SSH (${part}); where you do, add --no-walls.`
        : `the unit puts no walls around files: behind them git could not push over SSH (${part}). ` +
          "Where you push over HTTPS only, add --walls.",
    ],
  };
}

/** Parts of OpenSSH's own configuration; it refuses to read one whose owner is not root and not the user. */
const SSH_PARTS = "/etc/ssh/ssh_config.d";

/**
 * The file because of which walls would cost more than they give: they take a user namespace, in which root's files
 * seem to be nobody's, and `ssh` (9.2, seen 2026-11) then ends at the first part of its own configuration.
 */
function findSshPart({ tools: { allowRun, platform } }: ServerSettings): string | undefined {
  if (!allowRun.includes("git")) return undefined;
  try {
    const part = [...Deno.readDirSync(SSH_PARTS)].find(({ name }) => name.endsWith(".conf"));
    return part === undefined ? undefined : joinPath(SSH_PARTS, part.name, platform);
  } catch {
    return undefined;
  }
}

async function sealedText({ manager, place }: OpenService, spec: ServiceSpec): Promise<string> {
  return await sealUnit(manager.render(spec, place));
}

/** @throws {AppError} service.foreign, service.edited */
function refuseOthers(verdict: UnitVerdict, { unitFile }: OpenService, force: boolean): void {
  if (verdict === "foreign") throw foreignUnit(unitFile);
  if (verdict === "edited" && !force) throw editedUnit(unitFile);
}

/** Writes the unit when it is not as wanted, and answers whether it did. It is ours to replace. */
async function putUnit(
  service: OpenService,
  spec: ServiceSpec,
  { output }: CommandContext,
): Promise<boolean> {
  const { manager, unitFile, present } = service;
  const wanted = await sealedText(service, spec);
  const verdict = await judgeUnit(present, wanted);
  if (verdict === "current") {
    output.answer(`unchanged  ${unitFile}`);
    return false;
  }
  await writeUnit(unitFile, manager.encode(wanted));
  output.answer(`${verdict === "absent" ? "wrote     " : "replaced  "} ${unitFile}`);
  return true;
}

async function startService(
  service: OpenService,
  spec: ServiceSpec,
  { changed, wasRunning }: { readonly changed: boolean; readonly wasRunning: boolean },
  context: CommandContext,
): Promise<void> {
  const { manager, place, caller } = service;
  if (wasRunning && !changed) return;
  try {
    await caller.make(wasRunning ? manager.restart(place) : manager.start(place));
  } catch (error) {
    const { exitCode } = manager.parseState(await caller.ask(manager.state(place)));
    if (spec.walls === undefined || !isSetUpFailure(exitCode)) throw error;
    context.output.talk(
      `notice: this system cannot put up the unit's walls (exit code ${exitCode}); installing without them.`,
    );
    const written = await sealedText(service, spec);
    await putUnit({ ...service, present: written }, { ...spec, walls: undefined }, context);
    await caller.make([...manager.register(place), ...manager.start(place)]);
  }
}

/** True when the running server is of another version than this executable: it was replaced since. */
async function runsAnother(port: number, version: string): Promise<boolean> {
  const neighbour = port === 0 ? undefined : await askHealth(port);
  return neighbour?.kind === "agentos" && neighbour.health.version !== version;
}

/** @throws {AppError} serve.port_taken */
async function requireFreePort(port: number): Promise<void> {
  if (port === 0) return;
  const neighbour = await askHealth(port);
  if (neighbour.kind === "nobody") return;
  const holder = neighbour.kind === "agentos" ? "an agentos that somebody started" : "another program";
  throw new AppError("serve.port_taken", `Port ${port} is in use by ${holder}; nothing was installed`);
}

async function reportAnswer(
  { port, tools, portfolio }: ServerSettings,
  { output }: CommandContext,
): Promise<void> {
  const roots = tools.roots.map(({ path, writable }) => writable ? path : `${path} (read-only)`);
  output.answer(
    `roots      ${roots.join(", ") || "none: the fs and git tools refuse; name one with --root DIR"}`,
  );
  output.answer(`portfolio  ${portfolio.kind === "repo" ? portfolio.folder : "the example inside agentos"}`);
  if (port === 0) return;
  const deadline = Date.now() + ANSWER_LIMIT_MS;
  let neighbour: Neighbour = await askHealth(port);
  while (neighbour.kind !== "agentos" && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 200));
    neighbour = await askHealth(port);
  }
  if (neighbour.kind !== "agentos") {
    throw new AppError("service.failed", `The service was started, and nothing answers on port ${port}`);
  }
  output.answer(`serving    http://127.0.0.1:${port}/mcp (version ${neighbour.health.version})`);
}

/** A user's systemd ends at log-out, unless the user lingers (loginctl(1)). */
function lingerHint({ manager, place }: OpenService): string | undefined {
  if (manager.id !== "systemd" || place.user === "" || isThere(`/var/lib/systemd/linger/${place.user}`)) {
    return undefined;
  }
  return "it runs while you are logged in; to keep it running after that: loginctl enable-linger";
}
