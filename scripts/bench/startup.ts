/**
 * Start-up: the executable against an empty program compiled in the same way.
 *
 * @module
 */

import { join } from "node:path";
import { openOutput } from "../../src/cli/output.ts";
import { makeHome } from "../../tests/e2e/agentos.ts";
import { chooseCompiler, compile } from "../build.ts";
import { compare, type Finding, interleave, timeProgram, timeToLine } from "./measure.ts";
import { startAgentos } from "./servers.ts";

/** Measures `--version`, `serve` until it listens, and `status` beside a server that runs and a home in sync. */
export async function benchStartup(executable: string): Promise<readonly Finding[]> {
  await using home = await makeHome();
  const empty = await compileEmpty(home.folder);
  const env = { PATH: Deno.env.get("PATH") ?? "", ...home.env };
  await using server = await startAgentos(home, "executable");
  const own = { ...env, AGENTOS_STATE: join(home.folder, "executable-state") };
  const status = ["status", "--port", new URL(server.endpoint.url).port];
  await Deno.mkdir(join(home.home, ".codex"));
  await timeProgram(executable, ["sync", "push"], own);
  const timings = await interleave(25, [
    { name: "an empty program", once: () => timeProgram(empty, [], env) },
    { name: "agentos --version", once: () => timeProgram(executable, ["--version"], env) },
    { name: "agentos status", once: () => timeProgram(executable, status, own) },
    {
      name: "agentos serve, listening",
      once: () => timeToLine(executable, ["serve", "--port", "0", "--root", home.root], env, "listens on"),
    },
  ]);
  return [
    compare("`agentos --version`", timings, "agentos --version", "an empty program", {
      kind: "at most",
      value: 1.3,
    }),
    compare("`agentos serve` until it listens", timings, "agentos serve, listening", "an empty program", {
      kind: "at most",
      value: 2,
    }),
    compare("`agentos status` beside a server", timings, "agentos status", "an empty program", {
      kind: "at most",
      value: 4,
    }),
  ];
}

/** Compiles a program of nothing with the runtime and the flags of the real one. */
export async function compileEmpty(folder: string): Promise<string> {
  const source = join(folder, "empty.js");
  const program = join(folder, "empty");
  await Deno.writeTextFile(source, "");
  await compile(await chooseCompiler("auto", openOutput(true)), { entry: source, files: [] }, program);
  return program;
}
