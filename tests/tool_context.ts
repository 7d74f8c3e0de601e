/**
 * A `ToolContext` for tests of tools: real roots, and everything else refusing until a test hands it in.
 *
 * @module
 */

import { AppError } from "../src/base/errors.ts";
import type { ToolContext, ToolSettings } from "../src/tools/define.ts";

/** What a test may set; the rest takes the defaults below. */
export interface TestContext extends Partial<Omit<ToolContext, "settings">> {
  readonly settings?: Partial<ToolSettings>;
}

/** Settings of a server with one writable root. The folder is resolved, as the server does at its start. */
export function testSettings(root: string | undefined, settings: Partial<ToolSettings> = {}): ToolSettings {
  return {
    roots: root === undefined ? [] : [{ path: Deno.realPathSync(root), writable: true }],
    forbidden: [],
    trustedRepositories: [],
    extensionFolder: undefined,
    allowRun: [],
    platform: testPlatform(),
    pathChecks: true,
    ...settings,
  };
}

/** A context over one writable root. What a test did not hand in fails when it is used. */
export function testContext(root: string | undefined, given: TestContext = {}): ToolContext {
  const { settings, ...rest } = given;
  return {
    settings: testSettings(root, settings),
    portfolio: {
      source: { kind: "embedded" },
      list: () => Promise.resolve([]),
      read: (name) => Promise.reject(new AppError("portfolio.not_found", `No portfolio file ${name}.`)),
    },
    run: (request) =>
      Promise.reject(new AppError("process.not_allowed", `This test runs no ${request.program}.`)),
    search: () => Promise.reject(new AppError("internal", "This test does not search.")),
    signal: new AbortController().signal,
    caller: { client: undefined, model: undefined },
    recordPortfolioRead: () => {},
    ...rest,
  };
}

function testPlatform(): ToolSettings["platform"] {
  return Deno.build.os === "windows" || Deno.build.os === "darwin" ? Deno.build.os : "linux";
}

/** Runs a test in a fresh temporary folder (its real path) and removes it, whatever happens. */
export async function inTempFolder(test: (folder: string) => Promise<void> | void): Promise<void> {
  const folder = Deno.realPathSync(await Deno.makeTempDir({ prefix: "agentos-test-" }));
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
