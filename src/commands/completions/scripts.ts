/**
 * The completion scripts, by shell. Each begins with a comment that says whose it is.
 *
 * @module
 */

import bash from "./agentos.bash" with { type: "text" };
import fish from "./agentos.fish" with { type: "text" };
import zsh from "./agentos.zsh" with { type: "text" };

/** The script of each shell that has one. */
export const SCRIPTS: ReadonlyMap<string, string> = new Map(Object.entries({ bash, zsh, fish }));

/** True for a script of ours, of any version. */
export function isOurs(text: string): boolean {
  return text.includes("completion for agentos: asks the executable");
}
