/**
 * Errors that a model provokes with a tool's arguments: the tools themselves, on real files and real git.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import type { ErrorCode } from "../../src/base/errors.ts";
import type { Tool, ToolSettings } from "../../src/tools/define.ts";
import { fsList } from "../../src/tools/files/fs_list.ts";
import { fsRead } from "../../src/tools/files/fs_read.ts";
import { fsReplace } from "../../src/tools/files/fs_replace.ts";
import { fsSearch } from "../../src/tools/files/fs_search.ts";
import { fsWrite } from "../../src/tools/files/fs_write.ts";
import { gitCommit } from "../../src/tools/git/git_commit.ts";
import { gitPush } from "../../src/tools/git/git_push.ts";
import { openRepository } from "../../src/tools/git/repository.ts";
import { startLimit } from "../../src/tools/git/run_git.ts";
import { extCompile } from "../../src/tools/vscode/ext_compile.ts";
import { searchHere } from "../../src/tools/files/search/search_here.ts";
import { type GitSandbox, inGitSandbox, refusal } from "../git_sandbox.ts";
import { testContext } from "../tool_context.ts";
import { failing, type Provocations, type Said, sayError } from "./provocation.ts";

/** A world, what is called in it, and with what. */
interface Attempt {
  readonly tool: Tool;
  readonly input: unknown;
  readonly settings?: Partial<ToolSettings>;
}

/** Calls a tool in a fresh world. */
function tool(
  code: ErrorCode,
  prepare: (sandbox: GitSandbox) => Promise<Attempt> | Attempt,
): () => Promise<Said> {
  return async () => {
    let said: Said | undefined;
    await inGitSandbox(async (sandbox) => {
      const { tool, input, settings } = await prepare(sandbox);
      const scope = { roots: [sandbox.root], forbidden: [], platform: sandbox.context().settings.platform };
      const context = {
        ...sandbox.context(settings),
        search: (request: Parameters<typeof searchHere>[0]) => Promise.resolve(searchHere(request, scope)),
      };
      said = sayError(await refusal(tool, input, context, code), {
        [sandbox.root]: "$ROOT",
        [sandbox.folder]: "$FOLDER",
      });
    });
    return said ?? assert.fail("nothing was said");
  };
}

/** Writes a file below the root. */
async function write(
  { root }: GitSandbox,
  name: string,
  content: string | Uint8Array<ArrayBuffer>,
): Promise<string> {
  const path = join(root, name);
  if (typeof content === "string") await Deno.writeTextFile(path, content);
  else await Deno.writeFile(path, content);
  return path;
}

async function withConflict({ repository, git }: GitSandbox): Promise<string> {
  const cwd = await repository("notes");
  await git(cwd, "checkout", "--quiet", "-b", "other");
  await Deno.writeTextFile(join(cwd, "first.txt"), "theirs\n");
  await git(cwd, "commit", "--quiet", "-am", "Theirs");
  await git(cwd, "checkout", "--quiet", "main");
  await Deno.writeTextFile(join(cwd, "first.txt"), "ours\n");
  await git(cwd, "commit", "--quiet", "-am", "Ours");
  await assert.rejects(git(cwd, "merge", "other"));
  return cwd;
}

async function withRemote({ repository, root, git }: GitSandbox): Promise<string> {
  const cwd = await repository("notes");
  await git(root, "clone", "--quiet", "--bare", cwd, "notes.git");
  await git(cwd, "remote", "add", "origin", join(root, "notes.git"));
  await git(cwd, "push", "--quiet", "--set-upstream", "origin", "main");
  return cwd;
}

async function makeExtension(
  { folder }: GitSandbox,
  scripts: Readonly<Record<string, string>>,
): Promise<string> {
  const extension = join(folder, "extension");
  await Deno.mkdir(extension);
  const manifest = { name: "notes", publisher: "ada", version: "1.0.0", scripts };
  await Deno.writeTextFile(join(extension, "package.json"), JSON.stringify(manifest));
  return extension;
}

/** By code. */
export const TOOL_PROVOCATIONS: Provocations = {
  "tool.input": tool("tool.input", () => ({ tool: fsRead, input: { path: 1, startLine: 0 } })),
  "path.invalid": tool("path.invalid", () => ({ tool: fsRead, input: { path: "~/secret" } })),
  "path.no_roots": async () =>
    sayError(await refusal(fsRead, { path: "/etc/passwd" }, testContext(undefined), "path.no_roots")),
  "path.outside_roots": tool("path.outside_roots", () => ({ tool: fsRead, input: { path: "/etc/passwd" } })),
  "path.read_only": tool("path.read_only", ({ root }) => ({
    tool: fsWrite,
    input: { path: join(root, "a"), content: "" },
    settings: { roots: [{ path: root, writable: false }] },
  })),
  "path.protected": tool("path.protected", async (sandbox) => ({
    tool: fsWrite,
    input: { path: join(await sandbox.repository("notes"), ".git", "config"), content: "" },
  })),
  "path.not_found": tool(
    "path.not_found",
    ({ root }) => ({ tool: fsRead, input: { path: join(root, "nothing") } }),
  ),
  "path.not_a_file": tool("path.not_a_file", ({ root }) => ({ tool: fsRead, input: { path: root } })),
  "path.not_a_folder": tool("path.not_a_folder", async (sandbox) => ({
    tool: fsList,
    input: { path: await write(sandbox, "file", "") },
  })),
  "path.exists": tool("path.exists", async (sandbox) => ({
    tool: fsWrite,
    input: { path: await write(sandbox, "file", "old"), content: "new", ifSha256: "none" },
  })),
  "path.denied": tool("path.denied", async (sandbox) => {
    const path = await write(sandbox, "file", "old");
    await Deno.chmod(path, 0o444);
    return { tool: fsWrite, input: { path, content: "new" } };
  }),
  "file.too_large": tool("file.too_large", async (sandbox) => ({
    tool: fsReplace,
    input: { path: await write(sandbox, "file", "x".repeat(17 * 1024 * 1024)), oldText: "x", newText: "y" },
  })),
  "file.binary": tool("file.binary", async (sandbox) => ({
    tool: fsReplace,
    input: { path: await write(sandbox, "file", Uint8Array.of(0, 1, 2, 0)), oldText: "a", newText: "b" },
  })),
  "file.encoding": tool("file.encoding", async (sandbox) => ({
    tool: fsReplace,
    input: {
      path: await write(sandbox, "file", Uint8Array.of(0xff, 0xfe, 0x61)),
      oldText: "a",
      newText: "b",
    },
  })),
  "file.stale": tool("file.stale", async (sandbox) => ({
    tool: fsWrite,
    input: { path: await write(sandbox, "file", "old"), content: "new", ifSha256: "0".repeat(64) },
  })),
  "file.no_match": tool("file.no_match", async (sandbox) => ({
    tool: fsReplace,
    input: { path: await write(sandbox, "file", "one\ntwo\n"), oldText: "three", newText: "four" },
  })),
  "file.ambiguous": tool("file.ambiguous", async (sandbox) => ({
    tool: fsReplace,
    input: { path: await write(sandbox, "file", "one\none\n"), oldText: "one", newText: "two" },
  })),
  "search.pattern": tool("search.pattern", ({ root }) => ({
    tool: fsSearch,
    input: { path: root, query: "(", regex: true },
  })),
  "git.not_a_repository": tool("git.not_a_repository", ({ root }) => ({
    tool: gitCommit,
    input: { cwd: root, message: "x" },
  })),
  "git.untrusted": tool("git.untrusted", async ({ repository, git }) => {
    const cwd = await repository("notes");
    await git(cwd, "config", "core.sshCommand", "evil");
    return { tool: gitCommit, input: { cwd, message: "x" } };
  }),
  "git.locked": tool("git.locked", async ({ repository }) => {
    const cwd = await repository("notes");
    await Deno.writeTextFile(join(cwd, ".git", "index.lock"), "");
    return { tool: gitCommit, input: { cwd, message: "x" } };
  }),
  "git.conflict": tool("git.conflict", async (sandbox) => ({
    tool: gitCommit,
    input: { cwd: await withConflict(sandbox), message: "x" },
  })),
  "git.failed": tool("git.failed", async ({ repository, git }) => {
    const cwd = await repository("notes");
    await git(cwd, "checkout", "--quiet", "--detach");
    return { tool: gitPush, input: { cwd } };
  }),
  "git.auth": async () => {
    const server = Deno.serve(
      { port: 0, hostname: "127.0.0.1", onListen: () => {} },
      () => new Response("no", { status: 401, headers: { "WWW-Authenticate": 'Basic realm="x"' } }),
    );
    const port = String(server.addr.port);
    try {
      const said = await tool("git.auth", async ({ repository, git }) => {
        const cwd = await repository("notes");
        await git(cwd, "config", "push.default", "current");
        await git(cwd, "remote", "add", "origin", `http://127.0.0.1:${port}/x.git`);
        return { tool: gitPush, input: { cwd } };
      })();
      return { ...said, sentence: said.sentence.replaceAll(port, "PORT") };
    } finally {
      await server.shutdown();
    }
  },
  "git.rejected": tool("git.rejected", async (sandbox) => {
    const cwd = await withRemote(sandbox);
    await sandbox.git(cwd, "commit", "--quiet", "--allow-empty", "-m", "Theirs");
    await sandbox.git(cwd, "push", "--quiet");
    await sandbox.git(cwd, "reset", "--quiet", "--hard", "HEAD~1");
    await sandbox.git(cwd, "commit", "--quiet", "--allow-empty", "-m", "Ours");
    return { tool: gitPush, input: { cwd } };
  }),
  "process.not_allowed": async () => {
    let said: Said | undefined;
    await inGitSandbox(async (sandbox) => {
      const { runAllowed } = await import("../../src/server/allowed_run.ts");
      const request = {
        program: "rm",
        args: [],
        cwd: sandbox.root,
        environment: "clean",
        env: {},
        timeoutMs: 1000,
        maxOutputBytes: 1000,
      } as const;
      const settings = sandbox.context({ allowRun: ["git"] }).settings;
      said = sayError(await failing(() => runAllowed(request, settings, {}, new AbortController().signal)));
    });
    return said ?? assert.fail();
  },
  "process.timeout": async () => {
    let said: Said | undefined;
    await inGitSandbox(async ({ repository, context, root }) => {
      const cwd = await repository("notes");
      await Deno.writeTextFile(join(cwd, ".git", "hooks", "pre-commit"), "#!/bin/sh\nsleep 600\n", {
        mode: 0o755,
      });
      const { git } = await openRepository(cwd, context({ trustedRepositories: [cwd] }), startLimit(1_000));
      said = sayError(await failing(() => git(["commit", "--allow-empty", "--message=x"])), {
        [root]: "$ROOT",
      });
    });
    return said ?? assert.fail();
  },
  "extension.not_found": async () =>
    sayError(await refusal(extCompile, {}, testContext(undefined), "extension.not_found")),
  "extension.failed": tool("extension.failed", async (sandbox) => ({
    tool: extCompile,
    input: {},
    settings: { extensionFolder: await makeExtension(sandbox, { build: "true" }), allowRun: ["npm"] },
  })),
};
