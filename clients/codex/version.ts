/**
 * What differs between Codex versions, as far as a deployed config depends on it. Pure.
 *
 * Observed with the real binaries, 2026-11: 0.105 and 0.130 know only `[profiles.*]` tables, 0.134 and later only profile
 * files; `http_headers_helper` is unknown to 0.142 and known to 0.155.
 *
 * @module
 */

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

/** The version in the answer of `codex --version`: `codex-cli 0.169.0`. */
export function readVersion(output: string): string | undefined {
  return /\b(\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?)/.exec(output)?.[1];
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
