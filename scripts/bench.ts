/**
 * `deno task bench [PART…]`: speed and memory, as ratios measured in one run, each against its bar.
 *
 * Parts: startup, mcp, search, memory, usage, gateway, sync; all of them without a name. Needs `.build/agentos`
 * (`deno task build`), wrk, ripgrep and Node. Prints a table and writes `.build/bench.json`; with `--save` the parts that ran also replace theirs in
 * `scripts/bench/results.json`, which the docs show (`deno task gen`). Exit 1 when a bar is not kept or a part could
 * not be measured. Nothing here is a test: a busy machine moves every number.
 *
 * @module
 */

import { join } from "node:path";
import { AppError } from "../src/base/errors.ts";
import { reportFailure } from "../src/cli/failure.ts";
import { openOutput, type Output } from "../src/cli/output.ts";
import { findExecutable } from "../tests/e2e/agentos.ts";
import { PROJECT_FOLDER } from "../tests/e2e/install.ts";
import { type Finding, keepsBar } from "./bench/measure.ts";
import { type PartResult, readResults, type Results, SAVED_RESULTS } from "./bench/results.ts";

const PARTS: Readonly<Record<string, (executable: string) => Promise<readonly Finding[]>>> = {
  startup: async (executable) => (await import("./bench/startup.ts")).benchStartup(executable),
  mcp: async () => (await import("./bench/mcp.ts")).benchMcp(),
  search: async () => (await import("./bench/search.ts")).benchSearch(),
  memory: async () => (await import("./bench/memory.ts")).benchMemory(),
  usage: async (executable) => (await import("./bench/usage.ts")).benchUsage(executable),
  gateway: async () => (await import("./bench/gateway.ts")).benchGateway(),
  sync: async (executable) => (await import("./bench/sync.ts")).benchSync(executable),
};

/** Above this load per core, what others do on the machine is measured too. */
const QUIET_LOAD = 0.3;

async function bench(args: readonly string[], output: Output): Promise<number> {
  const names = args.filter((word) => word !== "--save");
  const unknown = names.find((name) => !Object.hasOwn(PARTS, name));
  if (unknown !== undefined) {
    throw new AppError(
      "cli.usage",
      `There is no part "${unknown}": known are ${Object.keys(PARTS).join(", ")}`,
      {
        hint: "Name some of them, or none for all.",
      },
    );
  }
  const executable = await findExecutable();
  sayIfBusy(output);
  let allWell = true;
  const results: Record<string, PartResult> = {};
  for (const [name, run] of Object.entries(PARTS)) {
    if (names.length > 0 && !names.includes(name)) continue;
    output.talk(`measuring ${name} …`);
    try {
      const findings = await run(executable);
      results[name] = { at: new Date().toISOString().slice(0, 10), machine: describeMachine(), findings };
      for (const finding of findings) output.answer(renderFinding(finding));
      allWell &&= findings.every(keepsBar);
    } catch (error) {
      // The other parts stand alone.
      allWell = false;
      output.talk(`${name} could not be measured: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  save(join(PROJECT_FOLDER, ".build", "bench.json"), results);
  if (args.includes("--save")) save(SAVED_RESULTS, results);
  return allWell ? 0 : 1;
}

/** Puts these parts in the place of their last results; the others stay. */
function save(path: string, results: Results): void {
  Deno.writeTextFileSync(path, `${JSON.stringify({ ...readResults(path), ...results }, null, 2)}\n`);
}

function sayIfBusy(output: Output): void {
  const [load = 0] = Deno.loadavg();
  if (load / navigator.hardwareConcurrency <= QUIET_LOAD) return;
  output.talk(`the machine is busy (load ${load.toFixed(1)}): what follows is worth little`);
}

function renderFinding(finding: Finding): string {
  const { what, against, ratio, bar, detail } = finding;
  const verdict = bar === undefined ? "     " : keepsBar(finding) ? "keeps" : "BREAKS";
  const held = bar === undefined ? "" : ` (${bar.kind} ${bar.value.toFixed(2)})`;
  return `${verdict.padEnd(6)} ${ratio.toFixed(2).padStart(7)}×  ${what} / ${against}${held}: ${detail}`;
}

function describeMachine(): string {
  const { arch, os } = Deno.build;
  const gib = Math.round(Deno.systemMemoryInfo().total / 2 ** 30);
  return `${navigator.hardwareConcurrency} cores, ${gib} GiB, ${os} ${arch}, Deno ${Deno.version.deno}`;
}

if (import.meta.main) {
  const output = openOutput(true);
  try {
    Deno.exit(await bench(Deno.args, output));
  } catch (error) {
    Deno.exit(reportFailure(error, output, { debug: true }));
  }
}
