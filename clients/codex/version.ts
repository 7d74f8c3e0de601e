/**
 * What differs between Codex versions, as far as a deployed config depends on it. Pure.
 *
 * Observed with the real binaries, 2026-11: 0.105 and 0.130 know only `[profiles.*]` tables, 0.134 and later only profile
 * files; `http_headers_helper` is unknown to 0.142 and known to 0.155.
 *
 * @module
 */

import type { Ability } from "../../src/sync/client.ts";

/** What a version of Codex understands. */
export interface CodexAbilities {
  /** `<name>.config.toml` beside config.toml instead of `[profiles.<name>]` tables. */
  readonly profileFiles: boolean;
  /** `http_headers_helper` for MCP servers: the token is read at each connection and survives rotation. */
  readonly headersHelper: boolean;
}

/** The abilities of a version as Codex says it; an unknown one counts as the newest. */
export function abilitiesOf(version: string | undefined): CodexAbilities {
  return {
    profileFiles: isAtLeast(version, [0, 134, 0]),
    headersHelper: isAtLeast(version, [0, 155, 0]),
  };
}

/** The version in the answer of `codex --version`: `codex-cli 0.169.0`. A build from source says 0.0.0, which tells nothing. */
export function readVersion(output: string): string | undefined {
  const version = /\b(\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?)/.exec(output)?.[1];
  return version?.startsWith("0.0.0") === true ? undefined : version;
}

/**
 * The files beside an installed Codex that name its version: `bin/codex.js` of the npm package has a `package.json` above
 * it, `bin/codex` of the native package a `codex-package.json` (0.169, npm, 2026-11).
 */
export function versionFiles(program: string): readonly string[] {
  const folder = program.replace(/[\\/][^\\/]*$/, "");
  const above = folder.replace(/[\\/][^\\/]*$/, "");
  return [`${above}/codex-package.json`, `${above}/package.json`];
}

/** The version in one of {@link versionFiles}; undefined for another program's file. */
export function readVersionFile(text: string): string | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null || !("version" in value)) return undefined;
  const isCodex = ("name" in value && value.name === "@openai/codex") ||
    ("variant" in value && value.variant === "codex");
  return isCodex && typeof value.version === "string" ? readVersion(value.version) : undefined;
}

/** What a version can do, in words. */
export function describeAbilities(version: string): readonly Ability[] {
  const { profileFiles, headersHelper } = abilitiesOf(version);
  return [
    {
      id: "profile_files",
      has: profileFiles,
      meaning: "profiles in files of their own",
      otherwise: "profiles in tables of config.toml",
    },
    {
      id: "headers_helper",
      has: headersHelper,
      meaning: "reads the token at each connection",
      otherwise: "takes AGENTOS_TOKEN from its environment",
    },
  ];
}

function isAtLeast(version: string | undefined, least: readonly [number, number, number]): boolean {
  const match = /^(\d+)\.(\d+)\.(\d+)/.exec(version ?? "");
  if (match === null) return true;
  const parts = match.slice(1).map(Number);
  for (const [index, wanted] of least.entries()) {
    const part = parts[index] ?? 0;
    if (part !== wanted) return part > wanted;
  }
  return true;
}
