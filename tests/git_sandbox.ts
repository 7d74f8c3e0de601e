/**
 * A world for tests of the git tools: a home of its own, a root, real git, and a context over them.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { AppError, type ErrorCode } from "../src/base/errors.ts";
import { runProcess } from "../src/base/run_process.ts";
import type { Tool, ToolContext, ToolSettings } from "../src/tools/define.ts";
import { inTempFolder, testContext } from "./tool_context.ts";

/** What a test is handed. */
export interface GitSandbox {
  /** Everything is below this folder; outside the root. */
  readonly folder: string;
  /** The one writable root. */
  readonly root: string;
  readonly home: string;
  /** Runs git as the user would, in a folder; answers stdout without its last line end. */
  git(cwd: string, ...args: readonly string[]): Promise<string>;
  /** Makes a repository below the root with one commit, on the branch `main`. */
  repository(name: string): Promise<string>;
  /** A context with more settings than the root. */
  context(settings?: Partial<ToolSettings>): ToolContext;
  /** A shell command that makes a file outside the repository, and a question whether it was run. */
  readonly payload: { readonly command: string; ran(): Promise<boolean> };
}

/** Runs a test in a fresh sandbox and removes it. */
export async function inGitSandbox(test: (sandbox: GitSandbox) => Promise<void>): Promise<void> {
  await inTempFolder(async (folder) => {
    const root = join(folder, "root");
    const home = join(folder, "home");
    await Deno.mkdir(root);
    await Deno.mkdir(home);
    const marker = join(folder, "payload-ran");
    // The tests' own git must not see the developer's: no HOME, no GIT_*.
    const env = { HOME: home, PATH: Deno.env.get("PATH") ?? "", TMPDIR: folder };

    const git = async (cwd: string, ...args: readonly string[]): Promise<string> => {
      const command = new Deno.Command("git", { args: [...args], cwd, clearEnv: true, env });
      const { code, stdout, stderr } = await command.output();
      assert.equal(code, 0, `git ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
      return new TextDecoder().decode(stdout).replace(/\n$/, "");
    };
    await git(folder, "config", "--global", "user.name", "Ada");
    await git(folder, "config", "--global", "user.email", "ada@example.org");
    await git(folder, "config", "--global", "init.defaultBranch", "main");
    await git(folder, "config", "--global", "protocol.file.allow", "always");

    await test({
      folder,
      root,
      home,
      git,
      async repository(name: string): Promise<string> {
        const top = join(root, name);
        await Deno.mkdir(top, { recursive: true });
        await git(top, "init", "--quiet");
        await Deno.writeTextFile(join(top, "first.txt"), "first\n");
        await git(top, "add", "--all");
        await git(top, "commit", "--quiet", "--message=First");
        return top;
      },
      context: (settings = {}) =>
        testContext(root, {
          settings,
          run: (request, signal) => runProcess(request.program, request, env, signal),
        }),
      payload: {
        command: `touch ${marker}`,
        ran: async () => {
          try {
            await Deno.remove(marker);
            return true;
          } catch {
            return false;
          }
        },
      },
    });
  });
}

/** Calls a tool and answers its data. */
export async function callTool(
  tool: Tool,
  input: unknown,
  context: ToolContext,
): Promise<Readonly<Record<string, unknown>>> {
  return (await tool.call(input, context)).data;
}

/** Calls a tool that must refuse with this code; answers the error, for its words. */
export async function refusal(
  tool: Tool,
  input: unknown,
  context: ToolContext,
  code: ErrorCode,
): Promise<AppError> {
  try {
    const { text } = await tool.call(input, context);
    assert.fail(`${tool.name} was to refuse with ${code}, and answered: ${text}`);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    assert.equal(error.code, code, error.message);
    return error;
  }
}
