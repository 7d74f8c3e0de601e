/**
 * Notices that the system looks names up elsewhere than when a worker started, which may then read the old list of name
 * servers only: the kernel wall holds the file, not its name.
 *
 * Where the list is a link into a folder that the worker may read as a whole (systemd-resolved, NetworkManager), nothing
 * has to be done: a new file there is seen. The C library asks for changes by the file's identity at each look-up
 * (glibc 2.26 and later), and takes a list that it cannot read for an empty one.
 *
 * @module
 */

import { isInside } from "../base/path_rules.ts";

/** The list of name servers (man 5 resolv.conf). */
const RESOLV_CONF = "/etc/resolv.conf";

/** Says why what started at that moment can look up no names any more; undefined as long as it can. */
export type StaleCheck = () => string | undefined;

/**
 * Starts to watch; to be called as a worker starts.
 *
 * @param readable folders that the worker may read as a whole
 */
export function watchNames(readable: readonly string[], file: string = RESOLV_CONF): StaleCheck {
  const before = identify(file);
  return () => {
    const now = identify(file);
    if (now.identity === before.identity) return undefined;
    const { path } = now;
    if (path !== undefined && readable.some((folder) => isInside(path, folder, "linux"))) return undefined;
    return `${file} was replaced, and the kernel lets this worker read the old one only`;
  };
}

function identify(file: string): { readonly path: string | undefined; readonly identity: string } {
  try {
    const path = Deno.realPathSync(file);
    const { dev, ino } = Deno.statSync(path);
    return { path, identity: `${path} ${dev} ${ino}` };
  } catch {
    return { path: undefined, identity: "none" };
  }
}
