/**
 * The pre-session hook in Codex's config, and the entry that makes Codex trust it. Pure.
 *
 * Codex skips a hook that it does not trust without a word. Its trust is a digest of the hook's definition, under a key of
 * the config file's path and the hook's place in it. Observed with Codex 0.169, 2026-11: the digest that its app-server
 * answers to `hooks/list` is the SHA-256 of the definition as JSON with sorted keys, rebuilt here and compared with the
 * real program's in `tests/e2e/`.
 *
 * @module
 */

import type { Place } from "../../src/sync/client.ts";
import { renderTomlString } from "../../src/base/toml_string.ts";

const MATCHER = "startup|resume";
const TIMEOUT_SECONDS = 10;

/** The hook and its trust entry, as TOML. */
export async function renderHook(place: Pick<Place, "home" | "executable">): Promise<string> {
  const command = `${place.executable} sync check --hook codex`;
  const trust = `${place.home}/config.toml:session_start:0:0`;
  return `
[[hooks.SessionStart]]
matcher = "${MATCHER}"
[[hooks.SessionStart.hooks]]
type = "command"
command = ${renderTomlString(command)}
timeout = ${TIMEOUT_SECONDS}

[hooks.state.${renderTomlString(trust)}]
trusted_hash = "${await trustedHash(command)}"
`;
}

/** The digest by which Codex knows this hook. */
export async function trustedHash(command: string): Promise<string> {
  const definition = JSON.stringify({
    event_name: "session_start",
    hooks: [{ async: false, command, timeout: TIMEOUT_SECONDS, type: "command" }],
    matcher: MATCHER,
  });
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(definition));
  return `sha256:${[...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}
