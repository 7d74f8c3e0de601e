/**
 * Runs the real Codex CLI, unattended, against the scripted model.
 *
 * Observed with @openai/codex 0.169.0 (2026-11): needs no login with a model provider of one's own; reads its
 * standard input unless that is closed; TMPDIR must not be the parent of CODEX_HOME; `exec` answers JSON events.
 *
 * @module
 */

import { join } from "node:path";
import { z } from "zod";
import type { Home } from "./agentos.ts";
import { installPackage, type NpmPackage, PACKAGES } from "./install.ts";
import { type Program, runProgram } from "./program.ts";

/** One run of `codex exec --json`. */
export interface CodexRun {
  readonly code: number;
  /** Every MCP tool call that Codex reports, in order of completion. */
  readonly calls: readonly CodexCall[];
  /** What the model said at the end. */
  readonly messages: readonly string[];
  /** What went wrong, in the words that its user is shown; warnings are among them. */
  readonly errors: readonly string[];
  /** The commands that it ran, with what they printed. */
  readonly commands: readonly { readonly command: string; readonly output: string }[];
  /** By which the session is resumed. */
  readonly thread: string;
  /** Of the whole thread; undefined when the turn failed. */
  readonly usage: CodexUsage | undefined;
  readonly stderr: string;
}

/** What Codex counted of a thread, in tokens. */
export type CodexUsage = z.output<typeof Usage>;

/** One finished MCP tool call, as Codex reports it to whoever started it. */
export interface CodexCall {
  readonly server: string;
  readonly tool: string;
  readonly status: string;
  readonly error: string | undefined;
}

const Usage = z.looseObject({
  input_tokens: z.number(),
  cached_input_tokens: z.number(),
  output_tokens: z.number(),
  reasoning_output_tokens: z.number(),
});
const Event = z.looseObject({
  type: z.string(),
  item: z.unknown().optional(),
  thread_id: z.string().optional(),
  message: z.string().optional(),
  usage: Usage.optional(),
});
const CallItem = z.looseObject({
  type: z.literal("mcp_tool_call"),
  server: z.string(),
  tool: z.string(),
  status: z.string(),
  error: z.looseObject({ message: z.string() }).nullish(),
});
const CommandItem = z.looseObject({
  type: z.literal("command_execution"),
  command: z.string(),
  aggregated_output: z.string(),
});
const MessageItem = z.looseObject({ type: z.literal("agent_message"), text: z.string() });

/** The lines that make Codex use the scripted model; the rest of a config.toml may follow. */
export function modelConfig(baseUrl: string): string {
  return [
    'model = "scripted"',
    'model_provider = "scripted"',
    'web_search = "disabled"',
    "",
    "[model_providers.scripted]",
    'name = "Scripted"',
    `base_url = "${baseUrl}"`,
    "",
  ].join("\n");
}

/** Writes `~/.codex/config.toml` as a user would by hand. */
export async function writeCodexConfig(home: Home, toml: string): Promise<void> {
  await Deno.mkdir(join(home.home, ".codex"), { recursive: true });
  await Deno.writeTextFile(join(home.home, ".codex", "config.toml"), toml);
}

/** Asks Codex itself whether it understands each line of its configuration. */
export async function checkCodexConfig(
  home: Home,
): Promise<{ readonly code: number; readonly said: string }> {
  const args = ["app-server", "--strict-config", "--print-startup-config"];
  const { code, stdout, stderr } = await runProgram(await codexProgram(home, args, {}));
  return { code, said: stdout + stderr };
}

/** Runs one unattended session in an empty folder that is no repository. */
export function runCodex(home: Home, env: Readonly<Record<string, string>> = {}): Promise<CodexRun> {
  return execCodex(home, ["Follow the script."], env);
}

/** Runs `codex exec` with further arguments: a prompt, or `resume ID PROMPT`. */
export async function execCodex(
  home: Home,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<CodexRun> {
  const all = ["exec", "--skip-git-repo-check", "--json", ...args];
  const { code, stdout, stderr } = await runProgram(await codexProgram(home, all, env));
  const calls: CodexCall[] = [];
  const messages: string[] = [];
  const errors: string[] = [];
  const commands: { command: string; output: string }[] = [];
  let thread = "";
  let usage: CodexUsage | undefined;
  for (const line of stdout.split("\n").filter((text) => text.startsWith("{"))) {
    const event = Event.parse(JSON.parse(line));
    thread = event.thread_id ?? thread;
    usage = event.usage ?? usage;
    if (event.type === "error" && event.message !== undefined) errors.push(event.message);
    if (event.type !== "item.completed") continue;
    const call = CallItem.safeParse(event.item);
    if (call.success) {
      const { server, tool, status, error } = call.data;
      calls.push({ server, tool, status, error: error?.message });
    }
    const message = MessageItem.safeParse(event.item);
    if (message.success) messages.push(message.data.text);
    const command = CommandItem.safeParse(event.item);
    if (command.success) {
      commands.push({ command: command.data.command, output: command.data.aggregated_output });
    }
  }
  return { code, calls, messages, errors, commands, thread, usage, stderr };
}

/** Runs `codex exec` with further arguments, and gives all that a person would see of it. */
export async function watchCodex(home: Home, args: readonly string[]): Promise<string> {
  const all = ["exec", "--skip-git-repo-check", ...args];
  const { stdout, stderr } = await runProgram(await codexProgram(home, all, {}));
  return stderr + stdout;
}

/** The path of Codex's own executable; it is installed first if need be. */
export async function findCodex(wanted: NpmPackage = PACKAGES.codex): Promise<string> {
  const folder = join(
    await installPackage(wanted),
    "@openai/codex-linux-x64/vendor/x86_64-unknown-linux-musl",
  );
  for (const below of ["bin", "codex"]) {
    const path = join(folder, below, "codex");
    if (await Deno.stat(path).then(({ isFile }) => isFile, () => false)) return path;
  }
  throw new Error(`there is no executable of ${wanted.name}@${wanted.version} in ${folder}`);
}

async function codexProgram(home: Home, args: readonly string[], env: Program["env"]): Promise<Program> {
  return {
    path: await findCodex(),
    args,
    cwd: home.home,
    env: { ...home.env, CODEX_HOME: join(home.home, ".codex"), ...env },
  };
}
