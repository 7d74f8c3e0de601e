/**
 * CONFIG_KEYS: every key of `~/.agentos/config.toml`. Reading, checking, `agentos config` and the docs loop over this
 * table; a new setting is a row here.
 *
 * A name is the path in the file; `*` stands for any name, as in `gateway.providers.*.base_url`. Data only.
 *
 * @module
 */

import type { ConfigKey } from "./model.ts";

/** A program as it is called on PATH. */
const PROGRAM = /^[\w+][\w.+-]*$/;

/** A base URL; what else is asked of one is asked where it is used. */
const BASE_URL = /^https?:\/\/[^\s?#@]+$/;

/** The one table of settings, in the order of the docs. */
export const CONFIG_KEYS = {
  "repo": {
    type: { kind: "path" },
    meaning: "the home repo, which holds `context-portfolio/` and `clients/`",
    otherwise: "the first folder upwards that holds `context-portfolio/`, else the copy in the executable",
    variable: "AGENTOS_REPO",
    flag: "--repo",
  },

  "server.port": {
    type: { kind: "number", min: 0, max: 65535, whole: true },
    meaning: "the server's TCP port on 127.0.0.1; 0 for any free one",
    default: 8787,
    variable: "AGENTOS_PORT",
    flag: "--port",
  },
  "server.roots": {
    type: { kind: "paths" },
    meaning: "folders that tools may read and change",
    default: [],
    variable: "AGENTOS_FS_ROOTS",
    flag: "--root",
  },
  "server.read_only_roots": {
    type: { kind: "paths" },
    meaning: "folders that tools may only read",
    default: [],
    flag: "--read-only-root",
  },
  "server.allow_run": {
    type: { kind: "names", pattern: PROGRAM, form: "a bare program name" },
    meaning: "programs that tools may run",
    default: ["git", "npm", "code"],
    flag: "--allow-run",
  },
  "server.ext_dir": {
    type: { kind: "path" },
    meaning: "the VSCode extension's folder",
    otherwise: "`clients/vscode` in the home repo",
    variable: "AGENTOS_EXT_DIR",
    flag: "--ext-dir",
  },
  "server.log_format": {
    type: { kind: "choice", values: ["text", "json"] },
    meaning: "how log lines on stderr look",
    default: "text",
    flag: "--log-format",
  },
  "server.log_file": {
    type: { kind: "switch" },
    meaning: "also log to rotated files in the state folder's `logs/`",
    default: false,
    flag: "--log-file",
  },

  "git.trusted": {
    type: { kind: "paths" },
    meaning: "repositories whose hooks, signing and filters may run; flag, variable and file add up",
    default: [],
    variable: "AGENTOS_GIT_TRUSTED",
    flag: "--trust-repo",
    adds: true,
  },

  "gateway.enabled": {
    type: { kind: "switch" },
    meaning: "serve the model gateway, which passes requests on to the providers",
    default: true,
    flag: "--gateway",
  },
  "gateway.providers.*.base_url": {
    type: {
      kind: "text",
      pattern: BASE_URL,
      form:
        "a URL in quotes that begins with https:// or http:// and holds no ?, # or @ (no key, no password)",
    },
    meaning: "where a provider is asked, served as `/gateway/NAME/v1`",
    otherwise: "none; `openrouter` is known without it",
  },
  "gateway.providers.*.wire": {
    type: { kind: "choice", values: ["responses", "chat"] },
    meaning: "what the provider speaks",
    otherwise: '`"responses"`',
  },
  "gateway.limits.max_cost_per_day_usd": {
    type: { kind: "number", min: 0, max: 1_000_000, whole: false },
    meaning: "refuse requests once a day's cost, as the providers tell it, has reached this",
    otherwise: "no limit",
  },
  "gateway.limits.max_requests_per_minute": {
    type: { kind: "number", min: 0, max: 1_000_000, whole: true },
    meaning: "refuse more requests in a minute than this",
    otherwise: "no limit",
  },
  "gateway.limits.*.max_cost_per_day_usd": {
    type: { kind: "number", min: 0, max: 1_000_000, whole: false },
    meaning: "the same for one model, and so for the role profile that uses it",
    otherwise: "no limit",
  },
  "gateway.limits.*.max_requests_per_minute": {
    type: { kind: "number", min: 0, max: 1_000_000, whole: true },
    meaning: "the same for one model",
    otherwise: "no limit",
  },

  "sync.agents_md": {
    type: { kind: "switch" },
    meaning: "keep a block in `AGENTS.md` that points to the memories",
    otherwise: "as at the last push, at first yes",
    flag: "--agents-md",
  },
  "sync.hook": {
    type: { kind: "switch" },
    meaning: 'deploy a pre-session hook that runs "agentos sync check --hook"',
    otherwise: "as at the last push, at first no",
    flag: "--hook",
  },
  "sync.gateway": {
    type: { kind: "switch" },
    meaning: "let clients ask for models through the server's gateway",
    otherwise: "as at the last push, at first yes; no where `gateway.enabled` is false",
    flag: "--gateway",
  },
} as const satisfies Readonly<Record<string, ConfigKey>>;

/** A name in {@link CONFIG_KEYS}. */
export type ConfigName = keyof typeof CONFIG_KEYS;

/** The names whose rows have a type of this kind. */
export type NamesOf<Kind extends ConfigKey["type"]["kind"]> = {
  [Name in ConfigName]: (typeof CONFIG_KEYS)[Name]["type"]["kind"] extends Kind ? Name : never;
}[ConfigName];

/** The names whose rows have a default. */
export type DefaultedNames = {
  [Name in ConfigName]: (typeof CONFIG_KEYS)[Name] extends { readonly default: unknown } ? Name : never;
}[ConfigName];

/** The row of a name. */
export function keyOf(name: ConfigName): ConfigKey {
  return CONFIG_KEYS[name];
}

/** A name that `path` fills in: `gateway.providers.x.base_url` is an instance of `gateway.providers.*.base_url`. */
export function findName(path: readonly string[]): ConfigName | undefined {
  for (const name of NAMES) {
    const parts = name.split(".");
    if (parts.length === path.length && parts.every((part, at) => part === "*" || part === path[at])) {
      return name;
    }
  }
  return undefined;
}

/** Every name, in the order of the table. */
export const NAMES: readonly ConfigName[] = Object.keys(CONFIG_KEYS).filter(isConfigName);

/** True for a name of the table. */
export function isConfigName(name: string): name is ConfigName {
  return Object.hasOwn(CONFIG_KEYS, name);
}

/** The path of a name, its `*` replaced by `names` in turn. */
export function pathOf(name: ConfigName, names: readonly string[] = []): readonly string[] {
  let next = 0;
  return name.split(".").map((part) => part === "*" ? names[next++] ?? "*" : part);
}

/** A key as a person typed it: its row, and what stands for each `*`. */
export interface AskedKey {
  readonly name: ConfigName;
  readonly path: readonly string[];
  readonly names: readonly string[];
}

/** Reads `server.port` or `gateway.providers."my own".base_url`; undefined when there is no such key. */
export function parseKey(word: string): AskedKey | undefined {
  const path = splitKey(word);
  const name = findName(path);
  if (name === undefined) return undefined;
  const names = path.filter((_, at) => name.split(".")[at] === "*");
  return { name, path, names };
}

/**
 * The key that was meant where a free name with dots in it stands without its quotes: `gateway.limits.a/b-1.5.max_x` for
 * `gateway.limits."a/b-1.5".max_x`; undefined where quotes would mend nothing.
 */
export function joinFreeName(path: readonly string[]): readonly string[] | undefined {
  for (const name of NAMES) {
    const parts = name.split(".");
    const at = parts.indexOf("*");
    const below = parts.length - at - 1;
    if (at < 0 || path.length <= parts.length) continue;
    const joined = [
      ...path.slice(0, at),
      path.slice(at, path.length - below).join("."),
      ...path.slice(path.length - below),
    ];
    if (findName(joined) === name) return joined;
  }
  return undefined;
}

/** The parts of a dotted key; quotes keep a dot within a part. */
export function splitKey(word: string): readonly string[] {
  const parts = word.match(/"[^"]*"|'[^']*'|[^.]+/g) ?? [];
  return parts.map((part) => part.replace(/^(["'])(.*)\1$/s, "$2"));
}
