/**
 * `agentos usage` against ccusage, the fastest of its peers (Rust), on logs from a seeded generator that knows what they
 * add up to; and what it costs to ask again. Linux on x86-64, since the peer's executable is taken from npm.
 *
 * @module
 */

import { join } from "node:path";
import { type Home, makeHome } from "../../tests/e2e/agentos.ts";
import { installPackage } from "../../tests/e2e/install.ts";
import { type Finding, interleave, type Timing } from "./measure.ts";
import { readPeakMb } from "./process_memory.ts";
import { compileEmpty } from "./startup.ts";
import { writeClaudeLogs } from "./usage_logs/claude_logs.ts";
import { writeCodexLogs, writeLongLog } from "./usage_logs/codex_logs.ts";
import type { Truth } from "./usage_logs/log_text.ts";

const CCUSAGE = { name: "@ccusage/ccusage-linux-x64", version: "20.0.24" };

const ALL = ["--since", "1970-01-01", "--timezone", "UTC", "--json"];

/** Of the lines with output of tools, so many are of a megabyte and more. */
const LONG_SHARE = 0.003;

/** Measures everything that has a bar. */
export async function benchUsage(executable: string): Promise<readonly Finding[]> {
  const peer = join(await installPackage(CCUSAGE), "@ccusage", "ccusage-linux-x64", "bin", "ccusage");
  // The package ships it without the right to be run.
  await Deno.chmod(peer, 0o755);
  return [
    ...await benchPeer(executable, peer, {
      what: "1 GB of Codex logs",
      client: "codex",
      rounds: 7,
      wallBar: 0.6,
      cpuBar: 0.4,
      write: (home) => writeCodexLogs(home, { seed: 1, sizeBytes: 1e9, files: 420, longShare: LONG_SHARE }),
    }),
    ...await benchPeer(executable, peer, {
      what: "100 MB of Codex logs",
      client: "codex",
      rounds: 11,
      wallBar: 0.8,
      cpuBar: undefined,
      write: (home) => writeCodexLogs(home, { seed: 2, sizeBytes: 1e8, files: 57, longShare: LONG_SHARE }),
    }),
    ...await benchPeer(executable, peer, {
      what: "300 MB of Claude Code's logs",
      client: "claude",
      rounds: 9,
      wallBar: 0.8,
      cpuBar: undefined,
      write: (home) => writeClaudeLogs(home, { seed: 3, sizeBytes: 3e8, files: 200, longShare: LONG_SHARE }),
    }),
    ...await benchAgain(executable, 500, 5e8, 150),
    ...await benchAgain(executable, 10_000, 3e8, 600),
    await benchMemory(executable),
  ];
}

interface PeerPlan {
  readonly what: string;
  readonly client: "codex" | "claude";
  readonly rounds: number;
  readonly wallBar: number;
  readonly cpuBar: number | undefined;
  write(home: string): Truth;
}

async function benchPeer(executable: string, peer: string, plan: PeerPlan): Promise<readonly Finding[]> {
  await using home = await makeHome();
  const truth = plan.write(home.home);
  const { client } = plan;
  const ours = openMeter(executable, ["usage", "model", "--client", client, "--no-ledger", ...ALL], home.env);
  const theirs = openMeter(peer, [client, "daily", "--json", "--offline", "--timezone", "UTC"], home.env);
  const timings = await interleave(plan.rounds, [
    { name: "agentos", once: async () => (await ours.once()).wallMs },
    { name: "ccusage", once: async () => (await theirs.once()).wallMs },
  ]);
  const [us, them] = timings;
  if (us === undefined || them === undefined) throw new Error("nothing was measured");
  const against = `ccusage ${CCUSAGE.version}`;
  return [
    {
      what: `\`usage --no-ledger\`, ${plan.what}`,
      against,
      ratio: us.medianMs / them.medianMs,
      bar: { kind: "at most", value: plan.wallBar },
      detail: describeTimings(us, them),
    },
    {
      what: `CPU time of that`,
      against,
      ratio: ours.cpuMs() / theirs.cpuMs(),
      bar: plan.cpuBar === undefined ? undefined : { kind: "at most", value: plan.cpuBar },
      detail: `${ours.cpuMs().toFixed(0)} ms against ${theirs.cpuMs().toFixed(0)} ms a run`,
    },
    compareWithTruth(plan.what, truth, (await ours.once()).stdout),
  ];
}

function describeTimings(us: Timing, them: Timing): string {
  return `${us.medianMs.toFixed(0)} ms against ${them.medianMs.toFixed(0)} ms, medians of ${us.runs}; best ${
    us.bestMs.toFixed(0)
  } against ${them.bestMs.toFixed(0)}`;
}

/** Compares every count of every model. */
function compareWithTruth(what: string, truth: Truth, stdout: string): Finding {
  const report: { readonly rows: readonly Readonly<Record<string, unknown>>[] } = JSON.parse(stdout);
  const told = new Map(report.rows.map((row) => [row["model"], [
    row["responses"],
    row["inputTokens"],
    row["cachedInputTokens"],
    row["outputTokens"],
    row["reasoningTokens"],
  ]]));
  const wrong = Object.entries(truth).filter(([model, { responses, input, cached, output, reasoning }]) =>
    String(told.get(model)) !== String([responses, input, cached, output, reasoning])
  );
  return {
    what: `models with a wrong count, ${what}`,
    against: "the generator's own sums",
    ratio: wrong.length + Math.max(0, told.size - Object.keys(truth).length),
    bar: { kind: "at most", value: 0 },
    detail: `${Object.values(truth).reduce((sum, { responses }) => sum + responses, 0)} responses of ${
      Object.keys(truth).length
    } models, five counts each`,
  };
}

/** Asking again: nothing has changed, and a megabyte was added to one log. */
async function benchAgain(
  executable: string,
  files: number,
  sizeBytes: number,
  barMs: number,
): Promise<readonly Finding[]> {
  await using home = await makeHome();
  writeCodexLogs(home.home, { seed: 4, sizeBytes, files, longShare: 0 });
  const again = openMeter(executable, ["usage", ...ALL], home.env);
  const log = await findLargest(join(home.home, ".codex", "sessions"));
  const addition = await readEnd(log, 1e6);
  await again.once();
  // What was written a moment ago is looked at once more.
  await new Promise((resume) => setTimeout(resume, 100));
  await again.once();
  const timings = await interleave(9, [
    { name: "unchanged", once: async () => (await again.once()).wallMs },
    {
      name: "appended",
      once: async () => {
        await Deno.writeFile(log, addition, { append: true });
        const { wallMs } = await again.once();
        // After an addition a log may be looked at once more; that is not what "unchanged" means.
        await again.once();
        return wallMs;
      },
    },
  ]);
  const [unchanged, appended] = timings;
  if (unchanged === undefined || appended === undefined) throw new Error("nothing was measured");
  return [
    {
      what: `\`usage\`, nothing changed in ${files} files`,
      against: `${barMs} ms`,
      ratio: unchanged.medianMs / barMs,
      bar: { kind: "at most", value: 1 },
      detail: `${unchanged.medianMs.toFixed(0)} ms, median of ${unchanged.runs}; best ${
        unchanged.bestMs.toFixed(0)
      }`,
    },
    ...(files > 1000 ? [] : [{
      what: `what a megabyte more in one of ${files} files adds`,
      against: "20 ms",
      ratio: Math.max(0, appended.medianMs - unchanged.medianMs) / 20,
      bar: { kind: "at most" as const, value: 1 },
      detail: `${appended.medianMs.toFixed(0)} ms after ${
        unchanged.medianMs.toFixed(0)
      } ms, medians of ${appended.runs}; best ${appended.bestMs.toFixed(0)} after ${
        unchanged.bestMs.toFixed(0)
      }`,
    }]),
  ];
}

async function findLargest(folder: string): Promise<string> {
  let largest = { path: "", size: -1 };
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = isDirectory ? await findLargest(join(folder, name)) : join(folder, name);
    const { size } = await Deno.stat(path);
    if (size > largest.size) largest = { path, size };
  }
  return largest.path;
}

/** The last whole lines of a log, about so many bytes of them. */
async function readEnd(path: string, sizeBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await Deno.readFile(path);
  const rest = bytes.subarray(Math.max(0, bytes.length - sizeBytes));
  return rest.slice(rest.indexOf(10) + 1);
}

/** A gigabyte in one file, in lines of a megabyte. */
async function benchMemory(executable: string): Promise<Finding> {
  await using home = await makeHome();
  writeLongLog(home.home, 1e9, 1e6);
  const empty = await openMeter(await compileEmpty(home.folder), [], home.env).once();
  const { peakMb } = await openMeter(executable, ["usage", "--no-ledger", ...ALL], home.env).once();
  return {
    what: "peak memory for 1 GB in one file, over an empty program",
    against: "120 MB",
    ratio: (peakMb - empty.peakMb) / 120,
    bar: { kind: "at most", value: 1 },
    detail: `${peakMb.toFixed(0)} MB against ${empty.peakMb.toFixed(0)} MB`,
  };
}

/** One run of a program. */
interface Run {
  readonly wallMs: number;
  /** The highest resident set that was seen. */
  readonly peakMb: number;
  readonly stdout: string;
}

/** Runs a program again and again, and adds up its CPU time; the first run, which warms up, is left out. */
function openMeter(
  path: string,
  args: readonly string[],
  env: Home["env"],
): { once(): Promise<Run>; cpuMs(): number } {
  const taken: number[] = [];
  return {
    async once(): Promise<Run> {
      const before = readChildrenCpuMs();
      const start = performance.now();
      const child = new Deno.Command(path, {
        args: [...args],
        // Nothing of this machine's: both look for logs where variables say.
        clearEnv: true,
        env: { ...env, PATH: "/usr/bin:/bin", NO_COLOR: "1" },
        stdin: "null",
        stdout: "piped",
        stderr: "null",
      }).spawn();
      let peakMb = 0;
      const timer = setInterval(() => peakMb = Math.max(peakMb, readPeakMb(child.pid)), 2);
      const { success, stdout } = await child.output();
      const wallMs = performance.now() - start;
      clearInterval(timer);
      if (!success) throw new Error(`${path} ${args.join(" ")} failed`);
      taken.push(readChildrenCpuMs() - before);
      return { wallMs, peakMb, stdout: new TextDecoder().decode(stdout) };
    },
    cpuMs(): number {
      const counted = taken.slice(1);
      return counted.reduce((sum, ms) => sum + ms, 0) / counted.length;
    },
  };
}

/** CPU time of all children that have ended (proc(5): cutime and cstime, in hundredths of a second). */
function readChildrenCpuMs(): number {
  const fields = Deno.readTextFileSync("/proc/self/stat").replace(/^.*\) /s, "").split(" ");
  return (Number(fields[13]) + Number(fields[14])) * 10;
}
