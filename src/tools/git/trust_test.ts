import assert from "node:assert/strict";
import { type ConfigPlace, KEY_RULES, refusedKeys } from "./trust.ts";

const PLACE: ConfigPlace = {
  top: "/r/repo",
  platform: "linux",
  layout: "own",
  configuredWorkTree: undefined,
};

function refused(key: string, value: string | undefined, place: ConfigPlace = PLACE): readonly string[] {
  return refusedKeys([{ key, value, file: "/r/repo/.git/config" }], place).map(({ entry }) => entry.key);
}

Deno.test("refusedKeys() finds every key of every rule, with any subsection and in any case", () => {
  for (const { section, names } of KEY_RULES) {
    for (const name of names === "every" ? ["anything"] : names) {
      const value = name === "url" || name.startsWith("push") || name === "remote"
        ? "ext::sh -c x"
        : "!touch x";
      for (
        const key of [`${section}.${name}`, `${section}.a.b C.${name}`, `${section}.x.${name.toUpperCase()}`]
      ) {
        assert.deepEqual(refused(key, value), [key]);
      }
    }
  }
});

Deno.test("refusedKeys() passes over what an ordinary repository has", () => {
  const ordinary: readonly (readonly [string, string | undefined])[] = [
    ["core.repositoryformatversion", "0"],
    ["core.filemode", "true"],
    ["core.bare", "false"],
    ["core.logallrefupdates", undefined],
    ["core.ignorecase", "true"],
    ["core.precomposeunicode", "true"],
    ["core.autocrlf", "input"],
    ["core.fsmonitor", "true"],
    ["core.untrackedcache", "true"],
    ["core.excludesfile", "~/.gitignore"],
    ["extensions.worktreeconfig", "true"],
    ["user.name", "Ada"],
    ["user.signingkey", "ABCDEF"],
    ["commit.gpgsign", "true"],
    ["gpg.format", "ssh"],
    ["remote.origin.url", "git@github.com:ada/notes.git"],
    ["remote.origin.pushurl", "https://github.com/ada/notes.git"],
    ["remote.origin.fetch", "+refs/heads/*:refs/remotes/origin/*"],
    ["remote.origin.gh-resolved", "base"],
    ["remote.pushdefault", "origin"],
    ["branch.main.remote", "origin"],
    ["branch.main.merge", "refs/heads/main"],
    ["branch.feature/ext::x.rebase", "true"],
    ["submodule.lib.url", "https://github.com/ada/lib.git"],
    ["submodule.lib.active", "true"],
    ["submodule.lib.update", "rebase"],
    ["credential.username", "ada"],
    ["protocol.version", "2"],
    ["http.postbuffer", "524288000"],
    ["pager.log", "false"],
    ["merge.conflictstyle", "zdiff3"],
    ["diff.tool", "vimdiff"],
    ["filter.lfs.clean", "git-lfs clean -- %f"],
    ["filter.lfs.smudge", "git-lfs smudge -- %f"],
    ["filter.lfs.smudge", "git-lfs smudge --skip -- %f"],
    ["filter.lfs.process", "git-lfs filter-process"],
    ["filter.lfs.required", "true"],
    ["lfs.repositoryformatversion", "0"],
    ["lfs.https://github.com/ada/notes.git/info/lfs.access", "basic"],
  ];
  for (const [key, value] of ordinary) assert.deepEqual(refused(key, value), [], key);
});

Deno.test("refusedKeys() takes only the very lines of Git LFS", () => {
  assert.deepEqual(refused("filter.lfs.clean", "git-lfs clean -- %f; touch x"), ["filter.lfs.clean"]);
  assert.deepEqual(refused("filter.lfs.process", "./git-lfs filter-process"), ["filter.lfs.process"]);
  assert.deepEqual(refused("filter.other.clean", "git-lfs clean -- %f"), ["filter.other.clean"]);
  assert.deepEqual(refused("lfs.customtransfer.x.path", "./run"), ["lfs.customtransfer.x.path"]);
  assert.deepEqual(refused("lfs.extension.x.clean", "./run"), ["lfs.extension.x.clean"]);
});

Deno.test("refusedKeys() lets core.worktree lead to where it is, and linked worktrees share a bare repository", () => {
  assert.deepEqual(refused("core.worktree", "../../..", { ...PLACE, configuredWorkTree: "/r/repo" }), []);
  assert.deepEqual(refused("core.worktree", "/", { ...PLACE, configuredWorkTree: "/" }), ["core.worktree"]);
  assert.deepEqual(refused("core.worktree", "gone"), ["core.worktree"]);
  assert.deepEqual(refused("core.worktree", "/x", { ...PLACE, layout: "linked" }), []);
  assert.deepEqual(refused("core.bare", "true"), ["core.bare"]);
  assert.deepEqual(refused("core.bare", undefined), ["core.bare"]);
  assert.deepEqual(refused("core.bare", "true", { ...PLACE, layout: "linked" }), []);
});

Deno.test("refusedKeys() sees the helper in a remote's URL, wherever the URL is written", () => {
  for (const url of ["ext::sh -c 'touch x'", "hg::https://x", "fd::3", "codecommit://repo", "HTTPS://x/y"]) {
    for (
      const key of ["remote.origin.url", "remote.origin.pushurl", "branch.main.remote", "remote.pushdefault"]
    ) {
      assert.deepEqual(refused(key, url), [key], url);
    }
  }
});
