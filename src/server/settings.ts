/**
 * What the server is told when it starts: flags over environment over the config file over defaults, each checked
 * and made absolute once.
 *
 * Paths are real paths from here on: a link that is turned round later opens nothing new.
 *
 * @module
 */

import { AppError } from "../base/errors.ts";
import { isBareName } from "../base/find_program.ts";
import { isAbsolute, isInside, joinPath, parentOf, type Platform } from "../base/path_rules.ts";
import { findRepo, PORTFOLIO_FOLDER } from "../base/repo.ts";
import type { Root } from "../base/roots.ts";
import { openStateFolder } from "../base/state_folder.ts";
import type { PortfolioSource } from "../portfolio/model.ts";
import type { ToolSettings } from "../tools/define.ts";
import { parsePortVariable } from "./port.ts";

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
}

/** The flags of `agentos serve` that become settings, as the parser hands them over. */
export interface SettingFlags {
  readonly port?: number;
  readonly host?: string;
  readonly root?: readonly string[];
  readonly readOnlyRoot?: readonly string[];
  readonly allowRun?: readonly string[];
  readonly trustRepo?: readonly string[];
  readonly repo?: string;
  readonly extDir?: string;
  readonly logFormat?: "text" | "json";
  readonly logFile?: boolean;
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
  const repo = findRepo(flags.repo ?? sources.env("AGENTOS_REPO"), sources.cwd, platform);
  const portfolio: PortfolioSource = repo === undefined
    ? { kind: "embedded" }
    : { kind: "repo", folder: Deno.realPathSync(joinPath(repo, PORTFOLIO_FOLDER, platform)) };
  const trusted = await readTrusted(flags, sources, stateFolder, platform);
  const settings: ServerSettings = {
    port: flags.port ?? parsePortVariable(sources.env("AGENTOS_PORT")),
    version: sources.version,
    startedAtMs: Date.now(),
    stateFolder,
    repo,
    portfolio,
    log: { format: flags.logFormat ?? "text", file: flags.logFile ?? false },
    tools: {
      roots: readRoots(flags, sources, stateFolder, platform),
      forbidden: [stateFolder],
      trustedRepositories: trusted.repositories,
      extensionFolder: findExtensionFolder(flags.extDir ?? sources.env("AGENTOS_EXT_DIR"), repo, platform),
      allowRun: readAllowRun(flags.allowRun),
      platform,
      pathChecks: true,
    },
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
  for (const { path, writable } of roots) {
    merged.set(path, { path, writable: writable && (merged.get(path)?.writable ?? true) });
  }
  return [...merged.values()];
}

function currentPlatform(): Platform {
  const { os } = Deno.build;
  return os === "windows" || os === "darwin" ? os : "linux";
}

function refuseOtherHosts(host: string | undefined): void {
  if (host === undefined || host === "127.0.0.1" || host === "localhost") return;
  throw new AppError(
    "serve.host_refused",
    `Cannot listen on "${host}": whoever reaches this server can work in your folders, so it serves this machine only`,
  );
}

function readRoots(
  flags: SettingFlags,
  sources: SettingSources,
  stateFolder: string,
  platform: Platform,
): readonly Root[] {
  const fromFlag = flags.root?.map((path) => ({ path, from: "--root" }));
  const fromVariable = splitPathList(sources.env("AGENTOS_FS_ROOTS"), platform)
    .map((path) => ({ path, from: "AGENTOS_FS_ROOTS" }));
  const writable = (fromFlag ?? fromVariable).map((named) => ({ ...named, writable: true }));
  const readOnly = (flags.readOnlyRoot ?? []).map((path) => ({
    path,
    from: "--read-only-root",
    writable: false,
  }));
  return mergeRoots(
    [...writable, ...readOnly].map(({ path, from, writable }) => {
      const real = realFolder(path, from);
      if (parentOf(real, platform) === real) {
        throw new AppError("config.invalid", `Cannot use "${real}" as a root: it holds the whole system`, {
          hint: "Name the folders that your agents work in.",
        });
      }
      if (isInside(real, stateFolder, platform)) {
        throw new AppError("config.invalid", `Cannot use "${real}" as a root: it holds the server's token`, {
          hint: "Name the folders that your agents work in.",
        });
      }
      return { path: real, writable };
    }),
  );
}

function findExtensionFolder(
  named: string | undefined,
  repo: string | undefined,
  platform: Platform,
): string | undefined {
  if (named !== undefined) return realFolder(named, "--ext-dir");
  if (repo === undefined) return undefined;
  const usual = joinPath(joinPath(repo, "clients", platform), "vscode", platform);
  try {
    return realFolder(usual, "--ext-dir");
  } catch {
    return undefined;
  }
}

function readAllowRun(named: readonly string[] | undefined): readonly string[] {
  const programs = (named ?? ["git", "npm", "code"]).map((program) => program.trim());
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

async function readTrusted(
  flags: SettingFlags,
  sources: SettingSources,
  stateFolder: string,
  platform: Platform,
): Promise<{ readonly repositories: readonly string[]; readonly notices: readonly string[] }> {
  const config = joinPath(stateFolder, "config.toml", platform);
  const named = [
    ...(flags.trustRepo ?? []).map((path) => ({ path, from: "--trust-repo" })),
    ...splitPathList(sources.env("AGENTOS_GIT_TRUSTED"), platform)
      .map((path) => ({ path, from: "AGENTOS_GIT_TRUSTED" })),
    ...(await readTrustedFromConfig(config)).map((path) => ({
      path: path.replace(/^~(?=[/\\])/, sources.home),
      from: config,
    })),
  ];
  const repositories = new Set<string>();
  const notices: string[] = [];
  for (const { path, from } of named) {
    if (from === config && !isAbsolute(path, platform)) {
      throw new AppError("config.invalid", `"${path}" in git.trusted is not an absolute path`, {
        where: { file: config },
      });
    }
    try {
      repositories.add(realFolder(path, from));
    } catch (error) {
      // A flag was typed just now; the others are lists that outlive the folders they name.
      if (from === "--trust-repo" || !(error instanceof AppError)) throw error;
      notices.push(`${error.message}; it is not trusted.`);
    }
  }
  return { repositories: [...repositories], notices };
}

async function readTrustedFromConfig(file: string): Promise<readonly string[]> {
  let text: string;
  try {
    text = Deno.readTextFileSync(file);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return [];
    throw new AppError("config.invalid", `Cannot read "${file}"`, { cause });
  }
  const { parseTrustedRepositories } = await import("./config_file.ts");
  return parseTrustedRepositories(text, file);
}

function splitPathList(list: string | undefined, platform: Platform): string[] {
  return (list ?? "").split(platform === "windows" ? ";" : ":").filter((path) => path.trim() !== "");
}

function realFolder(path: string, from: string): string {
  let isFolder: boolean;
  let real: string;
  try {
    real = Deno.realPathSync(path);
    isFolder = Deno.statSync(real).isDirectory;
  } catch (cause) {
    throw new AppError("config.invalid", `The folder "${path}" of ${from} is not there`, { cause });
  }
  if (!isFolder) throw new AppError("config.invalid", `"${path}" of ${from} is not a folder`);
  return real;
}
