/**
 * The seal of a unit file: one line that says who wrote it, with a hash of everything else, so that a file which
 * somebody edited is told from one that an older agentos wrote. Pure.
 *
 * @module
 */

const OPEN = "0".repeat(64);
const SEAL = /agentos service install, sha256 ([0-9a-f]{64})/;

/** The line that a unit file carries as a comment before it is sealed. */
export const OPEN_SEAL = `Written by agentos service install, sha256 ${OPEN}`;

/** A unit file, compared with the one that would be written now. */
export type UnitVerdict = "absent" | "current" | "outdated" | "edited" | "foreign";

/** Puts the hash in its place. The text holds {@link OPEN_SEAL} once. */
export async function sealUnit(text: string): Promise<string> {
  return text.replace(OPEN, await hashOf(text));
}

/**
 * What a unit file is to us.
 *
 * @param present its text; undefined when there is none
 * @param wanted the sealed text that would be written now; without it, `current` is never answered
 */
export async function judgeUnit(present: string | undefined, wanted?: string): Promise<UnitVerdict> {
  if (present === undefined) return "absent";
  if (present === wanted) return "current";
  const seal = SEAL.exec(present)?.[1];
  if (seal === undefined) return "foreign";
  return await hashOf(present.replace(seal, OPEN)) === seal ? "outdated" : "edited";
}

async function hashOf(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
