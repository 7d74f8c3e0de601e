/**
 * Runs the official conformance suite against a server and reads its verdicts.
 *
 * Observed with @modelcontextprotocol/conformance 0.1.16 and 0.2.0-alpha.12 (2026-11): needs Node 22; sends no
 * token; writes `server-<scenario>-<time>/checks.json` for each scenario; a scenario without a failed check counts
 * as passed there, also when nothing was checked, which is why the verdict here has a third value.
 *
 * @module
 */

import { join } from "node:path";
import { z } from "zod";
import type { Home } from "./agentos.ts";
import { findNode } from "./inspector.ts";
import { installPackage, PACKAGES } from "./install.ts";
import { runProgram } from "./program.ts";

/** The released suite, and the next one, which also holds every message against the specification's schema. */
export type Suite = "conformance" | "conformanceNext";

/** What the suite found out about one scenario; `unchecked`: no check applied to what the server answered. */
export interface Verdict {
  readonly scenario: string;
  readonly outcome: "passed" | "failed" | "unchecked";
  /** Names of the checks that failed, with what the suite says of each. */
  readonly failures: readonly string[];
}

const Checks = z.array(z.looseObject({
  id: z.string(),
  status: z.enum(["SUCCESS", "FAILURE", "WARNING", "SKIPPED", "INFO"]),
  errorMessage: z.string().optional(),
}));

/**
 * Runs every scenario of the 2025-11-25 revision in one go; verdicts come by name.
 *
 * @throws {Error} when the suite left no verdict, with what it said
 */
export async function runConformance(
  home: Home,
  suite: Suite,
  url: string,
): Promise<readonly Verdict[]> {
  const program = join(
    await installPackage(PACKAGES[suite]),
    "@modelcontextprotocol/conformance/dist/index.js",
  );
  const results = await Deno.makeTempDir({ dir: home.folder, prefix: "conformance-" });
  const { stdout, stderr } = await runProgram({
    path: await findNode(),
    args: [program, "server", "--url", url, ...WHOLE_REVISION[suite], "--output-dir", results],
    cwd: home.home,
    env: home.env,
    timeoutMs: 180_000,
  });
  const verdicts: Verdict[] = [];
  for await (const folder of Deno.readDir(results)) {
    // server-<scenario>-2026-11-23T06-20-58-351Z
    const scenario = folder.name.replace(/^server-/, "").replace(/-\d{4}-\d\d-\d\dT[\d-]+Z$/, "");
    verdicts.push(await readVerdict(scenario, join(results, folder.name, "checks.json")));
  }
  if (verdicts.length === 0) throw new Error(`The suite gave no verdict:\n${stdout}\n${stderr}`);
  return verdicts.sort((a, b) => a.scenario < b.scenario ? -1 : 1);
}

/** The next suite keeps a frozen list of what a revision requires; the released one knows only its own scenarios. */
const WHOLE_REVISION = {
  conformance: ["--suite", "all"],
  conformanceNext: ["--requirements", "2025-11-25"],
} as const satisfies Record<Suite, readonly string[]>;

async function readVerdict(scenario: string, path: string): Promise<Verdict> {
  try {
    const checks = Checks.parse(JSON.parse(await Deno.readTextFile(path)));
    const failures = checks.filter((check) => check.status === "FAILURE").map((check) =>
      `${check.id}: ${check.errorMessage ?? "failed"}`
    );
    const passed = checks.some((check) => check.status === "SUCCESS" && check.id !== "wire-schema-valid");
    return { scenario, outcome: failures.length > 0 ? "failed" : passed ? "passed" : "unchecked", failures };
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return { scenario, outcome: "failed", failures: ["the suite itself broke off this scenario"] };
  }
}
