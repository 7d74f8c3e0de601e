/**
 * What a sync command says: the verdict first, then a line for each entry that is not in sync; the same as JSON. Pure.
 *
 * @module
 */

import type { SourceProblem } from "./client.ts";
import { isInSync, isRefused, isSettled, type Plan, type PlannedEntry } from "./model.ts";

/** The commands that report a plan. */
export type SyncCommand = "push" | "check" | "clean" | "pull" | "undo";

/** One entry in the JSON report, schema 1. */
export interface JsonEntry {
  readonly path: string;
  readonly kind: string;
  readonly state: string;
  readonly action: string;
  readonly reason: string;
  readonly line?: number;
}

/** The JSON report, schema 1: additions are free, renames are not. */
export interface JsonReport {
  readonly schema: 1;
  readonly command: SyncCommand;
  readonly clients: readonly {
    readonly client: string;
    readonly home: string;
    readonly entries: readonly JsonEntry[];
    readonly problems: readonly SourceProblem[];
  }[];
  /** True when some home is not as the repo wants it. */
  readonly drift: boolean;
}

/** One client's outcome: its plan, or why there is none. */
export interface ClientReport {
  readonly client: string;
  readonly title: string;
  readonly home: string;
  readonly plan: Plan | undefined;
  readonly problems: readonly SourceProblem[];
}

/** Renders the JSON report. Entries in sync are listed too, so that a reader can count them. */
export function renderJson(command: SyncCommand, clients: readonly ClientReport[]): JsonReport {
  return {
    schema: 1,
    command,
    clients: clients.map(({ client, home, plan, problems }) => ({
      client,
      home,
      entries: (plan?.entries ?? []).map(jsonEntry),
      problems,
    })),
    drift: clients.some(({ plan, problems }) =>
      problems.length > 0 || (plan !== undefined && !isInSync(plan))
    ),
  };
}

function jsonEntry({ path, kind, state, action, reason, line }: PlannedEntry): JsonEntry {
  return { path, kind, state, action, reason, ...(line === undefined ? {} : { line }) };
}

/** Renders the text: verdict, then what is not in sync, then what to do about it. */
export function renderText(
  command: SyncCommand,
  clients: readonly ClientReport[],
  isDryRun: boolean,
): string {
  return clients.map((client) => renderClient(command, client, isDryRun)).join("\n");
}

function renderClient(command: SyncCommand, client: ClientReport, isDryRun: boolean): string {
  const { plan, title, home, problems } = client;
  if (plan === undefined) {
    const lines = problems.map((problem) => `  ${renderProblem(problem)}`);
    return [`${title}: cannot ${command}, the repo has to be corrected first`, ...lines].join("\n");
  }
  const notable = plan.entries.filter(({ state, notes }) => state !== "clean" || notes.length > 0);
  const lines = notable.flatMap((entry) => renderEntry(entry, home));
  return [`${title}: ${verdict(command, plan, isDryRun)}`, ...lines, ...nextSteps(command, plan)].join("\n");
}

/** `file:line:column: message`. */
export function renderProblem({ file, line, column, message }: SourceProblem): string {
  return `${file}:${line}${column === undefined ? "" : `:${column}`}: ${message}`;
}

function verdict(command: SyncCommand, plan: Plan, isDryRun: boolean): string {
  const total = plan.entries.length;
  const changes = plan.entries.filter(({ action }) => action === "write" || action === "remove").length;
  const refused = plan.entries.filter(({ action }) => action === "refuse").length;
  const drifted = plan.entries.filter((entry) => !isSettled(entry)).length;
  if (command === "check") {
    return isInSync(plan)
      ? `in sync (${count(total, "entry", "entries")})`
      : `${drifted} of ${total} not in sync`;
  }
  const verb = isDryRun ? "would change" : "changed";
  const done = changes === 0 ? "nothing to do" : `${count(changes, "file", "files")} ${verb}`;
  return refused === 0 ? done : `${done}, ${refused} refused`;
}

function count(number: number, one: string, many: string): string {
  return `${number} ${number === 1 ? one : many}`;
}

function renderEntry(entry: PlannedEntry, home: string): readonly string[] {
  const { state, path, reason, line, column, place, source, notes } = entry;
  const file = place === "source" ? source : `${home}/${path}`;
  const where = line === undefined ? file : `${file}:${line}${column === undefined ? "" : `:${column}`}`;
  const head = `  ${state.padEnd(13)} ${where}${reason === "" ? "" : `  ${reason}`}`;
  const rest = notes.filter(({ message }) => message !== reason).map((note) =>
    `  ${"".padEnd(13)} ${file}:${note.line}  ${note.message}`
  );
  return [head, ...rest];
}

function nextSteps(command: SyncCommand, plan: Plan): readonly string[] {
  if (command === "check" && !isInSync(plan)) {
    return ['  next: "agentos sync push" (see it first with --dry-run --diff)'];
  }
  if (!isRefused(plan)) return [];
  const clashes = plan.entries.some(({ state, action }) =>
    action === "refuse" && ["edited", "conflict", "foreign", "orphan-edited"].includes(state)
  );
  return clashes
    ? [
      '  next: keep yours with "agentos sync push --take home", or the repo\'s with "agentos sync push --take repo"',
    ]
    : ["  next: correct the named lines and run the command again"];
}

/** The one line of a pre-session hook; undefined when there is nothing to say. */
export function renderHook(clients: readonly ClientReport[]): string | undefined {
  const drifted = clients.filter(({ plan, problems }) =>
    problems.length > 0 || (plan !== undefined && !isInSync(plan))
  );
  if (drifted.length === 0) return undefined;
  const names = drifted.map(({ title, plan }) => {
    const entries = (plan?.entries ?? []).filter(({ state }) =>
      !["clean", "adoptable", "native"].includes(state)
    );
    return `${title} (${entries.slice(0, 3).map(({ path, state }) => `${path} ${state}`).join(", ")}${
      entries.length > 3 ? ", …" : ""
    })`;
  });
  return `agentos: not in sync: ${
    names.join("; ")
  }; run "agentos sync push" or "agentos sync check" for more`;
}
