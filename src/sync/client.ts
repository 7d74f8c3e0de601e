/**
 * What a client must tell syncing: where its home is, what it should hold, and what there is its own. Types only; the
 * answers stand in `clients/<id>/sync.ts` and are pure.
 *
 * @module
 */

import type { TargetEntry } from "./model.ts";
import type { Token } from "./tokens.ts";

/** The environment as a lookup; an empty value counts as not set. */
export type EnvView = (name: string) => string | undefined;

/** One file of the home repo (or of its copy in the executable). */
export interface SourceFile {
  /** Relative to the repo, with forward slashes: `clients/shared/memory/git.md`. */
  readonly path: string;
  /** Bytes that are not UTF-8 are escaped: see `base/lossless_text.ts`. */
  readonly text: string;
  /** True when its user may run it. */
  readonly executable?: boolean;
}

/** The parts of the home repo that syncing reads. */
export interface Source {
  /** Absolute path of the repo, or `embedded`. */
  readonly repo: string;
  /** Everything below `clients/<id>/` and `clients/shared/`, by path, in order. */
  readonly files: readonly SourceFile[];
}

/** What differs from machine to machine, and is put in where the source has `{{TOKENS}}`. */
export interface Place {
  /** Absolute path of the client's home. */
  readonly home: string;
  /** Absolute path of AgentOS's state folder. */
  readonly stateFolder: string;
  /** The server's port, 8787 by default. */
  readonly port: number;
  /** Whether the client asks for models through the server's gateway. */
  readonly gateway: boolean;
  /** How to call this executable: an absolute path, or `agentos` when it is on PATH. */
  readonly executable: string;
  readonly platform: "linux" | "darwin" | "windows";
  /** As the client says it, `0.169.0`; undefined when it is not installed. */
  readonly clientVersion: string | undefined;
}

/** What a user chose for this push. */
export interface TargetOptions {
  readonly agentsMd: boolean;
  readonly hook: boolean;
}

/** Why no target could be made, with the place in the repo. */
export interface SourceProblem {
  readonly file: string;
  readonly line: number;
  readonly column: number | undefined;
  readonly message: string;
}

/** A setting in a home's file, as it is after what was planned. */
export interface Setting {
  readonly value: unknown;
  /** From 1, in the file as it is on disk. */
  readonly line: number;
}

/** A home as a client looks at it for its remarks. */
export interface HomeView {
  /** The paths that are deployed. */
  readonly deployed: ReadonlySet<string>;
  /** True when a watched file is there and holds more than blanks. */
  holds(path: string): boolean;
  /** What stands at a key path of a TOML file that is deployed to. */
  setting(path: string, key: readonly string[]): Setting | undefined;
}

/** Something worth telling that is no drift: a setting of the user's that works against ours. */
export interface Remark {
  /** Relative to the home. */
  readonly path: string;
  readonly line: number;
  readonly message: string;
}

/** Something that some versions of a client can do and others cannot, as far as it matters here. */
export interface Ability {
  /** For programs. */
  readonly id: string;
  readonly has: boolean;
  /** What it means that the version can, and that it cannot, in a few words. */
  readonly meaning: string;
  readonly otherwise: string;
}

/** A client's sync facet. */
export interface SyncClient {
  /** As `CLIENTS` has it: `codex`. */
  readonly id: string;
  readonly title: string;
  /** The folder below the repo that `pull` writes into: `clients/codex/runtime`. */
  readonly runtimeFolder: string;
  /** The files and folders of the repo that a target is made from; nothing else there is read. */
  readonly sources: readonly string[];
  /** The variable that names the home. */
  readonly homeVariable: string;
  /** The client's home for this user, as the client itself takes it. */
  home(env: EnvView, userHome: string): string;
  /** How to ask the installed client for its version, and how to read the answer. */
  readonly versionCommand: { readonly program: string; readonly args: readonly string[] };
  readVersion(output: string): string | undefined;
  /** Files of an installation that name its version, given the program's real path; not all installations have one. */
  versionFiles(program: string): readonly string[];
  readVersionFile(text: string): string | undefined;
  /** What a version can do, always the same abilities in the same order. */
  abilities(version: string): readonly Ability[];
  /** What the home should hold, or all that is wrong in the source. Pure; a promise, so that rare parts load late. */
  target(
    source: Source,
    place: Place,
    options: TargetOptions,
  ): Promise<{ readonly entries: readonly TargetEntry[] } | { readonly problems: readonly SourceProblem[] }>;
  /** True for paths (relative to the home) that are the client's own state: invisible to every command. */
  isNative(path: string): boolean;
  /** This client's own tokens, besides those that every client has. */
  readonly tokens: Readonly<Record<string, Token>>;
  /** Files of the home that nothing is deployed to and the remarks look at, relative to it. */
  readonly watched: readonly string[];
  /** The command lines that a new user types next, once a server runs. */
  firstUse(place: Place): readonly string[];
  /** What is worth telling about the user's own settings. */
  remarks(view: HomeView, place: Place): readonly Remark[];
}
