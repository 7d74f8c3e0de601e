/**
 * The path forms of Windows, as pure functions of text that run everywhere.
 *
 * Source: "Naming Files, Paths, and Namespaces" and "File path formats on Windows systems", Microsoft Learn,
 * read 2026-11. Only two absolute forms are taken: a drive (`C:\a`) and a share (`\\server\share\a`).
 *
 * @module
 */

/** Names that are devices in every folder, whatever their extension. */
const DEVICE_NAME = /^(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9\u00b9\u00b2\u00b3])$/i;

const DRIVE = /^([A-Za-z]):[\\/]/;
const SHARE = /^[\\/]{2}([^\\/]+)[\\/]+([^\\/]+)/;

/** True for `C:\…` and `\\server\share…`; `C:a` and `\a` depend on a current drive and are not absolute. */
export function isWindowsAbsolute(path: string): boolean {
  return DRIVE.test(path) || SHARE.test(path);
}

/** Why Windows would take this path for something else than the file it seems to name; undefined when it would not. */
export function windowsPathProblem(path: string): string | undefined {
  if (/^[\\/]{2}[?.]([\\/]|$)/.test(path) || /^\\\?\?\\/.test(path)) return "it is a device path";
  const share = SHARE.exec(path)?.[0];
  const drive = DRIVE.exec(path)?.[0];
  if (share === undefined && /^[\\/]/.test(path)) return "it has no drive; start it with one, as in C:\\";
  if (drive === undefined && /^[A-Za-z]:/.test(path)) {
    return "it is relative to a drive; write C:\\ with the \\";
  }

  for (const name of path.slice(drive?.length ?? 0).split(/[\\/]/)) {
    const problem = name === "." || name === ".." ? undefined : windowsNameProblem(name);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function windowsNameProblem(name: string): string | undefined {
  if (name.includes(":")) return "it names an alternate stream (:)";
  if (/[<>"|?*]/.test(name)) return 'it holds one of < > " | ? *';
  if (/[. ]$/.test(name)) return "a name in it ends with a dot or a space, which Windows drops";
  const stem = name.split(".")[0] ?? "";
  if (DEVICE_NAME.test(stem.trimEnd())) return `${stem} is a device`;
  return undefined;
}

/** An absolute path cut into what cannot be left by `..` (`C:\\` or `\\server\share\`) and the names below it. */
export function splitWindowsPath(path: string): { readonly top: string; readonly names: readonly string[] } {
  const share = SHARE.exec(path);
  if (share !== null) {
    return { top: `\\\\${share[1]}\\${share[2]}\\`, names: path.slice(share[0].length).split(/[\\/]/) };
  }
  const drive = (DRIVE.exec(path)?.[1] ?? "").toUpperCase();
  return { top: `${drive}:\\`, names: path.slice(3).split(/[\\/]/) };
}
