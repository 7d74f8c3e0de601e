/**
 * What the server is told when it starts: flags over environment over the config file over defaults, each checked
 * and made absolute once.
 *
 * Paths are real paths from here on: a link that is turned round later opens nothing new. The name that a root was
 * given by is kept beside it, as text.
 *
 * @module
 */

import { AppError } from "../base/errors.ts";
import { isBareName } from "../base/find_program.ts";
import { isInside, joinPath, parentOf, type Platform } from "../base/path_rules.ts";
import { currentPlatform } from "../base/platform.ts";
import { findPortfolio } from "../base/repo.ts";
import { aliasOf } from "../base/root_aliases.ts";
import type { Root } from "../base/roots.ts";
import type { ServeFlags } from "../base/serve_flags.ts";
import { openStateFolder } from "../base/state_folder.ts";
import type { Candidate, Origin } from "../config/model.ts";
import { type Config, openConfig } from "../config/read.ts";
import { locateRepo } from "../config/repo.ts";
import { renderOrigin } from "../config/settle.ts";
import type { PortfolioSource } from "../portfolio/model.ts";
import type { ToolSettings } from "../tools/define.ts";
import { type GatewaySettings, readGateway } from "./gateway/settings.ts";

/** How log lines look, and whether they also go to files in the state folder. */
export interface LogSettings {
  readonly format: "text" | "json";
  readonly file: boolean;
}

/** Everything the worker is told; plain data. */
export interface ServerSettings {
  /** 0 for any free one. */
  readonly port: number;
  readonly version: string;
  /** When the supervisor started, in milliseconds since 1970. */
  readonly startedAtMs: number;
  /** Real path. */
  readonly stateFolder: string;
  /** Real path of the home repo. */
  readonly repo: string | undefined;
  readonly portfolio: PortfolioSource;
  readonly log: LogSettings;
  readonly tools: ToolSettings;
  readonly gateway: GatewaySettings;
}

/** The flags of `agentos serve` that become settings, as the parser hands them over. */
export interface SettingFlags extends ServeFlags {
  readonly host?: string;
}

/** What settings are read from besides the flags. */
export interface SettingSources {
  env(name: string): string | undefined;
  readonly cwd: string;
  readonly home: string;
  readonly version: string;
}

/** The settings, and what the user should hear about them. */
export interface ReadSettings {
  readonly settings: ServerSettings;
  /** Sentences. */
  readonly notices: readonly string[];
}

/**
 * Reads the settings. The state folder is made when it is not there; nothing else is written.
 *
 * @throws {AppError} config.invalid, serve.host_refused, repo.not_found, state.unusable
 */
export async function readSettings(flags: SettingFlags, sources: SettingSources): Promise<ReadSettings> {
  const platform = currentPlatform();
  refuseOtherHosts(flags.host);
  const stateFolder = openStateFolder(sources.env("AGENTOS_STATE"), sources.home);
  const config = await openConfig(sources);
  const repo = locateRepo(config, flags.repo, sources.cwd)?.folder;
  const folder = repo === undefined ? undefined : findPortfolio(repo, platform);
  const portfolio: PortfolioSource = folder === undefined ? { kind: "embedded" } : { kind: "repo", folder };
  const trusted = readTrusted(config, flags);
  const settings: ServerSettings = {
    port: config.number("server.port", flags.port),
    version: sources.version,
    startedAtMs: Date.now(),
    stateFolder,
    repo,
    portfolio,
    log: {
      format: config.text("server.log_format", flags.logFormat) === "json" ? "json" : "text",
      file: config.switch("server.log_file", flags.logFile),
    },
    tools: {
      roots: readRoots(config, flags, { stateFolder, cwd: sources.env("PWD"), platform }),
      forbidden: [stateFolder],
      trustedRepositories: trusted.repositories,
      extensionFolder: findExtensionFolder(config, flags.extDir, repo, platform),
      allowRun: readAllowRun(config.texts("server.allow_run", flags.allowRun)),
      platform,
      pathChecks: true,
    },
    gateway: readGateway(config, flags.gateway, sources.env),
  };
  return { settings, notices: trusted.notices };
}

/**
 * Roots without doubles. A folder named both ways is read-only; inside one another, the innermost root decides.
 *
 * @param roots real paths in the order they were given
 */
export function mergeRoots(roots: readonly Root[]): Root[] {
  const merged = new Map<string, Root>();
  for (const { path, writable, aliases = [] } of roots) {
    const before = merged.get(path);
    const names = [...new Set([...before?.aliases ?? [], ...aliases])];
    merged.set(path, {
      path,
      writable: writable && (before?.writable ?? true),
      ...(names.length === 0 ? {} : { aliases: names }),
    });
  }
  return [...merged.values()];
}

function refuseOtherHosts(host: string | undefined): void {
  if (host === undefined || host === "127.0.0.1" || host === "localhost") return;
  throw new AppError(
    "serve.host_refused",
    `Cannot listen on "${host}": whoever reaches this server can work in your folders, so it serves this machine only`,
  );
}

function readRoots(
  config: Config,
  flags: SettingFlags,
  { stateFolder, cwd, platform }: RootPlaces,
): readonly Root[] {
  const named = [
    ...pathsIn(config.find("server.roots", { flag: flags.root }).candidates.slice(0, 1), true),
    ...pathsIn(
      config.find("server.read_only_roots", { flag: flags.readOnlyRoot }).candidates.slice(0, 1),
      false,
    ),
  ];
  return mergeRoots(
    named.map(({ path, origin, writable }) => {
      const real = realRoot(path, origin, stateFolder, platform);
      const alias = aliasOf(path, real, cwd, platform);
      const isName = alias !== undefined && leadsTo(alias, real);
      return { path: real, writable, ...(isName ? { aliases: [alias] } : {}) };
    }),
  );
}

/** What roots are held against. */
interface RootPlaces {
  readonly stateFolder: string;
  /** The current folder as the shell names it (`PWD`), links and all. */
  readonly cwd: string | undefined;
  readonly platform: Platform;
}

function leadsTo(path: string, real: string): boolean {
  try {
    return Deno.realPathSync(path) === real;
  } catch {
    return false;
  }
}

/**
 * The real path of a folder that may be a root.
 *
 * @param origin for messages; undefined where its reader knows
 * @param stateFolder real path
 * @throws {AppError} config.invalid
 */
export function realRoot(
  path: string,
  origin: Origin | undefined,
  stateFolder: string,
  platform: Platform,
): string {
  const real = realFolder(path, origin);
  const why = parentOf(real, platform) === real
    ? "it holds the whole system"
    : isInside(real, stateFolder, platform)
    ? "it holds the server's token"
    : undefined;
  if (why === undefined) return real;
  throw new AppError("config.invalid", `Cannot use ${nameFolder(real, origin)} as a root: ${why}`, {
    hint: "Name the folders that your agents work in.",
  });
}

function nameFolder(path: string, origin: Origin | undefined): string {
  return origin === undefined ? `"${path}"` : `"${path}" of ${renderOrigin(origin)}`;
}

/** Each path with what named it. */
function pathsIn(
  candidates: readonly Candidate[],
  writable: boolean,
): readonly { readonly path: string; readonly origin: Origin; readonly writable: boolean }[] {
  return candidates.flatMap(({ value, origin }) =>
    (Array.isArray(value) ? value : []).map((path) => ({ path, origin, writable }))
  );
}

function findExtensionFolder(
  config: Config,
  flag: string | undefined,
  repo: string | undefined,
  platform: Platform,
): string | undefined {
  const [named] = config.find("server.ext_dir", { flag }).candidates;
  if (typeof named?.value === "string") return realFolder(named.value, named.origin);
  if (repo === undefined) return undefined;
  const usual = joinPath(joinPath(repo, "clients", platform), "vscode", platform);
  try {
    return realFolder(usual, { from: "default" });
  } catch {
    return undefined;
  }
}

function readAllowRun(named: readonly string[]): readonly string[] {
  const programs = named.map((program) => program.trim());
  const wrong = programs.find((program) => !isBareName(program));
  if (wrong === undefined) return [...new Set(programs)];
  throw new AppError(
    "config.invalid",
    `Cannot allow ${JSON.stringify(wrong)}: it is not a bare program name`,
    {
      hint: "Name programs as they are on PATH: --allow-run git,npm",
    },
  );
}

function readTrusted(
  config: Config,
  flags: SettingFlags,
): { readonly repositories: readonly string[]; readonly notices: readonly string[] } {
  const repositories = new Set<string>();
  const notices: string[] = [];
  for (
    const { path, origin } of pathsIn(config.find("git.trusted", { flag: flags.trustRepo }).candidates, false)
  ) {
    try {
      repositories.add(realFolder(path, origin));
    } catch (error) {
      // A flag was typed just now; the others are lists that outlive the folders they name.
      if (origin.from === "flag" || !(error instanceof AppError)) throw error;
      notices.push(`${error.message}; it is not trusted.`);
    }
  }
  return { repositories: [...repositories], notices };
}

/**
 * The real path of a folder that a setting names.
 *
 * @param origin for messages; undefined where its reader knows
 * @throws {AppError} config.invalid
 */
export function realFolder(path: string, origin: Origin | undefined): string {
  let isFolder: boolean;
  let real: string;
  try {
    real = Deno.realPathSync(path);
    isFolder = Deno.statSync(real).isDirectory;
  } catch (cause) {
    throw new AppError("config.invalid", `The folder ${nameFolder(path, origin)} is not there`, { cause });
  }
  if (!isFolder) throw new AppError("config.invalid", `${nameFolder(path, origin)} is not a folder`);
  return real;
}
