/**
 * What a repository may not say about itself until its user trusts it.
 *
 * A repository brings its own config file. Some of its keys name a program that git starts, move the work tree,
 * or lead a connection that carries the user's credentials elsewhere. In a repository that the user has not named
 * with `--trust-repo`, any such key refuses the call. Keys in the user's own config (`~/.gitconfig`, the system's
 * file) are the user's, and stay. Pure: how the config is read stands in `config.ts`.
 *
 * {@link KEY_RULES} is the whole list. It covers what git 2.30 to 2.54 and Git LFS 3 know, whether or not
 * `add`, `commit` and `push` reach it today. These were weighed and are let through:
 *
 * | key | why |
 * | --- | --- |
 * | `core.fsmonitor = true` | git's own daemon, no foreign program; switched off for the call all the same |
 * | `core.excludesFile`, `.gitattributes` | they choose among filters, and define none |
 * | `commit.gpgSign`, `push.gpgSign`, `user.signingKey` | signing is off; only `gpg.*` names the program |
 * | `filter.lfs.*` with the very lines that `git lfs install` writes | the program is the user's `git-lfs` |
 * | `remote.*.url` over https, http, ssh, git, or to a folder | a folder is looked at before a push |
 * | `extensions.partialClone`, `remote.*.promisor` | a commit is given no protocol to fetch with |
 *
 * @module
 */

import type { Platform } from "../../base/path_rules.ts";
import { parseRemoteUrl } from "./remote_url.ts";

/** One line of a config file, as `git config --list -z` prints it: section and name in lower case. */
export interface ConfigEntry {
  readonly key: string;
  /** `undefined` for a key without `=`, which git reads as true. */
  readonly value: string | undefined;
  /** Absolute path of the file that says so. */
  readonly file: string;
}

/** Why a key is refused; the end of a sentence that begins "… which". */
export type Danger =
  | "names a program that git would start"
  | "moves the work tree"
  | "draws in another config file"
  | "has git read another file, which may have no end"
  | "redirects or weakens a connection that carries credentials";

/** One family of refused keys. A subsection (`filter.<name>.clean`) may be anything, or be missing. */
export interface KeyRule {
  readonly section: string;
  /** The last parts of the key in lower case, or every key of the section. */
  readonly names: "every" | readonly string[];
  /** With `every`: the names that are harmless. */
  readonly except?: readonly string[];
  readonly danger: Danger;
  /** True for an entry that is harmless all the same. */
  allows?(entry: ConfigEntry, place: ConfigPlace): boolean;
}

/** What a rule may need to know of where the config stands. */
export interface ConfigPlace {
  /** Real path of the work tree's top. */
  readonly top: string;
  readonly platform: Platform;
  /** `bare`: a repository that is pushed to; the others as in `git_folder.ts`. */
  readonly layout: "own" | "linked" | "apart" | "bare";
  /** The real path that `core.worktree` leads to, when the config sets it and it can be resolved. */
  readonly configuredWorkTree: string | undefined;
}

const PROGRAM = "names a program that git would start";
const OTHER_FILE = "has git read another file, which may have no end";
const CONNECTION = "redirects or weakens a connection that carries credentials";

/** The closed list of refused keys. */
export const KEY_RULES: readonly KeyRule[] = [
  { section: "core", names: ["fsmonitor"], danger: PROGRAM, allows: (entry) => isSwitch(entry.value) },
  {
    section: "core",
    names: [
      "hookspath",
      "sshcommand",
      "gitproxy",
      "editor",
      "pager",
      "askpass",
      "alternaterefscommand",
      "virtualfilesystem", // Microsoft's git
    ],
    danger: PROGRAM,
  },
  {
    section: "core",
    names: ["worktree"],
    danger: "moves the work tree",
    // Every submodule's config says where its work tree is: fine when that is where we are. In a linked worktree
    // git itself passes over both of these keys of the shared config.
    allows: (_, place) => place.layout === "linked" || place.configuredWorkTree === place.top,
  },
  {
    section: "core",
    names: ["bare"],
    danger: "moves the work tree",
    allows: (entry, place) => place.layout === "linked" || place.layout === "bare" || isOff(entry.value),
  },

  { section: "include", names: "every", danger: "draws in another config file" },
  { section: "includeif", names: "every", danger: "draws in another config file" },

  { section: "core", names: ["attributesfile"], danger: OTHER_FILE },
  { section: "diff", names: ["orderfile"], danger: OTHER_FILE },
  // `fsck.skipList`, and the like of `receive` and `fetch`.
  { section: "fsck", names: ["skiplist"], danger: OTHER_FILE },
  { section: "receive", names: ["skiplist"], danger: OTHER_FILE },
  { section: "fetch", names: ["skiplist"], danger: OTHER_FILE },

  { section: "filter", names: "every", danger: PROGRAM, allows: isGitLfs },
  { section: "diff", names: ["external", "command", "textconv"], danger: PROGRAM },
  { section: "merge", names: ["driver"], danger: PROGRAM },
  { section: "gpg", names: "every", except: ["format", "mintrustlevel"], danger: PROGRAM },
  { section: "hook", names: "every", danger: PROGRAM },
  { section: "alias", names: "every", danger: PROGRAM },
  { section: "trailer", names: ["command", "cmd"], danger: PROGRAM },
  { section: "gc", names: ["recentobjectshook"], danger: PROGRAM },
  { section: "sequence", names: ["editor"], danger: PROGRAM },
  { section: "interactive", names: ["difffilter"], danger: PROGRAM },
  { section: "pager", names: "every", danger: PROGRAM, allows: (entry) => isSwitch(entry.value) },
  { section: "uploadpack", names: ["packobjectshook"], danger: PROGRAM },
  {
    section: "submodule",
    names: ["update"],
    danger: PROGRAM,
    allows: (entry) => !(entry.value ?? "").startsWith("!"),
  },
  {
    section: "lfs", // lfs.customtransfer.<name>.{path,args}, lfs.extension.<name>.{clean,smudge}
    names: ["path", "args", "clean", "smudge", "standalonetransferagent"],
    danger: PROGRAM,
  },
  { section: "difftool", names: ["cmd", "path"], danger: PROGRAM },
  { section: "mergetool", names: ["cmd", "path"], danger: PROGRAM },
  { section: "guitool", names: ["cmd"], danger: PROGRAM },
  { section: "browser", names: ["cmd", "path"], danger: PROGRAM },
  { section: "man", names: ["cmd", "path"], danger: PROGRAM },
  { section: "instaweb", names: ["httpd", "browser", "modulepath"], danger: PROGRAM },
  { section: "tar", names: ["command"], danger: PROGRAM },
  { section: "imap", names: ["tunnel"], danger: PROGRAM },
  {
    section: "sendemail",
    names: ["smtpserver", "sendmailcmd", "tocmd", "cccmd", "headercmd"],
    danger: PROGRAM,
  },

  { section: "remote", names: ["receivepack", "uploadpack", "vcs"], danger: PROGRAM },
  {
    section: "remote",
    names: ["url", "pushurl", "pushdefault"],
    danger: PROGRAM,
    allows: reachesWithoutHelper,
  },
  // A branch may name a URL where others name a remote.
  { section: "branch", names: ["remote", "pushremote"], danger: PROGRAM, allows: reachesWithoutHelper },
  { section: "remote", names: ["proxy", "proxyauthmethod"], danger: CONNECTION },
  { section: "url", names: "every", danger: CONNECTION },
  { section: "protocol", names: ["allow"], danger: CONNECTION },
  { section: "credential", names: "every", except: ["username", "usehttppath"], danger: PROGRAM },
  {
    section: "http",
    names: "every",
    except: [
      "postbuffer",
      "extraheader",
      "version",
      "lowspeedlimit",
      "lowspeedtime",
      "maxrequests",
      "minsessions",
      "useragent",
    ],
    danger: CONNECTION,
  },
];

/** A key that refuses the call, and why. */
export interface RefusedKey {
  readonly entry: ConfigEntry;
  readonly danger: Danger;
}

/** Every entry that an untrusted repository may not have, in the order of the file. */
export function refusedKeys(entries: readonly ConfigEntry[], place: ConfigPlace): readonly RefusedKey[] {
  return entries.flatMap((entry) => {
    const rule = KEY_RULES.find((candidate) =>
      matches(candidate, entry.key) && !candidate.allows?.(entry, place)
    );
    return rule === undefined ? [] : [{ entry, danger: rule.danger }];
  });
}

function matches(rule: KeyRule, key: string): boolean {
  const section = key.slice(0, Math.max(0, key.indexOf("."))).toLowerCase();
  if (section !== rule.section) return false;
  const name = key.slice(key.lastIndexOf(".") + 1).toLowerCase();
  return rule.names === "every" ? !(rule.except ?? []).includes(name) : rule.names.includes(name);
}

function isSwitch(value: string | undefined): boolean {
  return value === undefined || /^(true|yes|on|1)$/i.test(value) || isOff(value);
}

/** True for a value that git reads as false; a key without one is true to git. */
export function isOff(value: string | undefined): boolean {
  return value !== undefined && /^(false|no|off|0|)$/i.test(value);
}

/** The lines of `git lfs install` (Git LFS 3.6), with and without `--skip-smudge`. */
const GIT_LFS: Readonly<Record<string, readonly string[]>> = {
  "filter.lfs.clean": ["git-lfs clean -- %f"],
  "filter.lfs.smudge": ["git-lfs smudge -- %f", "git-lfs smudge --skip -- %f"],
  "filter.lfs.process": ["git-lfs filter-process", "git-lfs filter-process --skip"],
  "filter.lfs.required": ["true"],
};

function isGitLfs(entry: ConfigEntry): boolean {
  return entry.value !== undefined && (GIT_LFS[entry.key] ?? []).includes(entry.value);
}

function reachesWithoutHelper(entry: ConfigEntry, place: ConfigPlace): boolean {
  return parseRemoteUrl(entry.value ?? "", place.platform).kind !== "helper";
}
