/**
 * The vocabulary of running the server as a service of this machine: what is run, what it may touch, and what a
 * service manager must be able to say.
 *
 * A manager is a row of MANAGERS: pure functions from values to the text of its unit file and to the programs to call.
 * Nothing here touches the world.
 *
 * @module
 */

import type { ProcessResult } from "../base/process.ts";

/** The managers that are known, by name. */
export const MANAGER_IDS = ["systemd", "launchd", "task-scheduler"] as const;

/** One of {@link MANAGER_IDS}. */
export type ManagerId = typeof MANAGER_IDS[number];

/** Where a user's files are. Absolute paths. */
export interface ServicePlace {
  readonly home: string;
  /** `XDG_CONFIG_HOME`, or `.config` in the home folder. */
  readonly configFolder: string;
  readonly stateFolder: string;
  /** The user's number; 0 where the system has none. */
  readonly uid: number;
  /** The user's name, on Windows with the domain before it. */
  readonly user: string;
}

/** What the file system shows to the service and to every program that it starts, where the manager can do that. */
export interface FileWalls {
  /** Folders that stay writable; a missing one is passed over. */
  readonly writable: readonly string[];
  /** Folders inside writable ones that are for reading only. */
  readonly readOnly: readonly string[];
  /** Whether it gets a /tmp of its own; not where a root lies in the real one. */
  readonly privateTmp: boolean;
}

/** What is to be run, for as long as the user is logged in. */
export interface ServiceSpec {
  /** Absolute path of the program. */
  readonly executable: string;
  /** All words after it. */
  readonly args: readonly string[];
  /** Variables that the manager would not set by itself. */
  readonly environment: Readonly<Record<string, string>>;
  /** Undefined: no walls around files. */
  readonly walls: FileWalls | undefined;
}

/** One program to call. */
export interface Call {
  readonly program: string;
  readonly args: readonly string[];
  /** True where a failure is no news: what is taken away may be gone already. */
  readonly mayFail?: boolean;
}

/** How the service is, as its manager sees it. */
export interface ServiceState {
  readonly activity: "running" | "starting" | "stopping" | "stopped" | "failed" | "unknown";
  readonly pid?: number;
  /** Of the process that ended last. */
  readonly exitCode?: number;
}

/** Where what the service says is kept. */
export type LogSource =
  | { readonly kind: "program"; readonly call: Call }
  | { readonly kind: "file"; readonly path: string };

/** A service manager. Functions are pure; their calls are made by whoever asks. */
export interface ServiceManager {
  readonly id: ManagerId;
  /** Its name in a sentence. */
  readonly title: string;
  /** Absolute path of the unit file. */
  unitFile(place: ServicePlace): string;
  /**
   * The text of the unit file, with an open seal (see `seal.ts`).
   *
   * @throws {AppError} config.invalid for words that the manager cannot be given
   */
  render(spec: ServiceSpec, place: ServicePlace): string;
  /** The words that a unit file starts, program first; none when it is not understood. */
  parseWords(text: string): readonly string[];
  /** The bytes of the unit file. */
  encode(text: string): Uint8Array;
  /** Undoes `encode`. */
  decode(bytes: Uint8Array): string;
  /** Succeeds when the manager is there. */
  probe(place: ServicePlace): Call;
  /** After the unit file was written: makes the manager read it, and start it at log-on from now on. */
  register(place: ServicePlace): readonly Call[];
  start(place: ServicePlace): readonly Call[];
  restart(place: ServicePlace): readonly Call[];
  stop(place: ServicePlace): readonly Call[];
  /** Before the unit file is removed: stops it, and forgets it. */
  unregister(place: ServicePlace): readonly Call[];
  /** After the unit file was removed. */
  afterRemoval(place: ServicePlace): readonly Call[];
  /** Asks for the state; whatever the exit code, `parseState` reads the answer. */
  state(place: ServicePlace): Call;
  parseState(answer: Pick<ProcessResult, "code" | "stdout">): ServiceState;
  logs(place: ServicePlace, lines: number, follow: boolean): LogSource;
  /** Folders that are left behind empty, innermost first. */
  emptyFolders(place: ServicePlace): readonly string[];
}

/** The exit codes with which the server ends for good: what the user must mend, and Ctrl-C twice. */
export const FINAL_EXIT_CODES = [2, 130] as const;
