/**
 * `agentos portfolio check`: what is not filled in, not described, not readable, or should not be there. Exit 0 when nothing
 * is, 1 when something is.
 *
 * @module
 */

import { AppError } from "../../base/errors.ts";
import { currentPlatform } from "../../base/platform.ts";
import { sayCount } from "../../base/say_count.ts";
import { liveSecrets } from "../../base/secrets.ts";
import type { CommandContext, CommandRun } from "../../cli/command.ts";
import { checkFile, type Finding } from "../../portfolio/check.ts";
import type { Portfolio } from "../../portfolio/model.ts";
import { readTokenIfThere } from "../../server/token_file.ts";
import { tokenPath } from "../../base/state_folder.ts";
import { stateFolderOf } from "../sync/open_home.ts";
import { openHere, type RepoFlag } from "./open.ts";

/** The flags as the parser hands them over. */
export interface Flags extends RepoFlag {
  readonly json?: boolean;
}

/** Prints the findings. */
export const run: CommandRun<Flags> = async (flags, context) => {
  const { portfolio, folder } = await openHere(flags, context);
  const findings = await checkAll(portfolio, folder, secretsHere(context));
  const count = (await portfolio.list()).length;
  if (flags.json === true) {
    context.output.answer(
      JSON.stringify({ schema: 1, folder: folder ?? null, files: count, findings }, null, 2),
    );
  } else {
    context.output.answer(
      findings.length === 0 ? `${sayCount(count, "file")}, nothing is missing` : renderFindings(findings),
    );
  }
  return findings.length === 0 ? 0 : 1;
};

/** The findings of every file, and of those that are there and not served. */
async function checkAll(
  portfolio: Portfolio,
  folder: string | undefined,
  live: readonly string[],
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const { filename } of await portfolio.list()) {
    try {
      findings.push(...checkFile(filename, (await portfolio.read(filename)).text, live));
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      findings.push({ kind: "not-served", filename, line: 1, message: error.message });
    }
  }
  for (const { name, isSymlink } of folder === undefined ? [] : [...Deno.readDirSync(folder)]) {
    if (isSymlink && /\.md$/i.test(name)) {
      findings.push({
        kind: "not-served",
        filename: name,
        line: 1,
        message: "it is a symbolic link, which is never served: put the file itself here",
      });
    }
  }
  // What is dangerous first, what is only open last.
  const order: readonly Finding["kind"][] = ["secret", "not-served", "front-matter", "unfilled"];
  return findings.toSorted((left, right) => order.indexOf(left.kind) - order.indexOf(right.kind));
}

/** The token of this machine and the secrets of this environment, to be found verbatim. */
export function secretsHere(context: CommandContext): readonly string[] {
  return liveSecrets(
    Deno.env.toObject(),
    readTokenIfThere(tokenPath(stateFolderOf(context), currentPlatform())),
  );
}

/** One line for each finding, then how many there are of each kind. */
export function renderFindings(findings: readonly Finding[]): string {
  const words = {
    "unfilled": "to fill in",
    "front-matter": "front matter",
    "secret": "SECRET",
    "not-served": "not served",
  };
  const width = Math.max(...findings.map(({ kind }) => words[kind].length));
  const lines = findings.map(({ kind, filename, line, message }) =>
    `${words[kind].padEnd(width)}  ${filename}:${line}  ${message}`
  );
  const files = new Set(findings.map(({ filename }) => filename)).size;
  return [...lines, `${sayCount(findings.length, "finding")} in ${sayCount(files, "file")}`].join("\n");
}
