/**
 * The `.vsix` packages in an extension's folder: which of them are the extension's own, and which is the newest.
 *
 * @module
 */

import { join } from "node:path";
import { compare, valid } from "semver";
import { type Extension, extensionManifest } from "./extension.ts";
import { readZipEntry } from "./zip_entry.ts";

/** One package of the extension. */
export interface Vsix {
  /** Absolute path. */
  readonly path: string;
  /** From the manifest inside. */
  readonly version: string;
  readonly modifiedMs: number;
}

/** Besides the folder itself, where build scripts put packages. */
const FOLDERS = ["", "dist", "out", "build", "artifacts"];
const MAX_MANIFEST_BYTES = 1024 * 1024;

/**
 * Every package of this extension in its folder, or in one of its usual output folders. Files that are no
 * packages or cannot be read, and other extensions' packages, are left out.
 */
export async function listVsix(extension: Extension): Promise<readonly Vsix[]> {
  const found: Vsix[] = [];
  for (const name of FOLDERS) {
    const folder = join(extension.folder, name);
    for (const file of await listFolder(folder)) {
      const vsix = await readVsix(join(folder, file), extension);
      if (vsix !== undefined) found.push(vsix);
    }
  }
  return found;
}

async function listFolder(folder: string): Promise<readonly string[]> {
  const names: string[] = [];
  try {
    for await (const entry of Deno.readDir(folder)) {
      if (entry.isFile && entry.name.toLowerCase().endsWith(".vsix")) names.push(entry.name);
    }
  } catch (error) {
    if (!isUnreadable(error)) throw error;
  }
  return names.sort();
}

async function readVsix(
  path: string,
  { manifest: { name, publisher } }: Extension,
): Promise<Vsix | undefined> {
  using file = await openIfReadable(path);
  if (file === undefined) return undefined;
  const bytes = await readZipEntry(file, "extension/package.json", MAX_MANIFEST_BYTES);
  const manifest = extensionManifest.safeParse(parseJson(bytes));
  if (!manifest.success || valid(manifest.data.version) === null) return undefined;
  if (manifest.data.name !== name || manifest.data.publisher !== publisher) return undefined;
  const modifiedMs = (await file.stat()).mtime?.getTime() ?? 0;
  return { path, version: manifest.data.version, modifiedMs };
}

async function openIfReadable(path: string): Promise<Deno.FsFile | undefined> {
  try {
    return await Deno.open(path);
  } catch (error) {
    if (isUnreadable(error)) return undefined;
    throw error;
  }
}

/** True for what is not there, or not for us to read. */
function isUnreadable(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory ||
    error instanceof Deno.errors.PermissionDenied;
}

function parseJson(bytes: Uint8Array | undefined): unknown {
  try {
    return bytes === undefined ? undefined : JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}

/** The package with the highest version; among equals the one that was written last. */
export function newestVsix(packages: readonly Vsix[]): Vsix | undefined {
  return packages.toSorted((a, b) => compare(b.version, a.version) || b.modifiedMs - a.modifiedMs)[0];
}
