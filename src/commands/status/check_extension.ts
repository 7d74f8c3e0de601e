/**
 * Checks of the VSCode extension: whether its folder holds one, and which version VSCode has.
 *
 * VSCode keeps each extension in `~/.vscode/extensions/<publisher>.<name>-<version>` (1.95, 2026-11).
 *
 * @module
 */

import { isObject } from "../../base/json_fields.ts";
import type { Config } from "../../config/read.ts";
import type { Check } from "../../status/model.ts";

/** Looks for the extension of the repo, or of `server.ext_dir`. */
export function checkExtension(config: Config, repo: string | undefined, home: string): Check {
  const base = { id: "extension", name: "VSCode extension" } as const;
  const named = config.textIfSet("server.ext_dir");
  const folder = named ?? (repo === undefined ? undefined : `${repo}/clients/vscode`);
  const manifest = folder === undefined ? undefined : readManifest(`${folder}/package.json`);
  if (folder === undefined || manifest === undefined) {
    return named === undefined ? { ...base, state: "note", text: "none", data: { version: null } } : {
      ...base,
      state: "bad",
      text: `no package.json in ${named}`,
      next: "agentos config explain server.ext_dir",
    };
  }
  const installed = installedVersions(`${home}/.vscode/extensions`, manifest.id);
  const data = { folder, version: manifest.version, installed };
  if (installed.includes(manifest.version)) {
    return { ...base, state: "good", text: `${manifest.id} ${manifest.version}, installed`, data };
  }
  const has = installed.length === 0 ? "not installed" : `VSCode has ${installed.join(", ")}`;
  return {
    ...base,
    state: "note",
    text: `${manifest.id} ${manifest.version}; ${has}`,
    next: "let an agent package and install it (agentOS_ext_package, agentOS_ext_install)",
    data,
  };
}

function readManifest(file: string): { readonly id: string; readonly version: string } | undefined {
  try {
    const value: unknown = JSON.parse(Deno.readTextFileSync(file));
    if (!isObject(value)) return undefined;
    const { name, publisher, version } = value;
    return typeof name === "string" && typeof publisher === "string" && typeof version === "string"
      ? { id: `${publisher}.${name}`, version }
      : undefined;
  } catch {
    return undefined;
  }
}

function installedVersions(folder: string, id: string): readonly string[] {
  try {
    const start = `${id.toLowerCase()}-`;
    return [...Deno.readDirSync(folder)].map(({ name }) => name.toLowerCase())
      .filter((name) => name.startsWith(start)).map((name) => name.slice(start.length)).sort();
  } catch {
    return [];
  }
}
