/**
 * How everything is measured: candidates take turns within one run, and a result is the ratio of their medians.
 *
 * A shared machine makes any single time worthless; what two programs take side by side compares.
 *
 * @module
 */

/** One thing to time: does it once and answers how long it took. */
export interface Candidate {
  readonly name: string;
  once(): Promise<number>;
}

/** What one candidate took, in milliseconds. */
export interface Timing {
  readonly name: string;
  readonly medianMs: number;
  readonly bestMs: number;
  readonly runs: number;
}

/** One line of the result: what was compared, the ratio, and the bar it is held to. */
export interface Finding {
  readonly what: string;
  readonly against: string;
  /** Ours divided by theirs. */
  readonly ratio: number;
  readonly bar: { readonly kind: "at most" | "at least"; readonly value: number } | undefined;
  /** The numbers behind it, in words. */
  readonly detail: string;
}

/** True when a finding keeps its bar, or has none. */
export function keepsBar({ ratio, bar }: Finding): boolean {
  if (bar === undefined) return true;
  return bar.kind === "at most" ? ratio <= bar.value : ratio >= bar.value;
}

/**
 * Runs candidates in turns, after one round that is not counted; every other round backwards, since what ran just before
 * leaves its mark on what runs now.
 */
export async function interleave(
  rounds: number,
  candidates: readonly Candidate[],
): Promise<readonly Timing[]> {
  const taken = new Map<string, number[]>(candidates.map(({ name }) => [name, []]));
  for (let round = -1; round < rounds; round++) {
    for (const { name, once } of round % 2 === 0 ? candidates : candidates.toReversed()) {
      const elapsedMs = await once();
      if (round >= 0) taken.get(name)?.push(elapsedMs);
    }
  }
  return candidates.map(({ name }) => {
    const sorted = (taken.get(name) ?? []).sort((left, right) => left - right);
    return { name, medianMs: median(sorted), bestMs: sorted[0] ?? Number.NaN, runs: sorted.length };
  });
}

/** The median of sorted numbers. */
export function median(sorted: readonly number[]): number {
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** Compares two timings by their medians. */
export function compare(
  what: string,
  timings: readonly Timing[],
  ours: string,
  theirs: string,
  bar: Finding["bar"],
): Finding {
  const find = (name: string): Timing => {
    const timing = timings.find((candidate) => candidate.name === name);
    if (timing === undefined) throw new Error(`nothing was measured as "${name}"`);
    return timing;
  };
  const [left, right] = [find(ours), find(theirs)];
  return {
    what,
    against: theirs,
    ratio: left.medianMs / right.medianMs,
    bar,
    detail: `${left.medianMs.toFixed(1)} ms against ${right.medianMs.toFixed(1)} ms, medians of ${left.runs}`,
  };
}

/** Times one run of a program to its end. */
export async function timeProgram(
  path: string,
  args: readonly string[],
  env: Record<string, string>,
): Promise<number> {
  const start = performance.now();
  await new Deno.Command(path, { args: [...args], env, stdin: "null", stdout: "null", stderr: "null" })
    .output();
  return performance.now() - start;
}

/** Times a program from its start to a line of its output that holds `text`, then stops it. */
export async function timeToLine(
  path: string,
  args: readonly string[],
  env: Record<string, string>,
  text: string,
): Promise<number> {
  const start = performance.now();
  const child = new Deno.Command(path, {
    args: [...args],
    env,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let elapsedMs = Number.NaN;
  const watch = async (stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> => {
    let said = "";
    for await (const chunk of stream.pipeThrough(new TextDecoderStream())) {
      said += chunk;
      if (Number.isNaN(elapsedMs) && said.includes(text)) {
        elapsedMs = performance.now() - start;
        child.kill("SIGTERM");
      }
    }
  };
  await Promise.all([watch(child.stdout), watch(child.stderr), child.status]);
  if (Number.isNaN(elapsedMs)) throw new Error(`${path} ended without saying "${text}"`);
  return elapsedMs;
}
