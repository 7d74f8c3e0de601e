/**
 * `config.toml` in the state folder: settings that outlive a command line. Pure; loaded only when there is one.
 *
 * @module
 */

import { parse, TomlError } from "smol-toml";
import { AppError } from "../base/errors.ts";

/**
 * The paths of `trusted` in the table `[git]`, as written. Other keys belong to others and are let alone.
 *
 * @param file for messages
 * @throws {AppError} config.invalid with line and column
 */
export function parseTrustedRepositories(text: string, file: string): readonly string[] {
  const git = parseToml(text, file).git;
  if (git === undefined) return [];
  if (typeof git !== "object" || git === null || !("trusted" in git)) return [];
  const { trusted } = git;
  if (Array.isArray(trusted) && trusted.every((path) => typeof path === "string")) return trusted;
  throw new AppError("config.invalid", "git.trusted must be a list of paths in quotes", {
    where: { file },
    hint: 'Write it like this: [git] and, on the next line, trusted = ["/home/me/code/project"]',
  });
}

function parseToml(text: string, file: string): Readonly<Record<string, unknown>> {
  try {
    return parse(text);
  } catch (cause) {
    if (!(cause instanceof TomlError)) throw cause;
    const reason = cause.message.split("\n")[0]?.replace(/^Invalid TOML document: /, "") ?? "";
    throw new AppError("config.invalid", `This is not TOML: ${reason}`, {
      where: { file, line: cause.line, column: cause.column },
      cause,
    });
  }
}
