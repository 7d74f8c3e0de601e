/**
 * The lines that README tells a user to copy, so that the end-to-end tests run those and no others.
 *
 * @module
 */

import { join } from "node:path";
import { PROJECT_FOLDER } from "./install.ts";

/** The address in README; tests put their server's in its place. */
const SHOWN_URL = "http://127.0.0.1:8787/mcp";

/** How Codex gets the token: from a command that reads it anew, or from the environment once. */
export type TokenSource = "command" | "environment";

/** The `~/.codex/config.toml` lines that connect Codex to a server. */
export async function readCodexLines(url: string, tokenSource: TokenSource): Promise<string> {
  const block = await readBlock("toml", /^\[mcp_servers\.agentOS-portfolio\]$/m);
  const lines = block.replace(SHOWN_URL, url);
  if (tokenSource === "command") return lines;
  return lines.replace(/^http_headers_helper.*\n/m, "").replace(/^# (bearer_token_env_var)/m, "$1");
}

/** The `~/.codex/config.toml` lines that let tools which change things run with nobody there to ask. */
export async function readApprovalLines(): Promise<string> {
  return await readBlock("toml", /^approval_mode = /m);
}

/** The address of a local server in README. */
const SHOWN_BACK_END = "http://127.0.0.1:8080/v1";

/** The `~/.agentos/config.toml` lines that name a server of Chat Completions. */
export async function readChatProviderLines(baseUrl: string): Promise<string> {
  return (await readBlock("toml", /^wire = "chat"$/m)).replace(SHOWN_BACK_END, baseUrl);
}

/** The `~/.codex/config.toml` lines that make Codex use that server, through agentos at an address. */
export async function readLocalModelLines(url: string): Promise<string> {
  return (await readBlock("toml", /^model_provider = "local"$/m))
    .replace(new URL(SHOWN_URL).origin, new URL(url).origin);
}

/** The shell command that adds a server to Claude Code. */
export async function readClaudeCommand(url: string): Promise<string> {
  return (await readBlock("sh", /^claude mcp add /m)).replace(SHOWN_URL, url);
}

/** @throws {Error} unless exactly one such block stands in README */
async function readBlock(language: string, holding: RegExp): Promise<string> {
  const text = await Deno.readTextFile(join(PROJECT_FOLDER, "README.md"));
  const blocks = [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)]
    .filter((block) => block[1] === language).map((block) => block[2] ?? "")
    .filter((block) => holding.test(block));
  const [only = ""] = blocks;
  if (blocks.length !== 1) throw new Error(`README has ${blocks.length} ${language} blocks with ${holding}`);
  return only;
}
