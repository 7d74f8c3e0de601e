/**
 * CHANGELOG.md: the section of a release, and the cut that makes one. Pure.
 *
 * @module
 */

import { AppError } from "../../src/base/errors.ts";

const UNRELEASED = "## Unreleased";

/** Numbers of a release: `1.2.3`, or `1.2.3-rc.1` before it. */
export function isVersion(text: string): boolean {
  return /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?$/.test(text);
}

/** What a section holds; undefined when there is none, "" when it is empty. */
export function findSection(text: string, name: string): string | undefined {
  const escaped = name.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const section = new RegExp(`^## ${escaped}(?: .*)?\\n([\\s\\S]*?)(?=^## |(?![\\s\\S]))`, "m").exec(text);
  return section?.[1]?.trim();
}

/**
 * Turns what is unreleased into the section of a version.
 *
 * @param day as YYYY-MM-DD
 * @throws {AppError} config.invalid when nothing is unreleased, or the version has a section
 */
export function cutSection(text: string, version: string, day: string): string {
  const refuse = (message: string, hint: string): AppError =>
    new AppError("config.invalid", message, { where: { file: "CHANGELOG.md" }, hint });
  if (!isVersion(version)) {
    throw refuse(`"${version}" is no version`, "Write it as 1.2.3, or 1.2.3-rc.1.");
  }
  if (findSection(text, version) !== undefined) {
    throw refuse(`There is a section for ${version} already`, "Choose the next version.");
  }
  const unreleased = findSection(text, "Unreleased");
  if (unreleased === undefined || unreleased === "") {
    throw refuse("Nothing is unreleased", `Write what changed for users below "${UNRELEASED}".`);
  }
  return text.replace(UNRELEASED, `${UNRELEASED}\n\n## ${version} (${day})`);
}
