/**
 * Which agentos this is. `deno.json` is the one place that holds the number.
 *
 * @module
 */

import config from "../../deno.json" with { type: "json" };

/** The version of agentos, as `major.minor.patch`. */
export const VERSION: string = config.version;

/** What `agentos --version` prints: the program, and the runtime and machine it was built for. */
export function renderVersion(): string {
  return `agentos ${VERSION} (deno ${Deno.version.deno}, ${Deno.build.target})`;
}
