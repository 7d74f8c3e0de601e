/**
 * The twelve tools of the servers that are compared by what they cost beside their tools: names and inputs as ours
 * have them, an answer of four letters.
 *
 * @module
 */

import { z } from "zod";

const PATH = { path: z.string().describe("Absolute path.") };

/** The tools by name, with their input. */
export const EXAMPLE_INPUTS: Readonly<Record<string, z.ZodRawShape>> = {
  list_portfolio_files: {},
  read_portfolio_file: { name: z.string(), cursor: z.string().optional() },
  agentOS_git_commit: { cwd: z.string(), message: z.string() },
  agentOS_git_push: { cwd: z.string() },
  agentOS_ext_compile: {},
  agentOS_ext_package: {},
  agentOS_ext_install: {},
  agentOS_fs_list: { ...PATH, depth: z.number().optional(), glob: z.string().optional() },
  agentOS_fs_read: { ...PATH, startLine: z.number().optional(), endLine: z.number().optional() },
  agentOS_fs_search: { query: z.string(), path: z.string().optional(), regex: z.boolean().optional() },
  agentOS_fs_write: { ...PATH, content: z.string(), createDirs: z.boolean().optional() },
  agentOS_fs_replace: { ...PATH, oldText: z.string(), newText: z.string() },
};

/** What each of them answers. */
export const EXAMPLE_OUTPUT = { text: z.string() };

/** One sentence for each. */
export function describeExample(name: string): string {
  return `The tool ${name}, described in one sentence as a tool is.`;
}

/** The call that both servers are asked for. */
export const EXAMPLE_CALL = { name: "agentOS_git_push", arguments: { cwd: "/home/ada/project" } };

/** The answer of every tool that really does nothing. */
export const EXAMPLE_ANSWER = "done";
