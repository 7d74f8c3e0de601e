/**
 * A real VSCode server for tests: code-server from npm, on the Node.js that it wants, with a `code` command whose
 * settings and extensions live in a folder of the test's.
 *
 * Observed with code-server 4.139.1 (Code 1.139.1) on 2026-11-23: with install scripts off its CLI works; only
 * native parts that the CLI does not need are missing. Its `lib/vscode` has dependencies of its own, which npm does
 * not install with it.
 *
 * @module
 */

import { join } from "node:path";
import { installPackage, PACKAGES } from "./install.ts";

/** About 600 MB installed. */
const CODE_SERVER = { name: "code-server", version: "4.139.1" };

/** Written when the second half of the installation is done. */
const READY = ".installed";

/**
 * Makes a folder with the command `code` in it, and nothing else.
 *
 * @param folder a folder of the test's, which is made
 */
export async function makeCodeCommand(folder: string): Promise<void> {
  const node = await findNode24();
  const home = join(await installPackage(CODE_SERVER), "code-server");
  await installInner(join(home, "lib", "vscode"), node);
  const words = [
    join(node, "node"),
    join(home, "out", "node", "entry.js"),
    ...["--config", join(folder, "settings", "config.yaml")],
    ...["--user-data-dir", join(folder, "settings", "data")],
    ...["--extensions-dir", join(folder, "settings", "extensions")],
  ];
  await Deno.mkdir(join(folder, "settings"), { recursive: true });
  await Deno.writeTextFile(join(folder, "settings", "config.yaml"), "auth: none\n");
  await Deno.writeTextFile(join(folder, "code"), `#!/bin/sh\nexec ${words.map(quote).join(" ")} "$@"\n`, {
    mode: 0o755,
  });
}

/** The folder that holds the `node` that code-server wants. */
export async function findNode24(): Promise<string> {
  return join(await installPackage(PACKAGES.node24), PACKAGES.node24.name, "bin");
}

async function installInner(folder: string, node: string): Promise<void> {
  const ready = join(folder, READY);
  using lock = await Deno.open(`${folder}.lock`, { create: true, write: true });
  await lock.lock(true);
  if (await exists(ready)) return;
  const { success, stderr } = await new Deno.Command("npm", {
    args: ["install", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund"],
    cwd: folder,
    env: { PATH: `${node}:${Deno.env.get("PATH") ?? ""}` },
    stdin: "null",
  }).output();
  if (!success) {
    throw new Error(
      `npm could not install what VSCode needs: ${new TextDecoder().decode(stderr).slice(-2000)}`,
    );
  }
  await Deno.writeTextFile(ready, "");
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
