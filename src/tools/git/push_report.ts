/**
 * Reading what `git push --porcelain` reports. Pure; the format is that of `git help push`, "OUTPUT" (git 2.39).
 *
 * @module
 */

/** One ref of the remote that a push moved. */
export interface MovedRef {
  /** Full name on the remote: `refs/heads/main`. */
  readonly ref: string;
  readonly kind: "created" | "updated" | "forced" | "deleted";
  /** Abbreviated hash before the push; absent for a new ref. */
  readonly from?: string;
  /** Abbreviated hash after the push, when git says it. */
  readonly to?: string;
  /** The local ref that was pushed. */
  readonly source: string;
}

/** One ref that the remote, or git itself, refused to move. */
export interface RejectedRef {
  readonly ref: string;
  /** In git's words: `fetch first`, `non-fast-forward`, `pre-receive hook declined`. */
  readonly reason: string;
}

/** A whole push. */
export interface PushReport {
  readonly moved: readonly MovedRef[];
  readonly rejected: readonly RejectedRef[];
  /** The local refs that the remote has already; said with `--verbose` only. */
  readonly upToDate: readonly string[];
}

const KINDS: Readonly<Record<string, MovedRef["kind"]>> = {
  " ": "updated",
  "+": "forced",
  "-": "deleted",
  "*": "created",
};

/** Reads the lines `<flag>TAB<from>:<to>TAB<summary>[ (<reason>)]`; every other line is passed over. */
export function parsePushReport(stdout: string): PushReport {
  const moved: MovedRef[] = [];
  const rejected: RejectedRef[] = [];
  const upToDate: string[] = [];
  for (const line of stdout.split("\n")) {
    const [flag, refs, summary] = line.split("\t");
    if (flag === undefined || refs === undefined || summary === undefined) continue;
    const colon = refs.indexOf(":");
    const source = refs.slice(0, colon);
    const ref = refs.slice(colon + 1);
    const kind = KINDS[flag];
    if (flag === "!") rejected.push({ ref, reason: reasonOf(summary) });
    else if (flag === "=") upToDate.push(source);
    else if (kind !== undefined) moved.push({ ref, kind, ...hashesOf(summary), source });
  }
  return { moved, rejected, upToDate };
}

function hashesOf(summary: string): { from?: string; to?: string } {
  const [, from, to] = /^([0-9a-f]+)\.\.\.?([0-9a-f]+)/.exec(summary) ?? [];
  return from === undefined || to === undefined ? {} : { from, to };
}

function reasonOf(summary: string): string {
  return /\((.*)\)\s*$/.exec(summary)?.[1] ?? summary;
}
