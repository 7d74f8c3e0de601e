/**
 * `agentos sync pull`: copy what a home holds of ours into the repo's `clients/<id>/runtime/`, for inspection.
 *
 * Nothing reaches the repo when any file holds a secret, or when it would replace a change that is not committed.
 *
 * @module
 */

import { maskControls } from "../../base/control_characters.ts";
import { AppError } from "../../base/errors.ts";
import { isLink } from "../../base/on_disk.ts";
import { showPath } from "../../base/path_rules.ts";
import { sayCount } from "../../base/say_count.ts";
import { liveSecrets } from "../../base/secrets.ts";
import type { CommandRun } from "../../cli/command.ts";
import { type Capture, capture } from "../../sync/capture.ts";
import type { SourceFile } from "../../sync/client.ts";
import type { Applied } from "../../sync/model.ts";
import { TOKENS } from "../../sync/tokens.ts";
import { readText, replaceFile } from "../../sync/replace_file.ts";
import { andMore, hintForInvalid } from "./refusal.ts";
import { type OpenHome, openHomes, type SyncFlags } from "./open_home.ts";

/** The flags of `sync pull`. */
export interface Flags extends SyncFlags {
  readonly dryRun?: boolean;
  readonly force?: boolean;
}

/** Runs the command. */
export const run: CommandRun<Flags> = async (flags, context) => {
  const pulled: Pulled[] = [];
  for (const home of await openHomes(flags, context)) pulled.push(await pullHome(home, flags));
  if (flags.json === true) context.output.answer(JSON.stringify(renderPulled(pulled), null, 2));
  else if (flags.quiet !== true) {
    for (const home of pulled) context.output.answer(describe(home, flags.dryRun === true));
  }
  throwIfFaulty(pulled);
  return 0;
};

/** What was done with one home. */
interface Pulled {
  readonly home: OpenHome;
  readonly applied: Applied;
  /** Where the files went. */
  readonly folder: string;
  readonly captured: Capture;
  /** Paths that were written, or would be. */
  readonly written: readonly string[];
}

async function pullHome(home: OpenHome, flags: Flags): Promise<Pulled> {
  const { applied, source, client, title } = home;
  if (applied === undefined) {
    throw new AppError(
      "sync.manifest",
      `Cannot pull from ${title}: nothing was pushed to "${home.place.home}" yet`,
      { hint: 'Run "agentos sync push" first.' },
    );
  }
  if (source.repo === "embedded") {
    throw new AppError("repo.not_found", "Cannot pull: there is no home repo to write to");
  }
  const captured = capture(
    applied,
    flags.only,
    home.actual,
    { ...home.place, client: client.id, clientTitle: title, repo: source.repo },
    { ...TOKENS, ...client.tokens },
    secretsHere(home),
  );
  refuseSecrets(home, captured);
  const folder = `${source.repo}/${client.runtimeFolder}`;
  const news = captured.files.filter(({ path, text }) => readText(`${folder}/${path}`) !== text);
  refuseLinks(source.repo, client.runtimeFolder, news);
  if (flags.force !== true) await refuseUncommitted(source.repo, client.runtimeFolder, news);
  if (flags.dryRun !== true) { for (const file of news) write(folder, file); }
  return { home, applied, folder, captured, written: news.map(({ path }) => path) };
}

function describe({ home, folder, captured, written }: Pulled, isDryRun: boolean): string {
  const done = isDryRun ? "would be written" : "written";
  return [
    `${home.title}: ${written.length} of ${sayCount(captured.files.length, "file")} ${done} to ${folder}`,
    ...written.map((path) => `  ${showPath(path)}`),
    ...captured.missing.map((path) => `  missing       ${showPath(`${home.place.home}/${path}`)}`),
    ...captured.faults.map(({ path, line, message }) =>
      `  invalid       ${showPath(`${home.place.home}/${path}`)}${line === undefined ? "" : `:${line}`}  ${
        maskControls(message)
      }`
    ),
  ].join("\n");
}

/**
 * A file that is there and cannot be used ends the command as it ends the others; what could be copied is copied.
 *
 * @throws {AppError} sync.refused naming the first place
 */
function throwIfFaulty(pulled: readonly Pulled[]): void {
  const faults = pulled.flatMap(({ home, captured }) =>
    captured.faults.map((fault) => ({ ...fault, file: maskControls(`${home.place.home}/${fault.path}`) }))
  );
  const [first] = faults;
  if (first === undefined) return;
  const { file, line, column, message } = first;
  throw new AppError("sync.refused", `Cannot use it: ${maskControls(message)}${andMore(faults.length - 1)}`, {
    where: {
      file,
      ...(line === undefined ? {} : { line }),
      ...(column === undefined ? {} : { column }),
    },
    hint: hintForInvalid(line),
  });
}

/** The same document as of the other commands; drift is what a home no longer holds, or the repo did not hold yet. */
function renderPulled(pulled: readonly Pulled[]): unknown {
  return {
    schema: 1,
    command: "pull",
    clients: pulled.map(({ home, applied, folder, captured, written }) => ({
      client: home.client.id,
      home: home.place.home,
      folder,
      entries: [
        ...captured.files.map(({ path }) => ({
          path,
          kind: applied.entries[path]?.kind,
          state: written.includes(path) ? "stale" : "clean",
          action: written.includes(path) ? "write" : "none",
          reason: written.includes(path) ? "the home holds another version than the repo's copy" : "",
        })),
        ...captured.missing.map((path) => ({
          path,
          kind: applied.entries[path]?.kind,
          state: "missing",
          action: "none",
          reason: "the home no longer holds it",
        })),
        ...captured.faults.map(({ path, line, message }) => ({
          path,
          kind: applied.entries[path]?.kind,
          state: "invalid",
          action: "refuse",
          reason: message,
          ...(line === undefined ? {} : { line }),
        })),
      ],
    })),
    drift: pulled.some(({ captured, written }) =>
      written.length + captured.missing.length + captured.faults.length > 0
    ),
  };
}

/** The token of this machine and the values of every variable that is named like a secret. */
function secretsHere(home: OpenHome): readonly string[] {
  return liveSecrets(Deno.env.toObject(), readText(`${home.place.stateFolder}/token`)?.trim());
}

function refuseSecrets(home: OpenHome, { secrets }: Capture): void {
  if (secrets.length === 0) return;
  const places = secrets.map(({ path, line, column, kind }) =>
    `${showPath(`${home.place.home}/${path}`)}:${line}:${column} (${kind})`
  );
  throw new AppError("sync.secret", `Cannot pull: what looks like a secret stands in ${places.join(", ")}`);
}

/**
 * Git calls a link clean whatever it leads to; what stands there would be written over, and could not be had back.
 *
 * @throws {AppError} sync.refused naming the links
 */
function refuseLinks(repo: string, folder: string, files: readonly SourceFile[]): void {
  const ways = new Set(files.flatMap(({ path }) => waysTo(`${folder}/${path}`)));
  const links = [...ways].filter((way) => isLink(`${repo}/${way}`)).map(showPath);
  if (links.length === 0) return;
  const what = links.length === 1 ? "is a link" : "are links";
  throw new AppError(
    "sync.refused",
    `Cannot pull: ${links.join(", ")} ${what}, and pull writes through none`,
    {
      hint: "Take the link away, so that a file or folder can take its place.",
    },
  );
}

/** A path and every folder on the way to it: `a`, `a/b`, `a/b/c`. */
function waysTo(path: string): readonly string[] {
  return path.split("/").map((_, index, parts) => parts.slice(0, index + 1).join("/"));
}

/** @throws {AppError} sync.dirty naming files whose uncommitted content would be replaced */
async function refuseUncommitted(repo: string, folder: string, files: readonly SourceFile[]): Promise<void> {
  const present = files.filter(({ path }) => readText(`${repo}/${folder}/${path}`) !== undefined);
  if (present.length === 0) return;
  const status = await gitStatus(repo, present.map(({ path }) => `${folder}/${path}`));
  if (typeof status === "string") {
    throw new AppError(
      "sync.dirty",
      `Cannot pull: ${status}, so what would be replaced in "${repo}/${folder}" could not be had back`,
      { hint: "Keep the repo in git, or add --force to replace it all the same." },
    );
  }
  const dirty = status.rows.map((row) => showPath(row.slice(3)));
  if (dirty.length > 0) {
    throw new AppError("sync.dirty", `Cannot pull: ${dirty.join(", ")} has changes that are not committed`);
  }
}

/** What git says of files that are not as they were committed, a row each; or why it cannot say so. */
async function gitStatus(
  repo: string,
  paths: readonly string[],
): Promise<{ readonly rows: readonly string[] } | string> {
  try {
    const { success, stdout } = await new Deno.Command("git", {
      args: [
        "-C",
        repo,
        // A name such as a[1].md is itself, and no pattern.
        "--literal-pathspecs",
        "status",
        "--porcelain",
        "--untracked-files=all",
        // What git ignores is committed nowhere: it could not be had back either.
        "--ignored=matching",
        "-z",
        "--",
        ...paths,
      ],
      stdin: "null",
      stdout: "piped",
      stderr: "null",
    }).output();
    if (!success) return `"${repo}" is no git repository`;
    return { rows: new TextDecoder().decode(stdout).split("\0").filter((row) => row !== "") };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "there is no git on PATH";
    throw error;
  }
}

function write(folder: string, { path, text, executable }: SourceFile): void {
  const file = `${folder}/${path}`;
  Deno.mkdirSync(file.slice(0, file.lastIndexOf("/")), { recursive: true });
  replaceFile(file, { before: readText(file), after: text, executable: executable === true });
}
