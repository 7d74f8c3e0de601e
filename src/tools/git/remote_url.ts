/**
 * Remote URLs as git reads them: which way a URL reaches the other side. Pure.
 *
 * The forms are those of `git help push`, "GIT URLS" (git 2.39).
 *
 * @module
 */

import type { Platform } from "../../base/path_rules.ts";

/** How git would reach a remote. */
export type RemoteUrl =
  /** Over one of git's own network protocols. */
  | { readonly kind: "network"; readonly protocol: "https" | "http" | "ssh" | "git" }
  /** A repository in a folder of this machine; git starts `git receive-pack` there itself. */
  | { readonly kind: "folder"; readonly path: string }
  /** Through a program `git-remote-<name>`; `ext` runs any command. */
  | { readonly kind: "helper"; readonly name: string };

/** The protocols that git may use for a repository that is not trusted, in the form of `GIT_ALLOW_PROTOCOL`. */
export const ALLOWED_PROTOCOLS = "https:http:ssh:git:file";

/** Says how git would reach `url`. Never fails: what is nothing else is a folder, as it is for git. */
export function parseRemoteUrl(url: string, platform: Platform): RemoteUrl {
  const helper = /^([A-Za-z0-9][A-Za-z0-9+.-]*)::/.exec(url)?.[1];
  if (helper !== undefined) return { kind: "helper", name: helper };

  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):\/\//.exec(url)?.[1];
  if (scheme !== undefined) return fromScheme(scheme, url, platform);

  if (platform === "windows" && /^[A-Za-z]:/.test(url)) return { kind: "folder", path: url };
  // The scp form `host:path` needs a colon before the first slash.
  if (/^[^/\\]+:/.test(url)) return { kind: "network", protocol: "ssh" };
  return { kind: "folder", path: url };
}

function fromScheme(scheme: string, url: string, platform: Platform): RemoteUrl {
  switch (scheme) {
    case "https":
    case "http":
    case "git":
    case "ssh":
      return { kind: "network", protocol: scheme };
    case "git+ssh":
    case "ssh+git":
      return { kind: "network", protocol: "ssh" };
    case "file":
      return fromFileUrl(url.slice("file://".length), platform);
    default:
      return { kind: "helper", name: scheme };
  }
}

/** As git's `parse_connect_url`: escapes are decoded; a host is dropped, but names a share on Windows. */
function fromFileUrl(escaped: string, platform: Platform): RemoteUrl {
  let rest: string;
  try {
    rest = decodeURIComponent(escaped);
  } catch {
    return { kind: "helper", name: "file" }; // What git would make of it is not known.
  }
  if (platform !== "windows") return { kind: "folder", path: rest.slice(Math.max(0, rest.indexOf("/"))) };
  if (/^\/?[A-Za-z]:/.test(rest)) return { kind: "folder", path: rest.replace(/^\//, "") };
  return { kind: "folder", path: rest.startsWith("/") ? rest : `//${rest}` };
}
