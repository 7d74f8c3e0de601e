/**
 * Brings test data here from Debian's archive, by its own clients and configuration.
 *
 * A package is unpacked once into `.build/cache/debian-<name>`, whole or not at all; nothing is installed.
 *
 * @module
 */

import { join } from "node:path";
import { findProgram } from "../sync_sandbox.ts";
import { PROJECT_FOLDER } from "./install.ts";
import { runProgram } from "./program.ts";

/** The folder with a package's files, or undefined on a machine that cannot get it (no apt, no archive). */
export async function unpackDebian(name: string): Promise<string | undefined> {
  const cache = join(PROJECT_FOLDER, ".build", "cache");
  const folder = join(cache, `debian-${name}`);
  if (await Deno.stat(folder).then(({ isDirectory }) => isDirectory, () => false)) return folder;
  await Deno.mkdir(cache, { recursive: true });
  const work = await Deno.makeTempDir({ dir: cache, prefix: "debian-" });
  try {
    const apt = await findProgram("apt-get");
    const env = { HOME: work };
    const downloaded = await runProgram({ path: apt, args: ["-q", "download", name], cwd: work, env });
    const file = [...Deno.readDirSync(work)].find((entry) => entry.name.endsWith(".deb"));
    if (downloaded.code !== 0 || file === undefined) return undefined;
    const unpacked = join(work, "unpacked");
    const args = ["-x", join(work, file.name), unpacked];
    const { code } = await runProgram({ path: await findProgram("dpkg-deb"), args, cwd: work, env });
    if (code !== 0) return undefined;
    await Deno.rename(unpacked, folder);
    return folder;
  } catch {
    return undefined; // No such program here: the caller says that it goes without.
  } finally {
    await Deno.remove(work, { recursive: true });
  }
}
