/**
 * The files that put the token into a shell's environment, kept for as long as something is deployed anywhere.
 *
 * The shell files hold no secret: they read the token file when they are sourced, so a token that was replaced is
 * followed. systemd's `environment.d` cannot do that: the file for it holds the token itself, belongs to its user alone,
 * and is written only where a user's systemd is in use.
 *
 * @module
 */

import { isFolder } from "../base/on_disk.ts";
import type { Applied, Shell } from "./model.ts";
import { appliedFolder } from "./read.ts";
import { readText, writeOwnFile } from "./replace_file.ts";

/** The variable that a client reads the token from. */
export const TOKEN_VARIABLE = "AGENTOS_TOKEN";

/** True when what was deployed to a home has its client take the token from the environment. */
export function takesToken({ entries }: Applied): boolean {
  return Object.values(entries).some(({ kind, content }) =>
    kind === "config" && content.includes(TOKEN_VARIABLE)
  );
}

const HEADER = '# Written by "agentos sync push", which replaces it.';

/** The command that puts the token into the environment; it holds the token file's path, never the token. */
export function renderEnvironment(shell: Shell, tokenFile: string): string {
  const sh = `'${tokenFile.replaceAll("'", `'\\''`)}'`;
  const fish = `'${tokenFile.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
  const powershell = `(Get-Content -Raw -LiteralPath '${tokenFile.replaceAll("'", "''")}').Trim()`;
  switch (shell) {
    case "sh":
      return `export ${TOKEN_VARIABLE}="$(cat ${sh})"`;
    case "fish":
      return `set -gx ${TOKEN_VARIABLE} (cat ${fish})`;
    case "powershell":
      return `$env:${TOKEN_VARIABLE} = ${powershell}`;
    case "systemd":
      return `systemctl --user set-environment ${TOKEN_VARIABLE}="$(cat ${sh})"`;
    case "launchctl":
      return `launchctl setenv ${TOKEN_VARIABLE} "$(cat ${sh})"`;
    case "setx":
      return `setx ${TOKEN_VARIABLE} ${powershell}`;
  }
}

/** Where the environment is kept. */
export interface EnvironmentPlace {
  readonly stateFolder: string;
  readonly tokenFile: string;
  /** `environment.d` of a systemd that is in use; undefined elsewhere. */
  readonly systemdFolder: string | undefined;
}

/** The folder of `environment.d` files, where a user's systemd reads one. */
export function findSystemdFolder(
  env: (name: string) => string | undefined,
  userHome: string,
): string | undefined {
  const config = env("XDG_CONFIG_HOME") ?? `${userHome}/.config`;
  const runtime = env("XDG_RUNTIME_DIR");
  const isUsed = isFolder(`${config}/environment.d`) ||
    (runtime !== undefined && isFolder(`${runtime}/systemd`) && isFolder(config));
  return isUsed ? `${config}/environment.d` : undefined;
}

/** The files that are kept, those of others that decide on them, and where they would be. */
export function environmentPaths(
  stateFolder: string,
  env: (name: string) => string | undefined,
  userHome: string,
): readonly string[] {
  const config = env("XDG_CONFIG_HOME") ?? `${userHome}/.config`;
  const systemd = findSystemdFolder(env, userHome);
  const place = { stateFolder, tokenFile: "", systemdFolder: systemd };
  return [`${config}/environment.d`, ...environmentFiles(place, undefined).map(({ file }) => file)];
}

/**
 * Writes the files when something is deployed anywhere, removes them when nothing is.
 *
 * @param token the token itself, for systemd
 * @returns the files that were written or removed now
 */
export function keepEnvironment(place: EnvironmentPlace, token: string | undefined): readonly string[] {
  const isDeployed = countRecords(place.stateFolder) > 0;
  return environmentFiles(place, token).filter(({ file, text }) => {
    const present = readText(file);
    const isOurs = present === undefined || present.startsWith(HEADER);
    if (!isOurs || (isDeployed ? present === text || text === undefined : present === undefined)) {
      return false;
    }
    if (isDeployed && text !== undefined) {
      Deno.mkdirSync(file.slice(0, file.lastIndexOf("/")), { recursive: true, mode: 0o700 });
      writeOwnFile(file, text);
    } else Deno.removeSync(file);
    return true;
  }).map(({ file }) => file);
}

function environmentFiles(
  { stateFolder, tokenFile, systemdFolder }: EnvironmentPlace,
  token: string | undefined,
): readonly { readonly file: string; readonly text: string | undefined }[] {
  const file = (shell: Shell): string => `${HEADER}\n${renderEnvironment(shell, tokenFile)}\n`;
  return [
    { file: `${stateFolder}/env`, text: file("sh") },
    { file: `${stateFolder}/env.fish`, text: file("fish") },
    { file: `${stateFolder}/env.ps1`, text: file("powershell") },
    ...(systemdFolder === undefined ? [] : [{
      file: `${systemdFolder}/60-agentos.conf`,
      text: token === undefined ? undefined : `${HEADER}\n${TOKEN_VARIABLE}=${token}\n`,
    }]),
  ];
}

function countRecords(stateFolder: string): number {
  try {
    return [...Deno.readDirSync(appliedFolder(stateFolder))].filter(({ name }) => name.endsWith(".json"))
      .length;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return 0;
    throw error;
  }
}
