/**
 * The vocabulary of syncing: source, target, actual, applied; what may be true of one entry, and what is done about it.
 *
 * *source* is the home repo; *target* is what a client's home should hold; *actual* is what it holds; *applied* is what
 * we last wrote there, kept in the state folder and never in the client's home. Types and closed lists only.
 *
 * @module
 */

/** The groups that `--only` names. */
export const ENTRY_KINDS = ["config", "profiles", "memories", "skills", "agents-md", "hook"] as const;

/** One of {@link ENTRY_KINDS}. */
export type EntryKind = typeof ENTRY_KINDS[number];

/** How our part sits in a file: all of it, owned key paths in somebody's TOML, or a marked block in Markdown. */
export type FormatId = "whole-file" | "toml-keys" | "markdown-block";

/**
 * What is true of one entry, from three texts: what the repo wants, what the home holds, what we last wrote.
 * The table in ARCHITECTURE.md says what each command does with each; tests loop over it.
 */
export const ENTRY_STATES = [
  "clean",
  "missing",
  "stale",
  "edited",
  "conflict",
  "foreign",
  "orphan",
  "orphan-edited",
  "adoptable",
  "overridden",
  "native",
  "invalid",
] as const;

/** One of {@link ENTRY_STATES}. */
export type EntryState = typeof ENTRY_STATES[number];

/** What a command does, or would do, with one entry. */
export type EntryAction = "none" | "write" | "remove" | "adopt" | "keep" | "refuse";

/** One file that a client's home should hold, or should hold a part of. */
export interface TargetEntry {
  /** Relative to the client's home, with forward slashes, no `..`. */
  readonly path: string;
  readonly kind: EntryKind;
  readonly format: FormatId;
  /** The whole file, the TOML fragment, or the block's inside; every token expanded. */
  readonly content: string;
  /** The file of the repo that it comes from, for messages: `clients/codex/config-fragment.toml`. */
  readonly source: string;
  /** Parts of the content that come from other files, in order: a mistake in one is named there. */
  readonly parts?: readonly TextPart[];
  /** True for a script: its user may run the file. */
  readonly executable?: boolean;
  /**
   * Paths of a structured file that older versions of ours wrote and nobody understands any more: taken out when they
   * stand inside our block in a home without a record.
   */
  readonly retired?: readonly (readonly string[])[];
  /** A part at the end that is left out, and refused by itself, when something of the user's stands against it. */
  readonly optional?: OptionalPart;
}

/** See {@link TargetEntry.parts}. */
export interface TextPart {
  /** The line of the content, from 1, that is the first of `source`. */
  readonly line: number;
  readonly source: string;
}

/** See {@link TargetEntry.optional}. */
export interface OptionalPart {
  readonly kind: EntryKind;
  readonly content: string;
  /** Why it is better left out, and what to do. */
  readonly refusal: string;
}

/** What a client's home should hold. */
export interface Target {
  readonly client: string;
  /** Absolute path. */
  readonly home: string;
  readonly entries: readonly TargetEntry[];
}

/** White space that was added around a managed part when it was put in; removed with it. */
export interface Glue {
  readonly before: string;
  readonly after: string;
}

/** What we last wrote for one entry. */
export interface AppliedEntry {
  readonly kind: EntryKind;
  readonly format: FormatId;
  /** As {@link TargetEntry.content}. */
  readonly content: string;
  readonly glue: Glue;
  /** True when the file did not exist before the first push. */
  readonly created: boolean;
  /**
   * Set when the user chose to keep their own version (`--take home`, `--merge`): what the repo wanted then. While the
   * repo still wants that, the home's version is as agreed; `content` is the version that was agreed on.
   */
  readonly heldAgainst?: string;
  /** The digest of what the entry was last found settled with; see `settled.ts`. Only a short cut: it may be missing. */
  readonly settled?: string;
}

/** What the user chose at the last push; a later command that is not told otherwise goes by it. */
export interface Choices {
  readonly port: number;
  /** How the deployed files call agentos. */
  readonly executable: string;
  readonly agentsMd: boolean;
  readonly hook: boolean;
  /** Whether providers of models are asked through the server's gateway. */
  readonly gateway: boolean;
}

/** The home among {@link Applied.folders}. */
export const HOME_ITSELF = ".";

/** What we last wrote into one home: the manifest. */
export interface Applied {
  /** 1 today; a newer number is refused, never guessed at. */
  readonly schema: 1;
  readonly client: string;
  readonly home: string;
  /** The repo that pushed: its absolute path, or `embedded`. Another repo's push is refused. */
  readonly repo: string;
  /** The executable's version. */
  readonly agentos: string;
  /** The client's version at the last push, as it says it; undefined when it was not found. */
  readonly clientVersion: string | undefined;
  readonly choices: Choices;
  /** ISO 8601. */
  readonly at: string;
  /** Folders below the home that a push made, or the home itself; removed again when they are empty. */
  readonly folders: readonly string[];
  readonly entries: Readonly<Record<string, AppliedEntry>>;
}

/** What a file of the home is, before anything is decided. */
export type ActualFile =
  | { readonly kind: "absent" }
  | {
    readonly kind: "text";
    readonly text: string;
    readonly readOnly: boolean;
    readonly executable: boolean;
    /** True when it is reached through a link of this name, which its user made. */
    readonly isLink?: boolean;
  }
  /** Not UTF-8: the line of the first wrong byte, from 1. */
  | { readonly kind: "not-utf8"; readonly line: number; readonly detail: string }
  /** A folder, FIFO, socket, device, hard-linked or unreadable file: never touched. */
  | { readonly kind: "unusable"; readonly reason: string };

/** The bit of a file's mode that lets its user run it. */
export const MAY_RUN = 0o100;

/** Whose version wins where both changed; undefined asks for neither. */
export type Take = "repo" | "home" | undefined;

/** A remark on one entry with its line in the file, from 1. */
export interface EntryNote {
  readonly line: number;
  readonly message: string;
}

/** One entry, decided. */
export interface PlannedEntry {
  readonly path: string;
  readonly kind: EntryKind;
  readonly format: FormatId;
  readonly state: EntryState;
  readonly action: EntryAction;
  /** Why, in words; empty for `clean`. */
  readonly reason: string;
  readonly line: number | undefined;
  readonly column: number | undefined;
  /** The file's text before, undefined when there was none. */
  readonly before: string | undefined;
  /** The file's text after a `write`; undefined after a `remove`. */
  readonly after: string | undefined;
  /** True when a `write` makes it a file that its user may run. */
  readonly executable: boolean;
  /** What the manifest holds of it afterwards; undefined when it forgets the entry. */
  readonly applied: AppliedEntry | undefined;
  /** Where the trouble lies: the file of the home, or the repo's source. */
  readonly place: "home" | "source";
  readonly source: string;
  readonly notes: readonly EntryNote[];
}

/** Everything one command will do in one home. */
export interface Plan {
  readonly client: string;
  readonly home: string;
  readonly entries: readonly PlannedEntry[];
}

/** True when an entry is as the repo wants it, or as its user chose against the repo. */
export function isSettled({ state, action }: Pick<PlannedEntry, "state" | "action">): boolean {
  return state === "clean" || state === "adoptable" || state === "native" ||
    (state === "overridden" && action === "keep");
}

/** True when every entry of the home is settled. */
export function isInSync(plan: Plan): boolean {
  return plan.entries.every(isSettled);
}

/** True when something cannot be done without the user. */
export function isRefused(plan: Plan): boolean {
  return plan.entries.some(({ action }) => action === "refuse");
}

/** True for a path that stays below its folder: relative, no empty part, no `..`, no drive, no NUL. */
export function isSafePath(path: string): boolean {
  return path !== "" && !path.includes("\0") && !path.includes("\\") && !/^[A-Za-z]:/.test(path) &&
    path.split("/").every((part) => part !== "" && part !== "." && part !== "..");
}

/** How `agentos env` can say it; `systemd`, `launchctl` and `setx` are for programs that no shell starts. */
export const SHELLS = ["sh", "fish", "powershell", "systemd", "launchctl", "setx"] as const;

/** One of {@link SHELLS}. */
export type Shell = typeof SHELLS[number];
