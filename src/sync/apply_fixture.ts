/**
 * A home and a state folder to carry plans out on, for tests.
 *
 * @module
 */

import { applyPlan, type RunContext, withLock } from "./apply.ts";
import type { ActualFile, Applied, Plan, TargetEntry } from "./model.ts";
import { plan } from "./plan.ts";
import { readActual, readApplied } from "./read.ts";

/** What the pushes of these tests deploy: every format, folders within folders. */
export const ENTRIES: readonly TargetEntry[] = [
  {
    path: "config.toml",
    kind: "config",
    format: "toml-keys",
    content: "[ours]\nkey = 1\n",
    source: "f.toml",
  },
  { path: "notes/a.md", kind: "memories", format: "whole-file", content: "a\n", source: "a.md" },
  { path: "notes/deep/b.md", kind: "memories", format: "whole-file", content: "b\n", source: "b.md" },
  {
    path: "AGENTS.md",
    kind: "agents-md",
    format: "markdown-block",
    content: "read them\n",
    source: "block.md",
  },
];
/** What stands in the home before. */
export const USER_FILES = { "config.toml": "# mine\nmodel = 'x'\n\n[t]\nk = 1\n", "AGENTS.md": "# Mine\n" };

/** Folders that belong to one test. */
interface Sandbox {
  readonly home: string;
  readonly stateFolder: string;
}

/** Runs a test in a home and beside a state folder of its own. */
export async function withSandbox(test: (sandbox: Sandbox) => Promise<void>): Promise<void> {
  const folder = Deno.makeTempDirSync({ prefix: "agentos-apply-" });
  const sandbox = { home: `${folder}/home`, stateFolder: `${folder}/state` };
  Deno.mkdirSync(sandbox.home);
  for (const [path, text] of Object.entries(USER_FILES)) {
    Deno.writeTextFileSync(`${sandbox.home}/${path}`, text);
  }
  try {
    await test(sandbox);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

/** The plan that a push of these entries would carry out, and the record that it goes by. */
export function planFor(
  { home, stateFolder }: Sandbox,
  entries: readonly TargetEntry[],
): { plan: Plan; applied: Applied | undefined } {
  const applied = readApplied(stateFolder, "test", home);
  const paths = [...entries.map(({ path }) => path), ...Object.keys(applied?.entries ?? {})];
  const actual = new Map<string, ActualFile>(paths.map((path) => [path, readActual(home, path)]));
  const target = { client: "test", home, entries };
  return {
    plan: plan({ target, actual, applied, take: undefined, merge: undefined, only: undefined }),
    applied,
  };
}

/** Pushes these entries. */
export function push(
  sandbox: Sandbox,
  entries: readonly TargetEntry[],
  observe: RunContext["observe"] = () => {},
): Promise<void> {
  return withLock(sandbox.stateFolder, observe, () => {
    const { plan, applied } = planFor(sandbox, entries);
    const at = new Date().toISOString();
    applyPlan(plan, applied, {
      client: "test",
      home: sandbox.home,
      repo: "/repo",
      agentos: "0.0.0",
      clientVersion: undefined,
      choices: { port: 1, executable: "agentos", agentsMd: true, hook: false, gateway: true },
      at,
    }, { stateFolder: sandbox.stateFolder, command: "push", at, observe });
    return Promise.resolve();
  });
}

/** Every file below a folder with its text. */
export function snapshot(folder: string, below = ""): Record<string, string> {
  const files: Record<string, string> = {};
  for (const entry of Deno.readDirSync(`${folder}/${below}`)) {
    const path = below === "" ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory) Object.assign(files, { [`${path}/`]: "" }, snapshot(folder, path));
    else files[path] = Deno.readTextFileSync(`${folder}/${path}`);
  }
  return files;
}
