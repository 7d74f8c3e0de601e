/**
 * A world in which the example of every tool has something to work on, and around it things that no tool may
 * reach: real folders, real git, real npm; of VSCode only its command line is a stand-in.
 *
 * @module
 */

import { join } from "node:path";
import { AppError } from "../src/base/errors.ts";
import { runProcess } from "../src/base/run_process.ts";
import { openPortfolio } from "../src/portfolio/read.ts";
import type { ToolContext } from "../src/tools/define.ts";
import { searchHere } from "../src/tools/files/search/search_here.ts";
import { inGitSandbox } from "./git_sandbox.ts";
import { testSettings } from "./tool_context.ts";
import { makeZip } from "./zip.ts";

/** In examples the root is the home of Ada; in the world it is a temporary folder. */
const exampleRoot = "/home/ada";

/** What must not be read; it stands in `outside/secret.txt` beside the root. */
export const SECRET = "the words outside";

/** What a test is handed. */
export interface ExampleWorld {
  /** Holds the root and everything outside of it. */
  readonly folder: string;
  readonly root: string;
  readonly context: ToolContext;
}

/** Runs a test in a fresh world and removes it. */
export async function inExampleWorld(test: (world: ExampleWorld) => Promise<void>): Promise<void> {
  await inGitSandbox(async ({ folder, root, home, repository, git, context }) => {
    await Deno.writeTextFile(join(root, "README.md"), "# Example\n\nTODO: say more.\n");
    const notes = await repository("notes");
    await git(root, "init", "--quiet", "--bare", "remote.git");
    await git(notes, "remote", "add", "origin", join(root, "remote.git"));
    await git(notes, "push", "--quiet", "--set-upstream", "origin", "main");
    await Deno.mkdir(join(folder, "outside"));
    await Deno.writeTextFile(join(folder, "outside", "secret.txt"), SECRET);
    await Deno.symlink(join(folder, "outside"), join(root, "link-folder"));
    await Deno.symlink("../outside/secret.txt", join(root, "link-file"));
    const scope = { roots: [root], forbidden: [], platform: testSettings(root).platform };
    const extensionFolder = await makeExtension(folder);
    const path = `${join(folder, "bin")}:${Deno.env.get("PATH") ?? ""}`;
    await test({
      folder,
      root,
      context: {
        ...context({ extensionFolder, allowRun: ["git", "npm", "code"] }),
        portfolio: await openPortfolio({ kind: "embedded" }),
        search: (request) => Promise.resolve(searchHere(request, scope)),
        run: async (request, signal) => {
          const program = await findProgram(request.program, path);
          return await runProcess(program, request, { PATH: path, HOME: home, TMPDIR: folder }, signal);
        },
      },
    });
  });
}

/** An example's input with the example's root replaced by the world's. */
export function moveExample(input: unknown, root: string): Readonly<Record<string, unknown>> {
  const moved: unknown = JSON.parse(
    JSON.stringify(
      input,
      (_, value: unknown) =>
        typeof value === "string" && `${value}/`.startsWith(`${exampleRoot}/`)
          ? root + value.slice(exampleRoot.length)
          : value,
    ),
  );
  return { ...(typeof moved === "object" ? moved : {}) };
}

/** An extension that compiles, packages by putting a zip in place, and can be installed; and a `code`. */
async function makeExtension(folder: string): Promise<string> {
  const extension = join(folder, "extension");
  await Deno.mkdir(extension);
  await Deno.mkdir(join(folder, "bin"));
  const manifest = {
    name: "notes",
    publisher: "ada",
    version: "1.0.0",
    scripts: { compile: "echo compiled", package: "cp made.zip notes-1.0.0.vsix" },
  };
  await Deno.writeTextFile(join(extension, "package.json"), JSON.stringify(manifest));
  const packed = await makeZip({ "extension/package.json": JSON.stringify(manifest) });
  await Deno.writeFile(join(extension, "made.zip"), packed);
  await Deno.writeFile(join(extension, "notes-1.0.0.vsix"), packed);
  await Deno.writeTextFile(join(folder, "bin", "code"), "#!/bin/sh\necho installed\n", { mode: 0o755 });
  return extension;
}

async function findProgram(program: string, path: string): Promise<string> {
  for (const place of path.split(":")) {
    const file = join(place, program);
    if (await Deno.stat(file).then(({ isFile }) => isFile, () => false)) return file;
  }
  throw new AppError("process.not_found", `Cannot run ${program}: it is not on PATH`);
}
