/**
 * From the settings that a user named to what a service runs and what it may touch. Pure.
 *
 * Only what a flag or a variable said becomes part of the command line; what stands in the config file is read when
 * the server starts, so that a change there needs no new unit.
 *
 * @module
 */

import { isAbsolute, isInside, joinPath, type Platform } from "../base/path_rules.ts";
import type { Root } from "../base/roots.ts";
import type { ServeFlags } from "../base/serve_flags.ts";
import type { FileWalls, ServiceSpec } from "./model.ts";

/** How agentos is started: a program, and the words before `serve`. */
export interface ServiceProgram {
  readonly path: string;
  readonly args: readonly string[];
}

/** What was said about the server, resolved: absolute paths, and undefined where nobody said anything. */
export interface ServeWords {
  readonly port: number | undefined;
  readonly roots: readonly string[] | undefined;
  readonly readOnlyRoots: readonly string[] | undefined;
  readonly allowRun: readonly string[] | undefined;
  readonly trustedRepositories: readonly string[] | undefined;
  readonly repo: string | undefined;
  readonly extensionFolder: string | undefined;
  readonly logFormat: "text" | "json" | undefined;
  readonly logFile: boolean;
  readonly gateway: boolean | undefined;
}

/** The command line of `agentos serve`, each flag with its value in one word. */
export function renderServeWords(words: ServeWords): readonly string[] {
  const flag = (name: string, value: string | number | undefined): readonly string[] =>
    value === undefined ? [] : [`--${name}=${value}`];
  const flags = (name: string, values: readonly string[] = []): readonly string[] =>
    values.flatMap((value) => flag(name, value));
  return [
    "serve",
    ...flag("port", words.port),
    ...flags("root", words.roots),
    ...flags("read-only-root", words.readOnlyRoots),
    ...flag("allow-run", words.allowRun?.join(",")),
    ...flags("trust-repo", words.trustedRepositories),
    ...flag("repo", words.repo),
    ...flag("ext-dir", words.extensionFolder),
    ...flag("log-format", words.logFormat),
    ...words.logFile ? ["--log-file"] : [],
    ...words.gateway === undefined ? [] : [words.gateway ? "--gateway" : "--no-gateway"],
  ];
}

/** The flags in a unit's words; undoes {@link renderServeWords}. Words that it would not write are passed over. */
export function parseServeWords(words: readonly string[]): ServeFlags {
  const said = words.slice(words.indexOf("serve") + 1);
  const all = (name: string): readonly string[] =>
    said.filter((word) => word.startsWith(`--${name}=`)).map((word) => word.slice(name.length + 3));
  const list = <Name extends string>(
    key: Name,
    values: readonly string[],
  ): Partial<Record<Name, readonly string[]>> | Record<never, never> =>
    values.length === 0 ? {} : { [key]: values };
  const [port] = all("port");
  const [repo] = all("repo");
  const [extDir] = all("ext-dir");
  const [logFormat] = all("log-format");
  return {
    ...port === undefined || !/^\d{1,5}$/.test(port) ? {} : { port: Number(port) },
    ...list("root", all("root")),
    ...list("readOnlyRoot", all("read-only-root")),
    ...list("allowRun", all("allow-run").flatMap((programs) => programs.split(","))),
    ...list("trustRepo", all("trust-repo")),
    ...repo === undefined ? {} : { repo },
    ...extDir === undefined ? {} : { extDir },
    ...logFormat === "text" || logFormat === "json" ? { logFormat } : {},
    ...said.includes("--log-file") ? { logFile: true } : {},
    ...said.includes("--gateway") ? { gateway: true } : {},
    ...said.includes("--no-gateway") ? { gateway: false } : {},
  };
}

/** True when the command line said anything about the server. */
export function saysAnything(flags: ServeFlags): boolean {
  const { port, root, readOnlyRoot, allowRun, trustRepo, repo, extDir, logFormat, logFile, gateway } = flags;
  return [port, root, readOnlyRoot, allowRun, trustRepo, repo, extDir, logFormat, logFile, gateway]
    .some((value) => value !== undefined);
}

/** The port in a unit file's command line; undefined when it names none. */
export function portIn(unit: string): number | undefined {
  const port = /--port=(\d{1,5})\b/.exec(unit)?.[1];
  return port === undefined ? undefined : Number(port);
}

/** What the environment of a service is made from. */
export interface EnvironmentSources {
  readonly path: string | undefined;
  readonly pathSeparator: ":" | ";";
  /** Real path, when `AGENTOS_STATE` named it. */
  readonly stateFolder: string | undefined;
  readonly sshAgent: string | undefined;
  /** `XDG_RUNTIME_DIR`, whose sockets keep their names from one log-on to the next. */
  readonly runtimeFolder: string | undefined;
  /** How the network is reached: those of {@link NETWORK_VARIABLES} that are set. */
  readonly network: Readonly<Record<string, string>>;
}

/** Proxies and certificates, as Deno, git and npm go by them. */
export const NETWORK_VARIABLES = [
  ...["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"].flatMap((name) => [name, name.toLowerCase()]),
  "SSL_CERT_FILE",
  "SSL_CERT_DIR",
  "NODE_EXTRA_CA_CERTS",
  "DENO_TLS_CA_STORE",
] as const;

/** The names of variables that hold a password, as proxies may; no unit is given them. */
export function secretsIn(network: EnvironmentSources["network"]): readonly string[] {
  return Object.entries(network).filter(([, value]) => /^([a-z0-9]+:\/\/)?[^/]*@/i.test(value))
    .map(([name]) => name);
}

/**
 * The variables that a service is given: where programs are, the state folder, an SSH agent that stays, and how the
 * network is reached.
 */
export function renderEnvironment(
  sources: EnvironmentSources,
  platform: Platform,
): Readonly<Record<string, string>> {
  const { path, pathSeparator, stateFolder, sshAgent, runtimeFolder, network } = sources;
  const secrets = secretsIn(network);
  const folders = [...new Set((path ?? "").split(pathSeparator))].filter((folder) =>
    isAbsolute(folder, platform)
  );
  const keepsAgent = sshAgent !== undefined && runtimeFolder !== undefined &&
    isInside(sshAgent, runtimeFolder, platform);
  return {
    ...folders.length === 0 ? {} : { PATH: folders.join(pathSeparator) },
    ...stateFolder === undefined ? {} : { AGENTOS_STATE: stateFolder },
    ...keepsAgent ? { SSH_AUTH_SOCK: sshAgent } : {},
    ...Object.fromEntries(Object.entries(network).filter(([name]) => !secrets.includes(name))),
  };
}

/** Where each program that tools may run keeps what it must be able to write, below the home folder. */
const PROGRAM_FOLDERS: Readonly<Record<string, readonly string[]>> = {
  git: [".cache", ".gnupg"],
  npm: [".cache", ".npm"],
  code: [".config/Code", ".vscode", ".vscode-server"],
};

/** What walls around files are computed from. */
export interface WallSources {
  /** Of the program that is run. */
  readonly executable: string;
  readonly roots: readonly Root[];
  readonly stateFolder: string;
  readonly extensionFolder: string | undefined;
  readonly allowRun: readonly string[];
  readonly home: string;
  readonly runtimeFolder: string | undefined;
}

/** The walls that mirror the roots: what tools may change, and what the programs that they run need of their own. */
export function planWalls(sources: WallSources, platform: Platform): FileWalls {
  const { executable, roots, stateFolder, extensionFolder, allowRun, home, runtimeFolder } = sources;
  const isTemporary = (path: string): boolean =>
    ["/tmp", "/var/tmp"].some((folder) => isInside(path, folder, platform));
  const own = allowRun.flatMap((program) => PROGRAM_FOLDERS[program] ?? [])
    .map((below) => joinPath(home, below, platform));
  // Also the link in /tmp that leads to a root must be there for the server that resolves it.
  const named = roots.flatMap(({ path, aliases = [] }) => [path, ...aliases]);
  const places = [executable, ...named, stateFolder, home, extensionFolder];
  const privateTmp = !places.some((path) => path !== undefined && isTemporary(path));
  return {
    writable: [
      ...new Set([
        ...roots.filter(({ writable }) => writable).map(({ path }) => path),
        stateFolder,
        ...extensionFolder === undefined || allowRun.length === 0 ? [] : [extensionFolder],
        ...own,
        // Agents that programs start keep their sockets there.
        ...runtimeFolder === undefined || allowRun.length === 0 ? [] : [runtimeFolder],
        ...privateTmp ? [] : ["/tmp", "/var/tmp"],
      ]),
    ],
    readOnly: roots.filter(({ writable }) => !writable).map(({ path }) => path),
    privateTmp,
  };
}

/** The program with its words, its environment and its walls, as one service. */
export function planService(
  program: ServiceProgram,
  words: ServeWords,
  environment: Readonly<Record<string, string>>,
  walls: FileWalls | undefined,
): ServiceSpec {
  return {
    executable: program.path,
    args: [...program.args, ...renderServeWords(words)],
    environment,
    walls,
  };
}
