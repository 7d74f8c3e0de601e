/**
 * The real Claude Code meets the executable: a user adds the server and asks whether it is connected.
 *
 * Observed with @anthropic-ai/claude-code 2.1.330 (2026-11): `mcp add`, `mcp list` and `mcp get` need neither a
 * log-in nor the network; `mcp list` really connects. Its first request is `server/discover` of the stateless
 * revision, after which it falls back to `initialize`.
 *
 * @module
 */

import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { type Home, makeHome, startAgentos } from "./agentos.ts";
import { installPackage, PACKAGES } from "./install.ts";
import { type ProgramResult, runProgram } from "./program.ts";
import { readClaudeCommand } from "./readme.ts";

Deno.test("Claude Code says connected after the command that README shows", async () => {
  await using home = await makeHome();
  await using agentos = await startAgentos(home);
  const program = await findClaude();
  const env = { ...home.env, PATH: `${dirname(program)}:${Deno.env.get("PATH")}` };
  const args = ["-ec", await readClaudeCommand(agentos.url)];
  const added = await runProgram({ path: "sh", args, cwd: home.root, env });
  assert.equal(added.code, 0, added.stdout + added.stderr);
  const { code, stdout } = await runClaude(home, ["mcp", "list"]);
  assert.equal(code, 0);
  assert.match(stdout, /^agentOS-portfolio: .*✔ Connected$/m);
});

Deno.test("Claude Code expands AGENTOS_TOKEN in the header, so that no token stands in its file", async () => {
  await using home = await makeHome();
  await using agentos = await startAgentos(home);
  await addServer(home, agentos.url, "${AGENTOS_TOKEN}");
  const env = { AGENTOS_TOKEN: await agentos.token() };
  const { stdout } = await runClaude(home, ["mcp", "list"], env);
  assert.match(stdout, /^agentOS-portfolio: .*✔ Connected$/m);
  const file = await Deno.readTextFile(join(home.home, ".claude.json"));
  assert.ok(!file.includes(env.AGENTOS_TOKEN), "the token was written into ~/.claude.json");
});

Deno.test("Claude Code shows what to do when the token is wrong", async () => {
  await using home = await makeHome();
  await using agentos = await startAgentos(home);
  await addServer(home, agentos.url, "not-the-token");
  const { stdout } = await runClaude(home, ["mcp", "list"]);
  assert.match(stdout, /✘ Failed to connect/);
  assert.match(stdout, /HTTP 401/);
  assert.match(stdout, /\.agentos\/token/, "the answer does not say where the right token is");
});

Deno.test("Claude Code says that it cannot connect when the server is down", async () => {
  await using home = await makeHome();
  await using agentos = await startAgentos(home);
  await addServer(home, agentos.url, await agentos.token());
  await agentos.stop();
  const { stdout } = await runClaude(home, ["mcp", "list"]);
  assert.match(stdout, /✘ Failed to connect/);
});

async function addServer(home: Home, url: string, token: string): Promise<void> {
  const header = `Authorization: Bearer ${token}`;
  const args = ["mcp", "add", "--scope", "user", "--transport", "http", "agentOS-portfolio", url];
  const { code, stdout, stderr } = await runClaude(home, [...args, "--header", header]);
  assert.equal(code, 0, stdout + stderr);
}

async function runClaude(
  home: Home,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<ProgramResult> {
  return await runProgram({
    path: await findClaude(),
    args,
    cwd: home.root,
    env: { ...home.env, CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1", ...env },
  });
}

/** The program itself; npm's launcher needs an install script that does not run here. */
async function findClaude(): Promise<string> {
  const modules = await installPackage(PACKAGES.claude);
  return join(modules, "@anthropic-ai", "claude-code-linux-x64", "claude");
}
