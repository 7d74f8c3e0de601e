/**
 * `deno task bench [PART…]`: speed and memory, as ratios measured in one run, each against its bar.
 *
 * Parts: startup, mcp, search, memory, sync; all of them without a name. Needs `.build/agentos` (`deno task build`), wrk and
 * ripgrep. Prints a table and writes `.build/bench.json`; with `--save` the results go to `scripts/bench/results.json`,
 * which the docs show. Exit 1 when a bar is not kept. Nothing here is a test: a busy machine moves every number.
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

const PARTS: Readonly<Record<string, (executable: string) => Promise<readonly Finding[]>>> = {
  startup: async (executable) => (await import("./bench/startup.ts")).benchStartup(executable),
  mcp: async () => (await import("./bench/mcp.ts")).benchMcp(),
  search: async () => (await import("./bench/search.ts")).benchSearch(),
  memory: async () => (await import("./bench/memory.ts")).benchMemory(),
  sync: async (executable) => (await import("./bench/sync.ts")).benchSync(executable),
};

/** What a run leaves for machines. */
export interface Results {
  readonly at: string;
  readonly machine: string;
  readonly findings: readonly Finding[];
}

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
  const findings: Finding[] = [];
  for (const [name, run] of Object.entries(PARTS)) {
    if (names.length > 0 && !names.includes(name)) continue;
    output.talk(`measuring ${name} …`);
    for (const finding of await run(executable)) {
      findings.push(finding);
      output.answer(renderFinding(finding));
    }
  }
  const results: Results = {
    at: new Date().toISOString().slice(0, 10),
    machine: describeMachine(),
    findings,
  };
  const text = `${JSON.stringify(results, null, 2)}\n`;
  await Deno.writeTextFile(join(PROJECT_FOLDER, ".build", "bench.json"), text);
  if (args.includes("--save")) {
    await Deno.writeTextFile(join(PROJECT_FOLDER, "scripts", "bench", "results.json"), text);
  }
  return findings.every(keepsBar) ? 0 : 1;
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
