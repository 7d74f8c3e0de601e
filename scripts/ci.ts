/**
 * `deno task ci`: every check and every test, one after another, and one last line with the sum:
 * `N passed, N failed`. A check (format, lint, types, generated docs, build) counts as one.
 *
 * A step that overruns is ended with everything it started; nothing is left running.
 *
 * @module
 */

import { join, resolve } from "node:path";
import { openOutput, type Output } from "../src/cli/output.ts";

const ROOT = resolve(import.meta.dirname ?? ".", "..");

/** All steps together end before this. */
const LIMIT_MS = 55 * 60_000;

interface Step {
  readonly name: string;
  /** Arguments for `deno`. */
  readonly args: readonly string[];
  /** True when the step's last lines hold the counts of `deno test`. */
  readonly counts?: true;
}

const STEPS: readonly Step[] = [
  { name: "format", args: ["fmt", "--check"] },
  { name: "lint", args: ["lint"] },
  { name: "types", args: ["task", "check"] },
  { name: "generated docs", args: ["task", "gen", "--check"] },
  { name: "unit tests", args: ["task", "test"], counts: true },
  { name: "build", args: ["task", "build"] },
  { name: "end-to-end tests and attacks", args: ["task", "e2e"], counts: true },
];

/** How many tests ended in which way. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/**
 * The counts that `deno test` prints last, as `ok | 12 passed (3 steps) | 0 failed | 1 ignored (2s)` (Deno 2.9.6).
 * Undefined when there is no such line.
 */
export function parseCounts(output: string): Counts | undefined {
  const line = output.trimEnd().split("\n").findLast((text) => /^(ok|FAILED) \| \d+ passed/.test(text));
  if (line === undefined) return undefined;
  const count = (word: string): number => Number(new RegExp(`(\\d+) ${word}`).exec(line)?.[1] ?? 0);
  return { passed: count("passed"), failed: count("failed"), skipped: count("ignored") };
}

/** What a step adds to the sum. A step that failed without a failed test (a crash, a time-out) is one failure. */
export function countStep(code: number, counts: Counts | undefined): Counts {
  if (counts === undefined) return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0 };
  return code === 0 ? counts : { ...counts, failed: Math.max(1, counts.failed) };
}

/** The last line of a run. */
export function renderCounts({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed${skipped === 0 ? "" : `, ${skipped} skipped`}`;
}

/** Runs one step, passes its output on, and answers its exit code and the end of its output. */
async function runStep(step: Step, limitMs: number, output: Output): Promise<{ code: number; tail: string }> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [...step.args],
    cwd: ROOT,
    env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
    detached: true,
  }).spawn();
  const stop = (): void => killGroup(child.pid);
  const interrupted = (): void => {
    stop();
    Deno.exit(130);
  };
  const timer = setTimeout(() => {
    output.talk(`${step.name}: ended after ${Math.round(limitMs / 60_000)} minutes`);
    stop();
  }, limitMs);
  for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, interrupted);
  // What a step leaves running may hold its output open: once the step is gone, so is its group.
  const ended = child.status.finally(stop);
  let tail = "";
  try {
    for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
      Deno.stdout.writeSync(new TextEncoder().encode(text));
      tail = (tail + text).slice(-20_000);
    }
    return { code: (await ended).code, tail };
  } finally {
    clearTimeout(timer);
    for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.removeSignalListener(signal, interrupted);
  }
}

function killGroup(pid: number): void {
  try {
    Deno.kill(-pid, "SIGKILL");
  } catch {
    // The group is gone, as it should be.
  }
}

/** Executables of `.build` that still run (Linux): a test that leaves one behind is a failed test. */
async function endLeftovers(output: Output): Promise<Counts> {
  const left: number[] = [];
  if (Deno.build.os === "linux") {
    for await (const { name } of Deno.readDir("/proc")) {
      const pid = Number(name);
      if (!Number.isInteger(pid)) continue;
      const program = await Deno.readLink(`/proc/${pid}/exe`).catch(() => "");
      if (program.startsWith(join(ROOT, ".build"))) left.push(pid);
    }
  }
  for (const pid of left) {
    output.talk(`left running: process ${pid} of .build`);
    Deno.kill(pid, "SIGKILL");
  }
  return countStep(left.length === 0 ? 0 : 1, undefined);
}

async function runAll(output: Output): Promise<Counts> {
  const deadline = Date.now() + LIMIT_MS;
  let sum: Counts = { passed: 0, failed: 0, skipped: 0 };
  const add = (counts: Counts): void => {
    sum = {
      passed: sum.passed + counts.passed,
      failed: sum.failed + counts.failed,
      skipped: sum.skipped + counts.skipped,
    };
  };
  const summary: string[] = [];
  for (const step of STEPS) {
    output.answer(`\n== ${step.name}`);
    const { code, tail } = await runStep(step, Math.max(1000, deadline - Date.now()), output);
    const counts = step.counts === undefined
      ? countStep(code, undefined)
      : countStep(code, parseCounts(tail) ?? { passed: 0, failed: 1, skipped: 0 });
    summary.push(`${counts.failed === 0 ? "ok    " : "FAILED"}  ${step.name}: ${renderCounts(counts)}`);
    add(counts);
  }
  add(await endLeftovers(output));
  output.answer(`\n${summary.join("\n")}`);
  return sum;
}

if (import.meta.main) {
  const output = openOutput(true);
  const counts = await runAll(output);
  output.answer(renderCounts(counts));
  Deno.exit(counts.failed === 0 ? 0 : 1);
}
