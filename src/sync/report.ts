/**
 * What a sync command says: the verdict first, then a line for each entry that is not in sync or was changed; the same
 * as JSON. Pure.
 *
 * @module
 */

import { maskControls } from "../base/control_characters.ts";
import { shortenPath } from "../base/home_path.ts";
import { sayCount } from "../base/say_count.ts";
import type { SourceProblem } from "./client.ts";
import {
  type EntryAction,
  type EntryState,
  isInSync,
  isSettled,
  type Plan,
  type PlannedEntry,
} from "./model.ts";
import type { PlacedRemark } from "./remarks.ts";

/** The commands that report a plan. */
export type SyncCommand = "push" | "check" | "clean";

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
    readonly remarks: readonly PlacedRemark[];
    /** Mistakes in the repo that keep anything from being planned. */
    readonly problems?: readonly SourceProblem[];
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
  readonly remarks: readonly PlacedRemark[];
}

/** What a text says it in. */
export interface Manner {
  /** True when nothing was carried out. */
  readonly isDryRun: boolean;
  /** The user's home folder, shown as `~`. */
  readonly userHome: string;
}

/** Renders the JSON report. Entries in sync are listed too, so that a reader can count them. */
export function renderJson(command: SyncCommand, clients: readonly ClientReport[]): JsonReport {
  return {
    schema: 1,
    command,
    clients: clients.map(({ client, home, plan, problems, remarks }) => ({
      client,
      home,
      entries: (plan?.entries ?? []).map(jsonEntry),
      remarks,
      ...(problems.length === 0 ? {} : { problems }),
    })),
    drift: clients.some(isDrifted),
  };
}

function jsonEntry({ path, kind, state, action, reason, line }: PlannedEntry): JsonEntry {
  return { path, kind, state, action, reason, ...(line === undefined ? {} : { line }) };
}

function isDrifted({ plan, problems }: ClientReport): boolean {
  return problems.length > 0 || (plan !== undefined && !isInSync(plan));
}

/**
 * Renders the text: verdict, then a line an entry, then remarks, then what to do. A name on a disk may hold anything; it
 * must not drive the terminal, nor end its line and begin a forged one.
 */
export function renderText(command: SyncCommand, clients: readonly ClientReport[], manner: Manner): string {
  return clients.flatMap((client) => renderClient(command, client, manner)).map(maskControls).join("\n");
}

function renderClient(command: SyncCommand, client: ClientReport, manner: Manner): readonly string[] {
  const { plan, title, home, problems, remarks } = client;
  const short = (path: string): string => shortenPath(path, manner.userHome);
  if (plan === undefined) {
    const lines = problems.map((problem) => `  ${renderProblem(problem)}`);
    return [`${title}: cannot ${command}, the repo has to be corrected first`, ...lines];
  }
  const notable = plan.entries.filter((entry) => isNotable(command, entry));
  const words = notable.map((entry) =>
    command === "check" ? entry.state : say(entry.action, manner.isDryRun)
  );
  const width = Math.max(...words.map(({ length }) => length), 0);
  return [
    `${title}: ${verdict(command, plan, manner.isDryRun)}`,
    ...notable.flatMap((entry, index) =>
      renderEntry(
        command === "clean" && entry.state === "orphan" ? { ...entry, reason: "", line: undefined } : entry,
        short(placeOf(entry, home)),
        (words[index] ?? "").padEnd(width),
      )
    ),
    ...remarks.map(({ file, line, message }) => `  note: ${short(file)}:${line}  ${message}`),
    ...nextSteps(command, plan),
  ];
}

/** `file:line:column: message`. */
function renderProblem({ file, line, column, message }: SourceProblem): string {
  return `${file}:${line}${column === undefined ? "" : `:${column}`}: ${message}`;
}

function isNotable(command: SyncCommand, { state, action, notes }: PlannedEntry): boolean {
  if (command === "check") return state !== "clean" || notes.length > 0;
  return action !== "none" || notes.length > 0;
}

const SAID: Readonly<Record<EntryAction, readonly [done: string, planned: string]>> = {
  none: ["unchanged", "unchanged"],
  write: ["wrote", "would write"],
  remove: ["removed", "would remove"],
  adopt: ["adopted", "would adopt"],
  keep: ["kept", "would keep"],
  refuse: ["left alone", "would leave alone"],
};

function say(action: EntryAction, isDryRun: boolean): string {
  return SAID[action][isDryRun ? 1 : 0];
}

function verdict(command: SyncCommand, plan: Plan, isDryRun: boolean): string {
  const total = plan.entries.length;
  const having = (...actions: readonly EntryAction[]): number =>
    plan.entries.filter(({ action }) => actions.includes(action)).length;
  if (command === "check") {
    const drifted = plan.entries.filter((entry) => !isSettled(entry)).length;
    return drifted === 0
      ? `in sync (${sayCount(total, "entry", "entries")})`
      : `${drifted} of ${total} not in sync`;
  }
  const parts = [
    [having("write"), say("write", isDryRun)],
    [having("remove"), say("remove", isDryRun)],
    [having("refuse"), say("refuse", isDryRun)],
  ] as const;
  const done = parts.filter(([number]) => number > 0).map(([number, word]) => `${word} ${number}`);
  const rest = having("none", "adopt", "keep");
  if (done.length === 0) return `nothing to do (${sayCount(total, "entry", "entries")})`;
  return `${done.join(", ")}${rest === 0 ? "" : `, ${rest} as they should be`}`;
}

function renderEntry(
  { reason, line, column, notes }: PlannedEntry,
  file: string,
  word: string,
): readonly string[] {
  const where = line === undefined ? file : `${file}:${line}${column === undefined ? "" : `:${column}`}`;
  const head = `  ${word}  ${where}${reason === "" ? "" : `  ${reason}`}`;
  const rest = notes.filter(({ message }) => message !== reason).map((note) =>
    `  ${"".padEnd(word.length)}  ${file}:${note.line}  ${note.message}`
  );
  return [head, ...rest];
}

/** The file that an entry's line is in: the home's, or the repo's source when the mistake is there. */
export function placeOf({ place, source, path }: PlannedEntry, home: string): string {
  return place === "source" ? source : `${home}/${path}`;
}

function nextSteps(command: SyncCommand, plan: Plan): readonly string[] {
  if (command !== "check" || isInSync(plan)) return [];
  const open = plan.entries.filter((entry) => !isSettled(entry));
  if (open.every(isClash)) return [`  next: ${sayChoice(open)}`];
  // A push would leave a read-only file alone, whatever the repo has for it.
  if (open.every((entry) => isClash(entry) || entry.state === "invalid" || entry.action === "refuse")) {
    return ['  next: correct what is named, then "agentos sync push"'];
  }
  return ['  next: "agentos sync push" (see it first with --dry-run --diff)'];
}

/** States that end by choosing whose version stays. */
const CLASHES: readonly EntryState[] = ["edited", "conflict", "foreign", "orphan-edited", "overridden"];

/** True for an entry of which the user chooses whose version stays. */
export function isClash({ state }: Pick<PlannedEntry, "state">): boolean {
  return CLASHES.includes(state);
}

/** How to choose whose version stays. What the user's TOML defines in a place of its own is theirs alone to take away. */
export function sayChoice(entries: readonly Pick<PlannedEntry, "state">[]): string {
  const other = entries.every(({ state }) => state === "overridden")
    ? "take what is named out of the file and push again"
    : 'the repo\'s with "--take repo"';
  return `keep your version with "agentos sync push --take home", or ${other}`;
}

/** The one line of a pre-session hook; undefined when there is nothing to say. */
export function renderHook(clients: readonly ClientReport[]): string | undefined {
  const drifted = clients.filter(isDrifted);
  if (drifted.length === 0) return undefined;
  const names = drifted.map(({ title, plan, problems }) => {
    const [problem] = problems;
    if (problem !== undefined) return `${title} (${renderProblem(problem)})`;
    const entries = (plan?.entries ?? []).filter((entry) => !isSettled(entry));
    const more = entries.length > 3 ? `, ${entries.length - 3} more` : "";
    return `${title} (${entries.slice(0, 3).map(({ path, state }) => `${path} ${state}`).join(", ")}${more})`;
  });
  return `agentos: not in sync: ${
    maskControls(names.join("; "))
  }; run "agentos sync push", or "agentos sync check" for more`;
}
