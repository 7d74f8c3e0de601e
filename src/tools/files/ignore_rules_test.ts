import assert from "node:assert/strict";
import fc from "fast-check";
import { inTempFolder } from "../../../tests/tool_context.ts";
import { enterFolder, isIgnored, readIgnoreRules } from "./ignore_rules.ts";
import type { IgnoreRules } from "./ignore_rules.ts";

/** What git itself leaves out of these paths; a final `/` marks a folder. */
async function gitIgnores(top: string, paths: readonly string[]): Promise<ReadonlySet<string>> {
  const child = new Deno.Command("git", {
    args: ["check-ignore", "--no-index", "--stdin", "-z"],
    cwd: top,
    env: { GIT_CONFIG_GLOBAL: `${top}/.git/no-such-config`, GIT_CONFIG_NOSYSTEM: "1" },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(paths.join("\0") + "\0"));
  await writer.close();
  const { stdout, stderr, code } = await child.output();
  assert.ok(code <= 1, new TextDecoder().decode(stderr));
  return new Set(new TextDecoder().decode(stdout).split("\0").filter((path) => path !== ""));
}

/** Walks a tree as the tools do and returns the paths left out, not entering an ignored folder. */
function walkIgnored(top: string, folder: string, outer: IgnoreRules | undefined): string[] {
  const entries = [...Deno.readDirSync(folder)].filter(({ name }) => name !== ".git");
  return entries.flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (isIgnored(outer, path, entry.isDirectory)) return [path.slice(top.length + 1)];
    return entry.isDirectory ? walkIgnored(top, path, enterFolder(outer, path, "linux")) : [];
  });
}

async function initGit(folder: string): Promise<void> {
  await git(".", "init", "-q", folder);
}

async function git(cwd: string, ...args: readonly string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command("git", { args: [...args], cwd }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
}

/** Every file and folder below, as the walk would meet them without rules. */
function allPaths(top: string, folder = top): string[] {
  return [...Deno.readDirSync(folder)].filter(({ name }) => name !== ".git").flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    return [path.slice(top.length + 1), ...(entry.isDirectory ? allPaths(top, path) : [])];
  });
}

/** Drops what lies below a path that is ignored itself: the walk never gets there. */
function outermost(paths: Iterable<string>): string[] {
  const all = new Set(paths);
  return [...all].filter((path) => {
    const names = path.split("/");
    return names.every((_, index) => index === 0 || !all.has(names.slice(0, index).join("/")));
  }).sort();
}

Deno.test("a backslash in a name separates nothing where the system has such names", {
  ignore: Deno.build.os === "windows",
}, async () => {
  await inTempFolder((root) => {
    Deno.writeTextFileSync(`${root}/.gitignore`, "?\na*c\n");
    const rules = enterFolder(undefined, root, "linux");
    for (const [name, ignored] of [["a\\b", false], ["b", true], ["a\\c", true]] as const) {
      assert.equal(isIgnored(rules, `${root}/${name}`, false), ignored, name);
    }
  });
});

Deno.test("isIgnored() leaves out exactly what git leaves out", async () => {
  await inTempFolder(async (top) => {
    await initGit(top);
    for (const folder of ["a", "a/b", "a/b/a", "b", "b/ab"]) {
      await Deno.mkdir(`${top}/${folder}`, { recursive: true });
      for (const file of ["a.x", "b", "ab", "c d", "#c", "!c", "[c"]) {
        if (file !== "b" || folder !== "a") {
          if (file !== "ab" || folder !== "b") await Deno.writeTextFile(`${top}/${folder}/${file}`, "");
        }
      }
    }
    const paths = allPaths(top);
    const line = fc.oneof(
      fc.constantFrom(
        "*.x",
        "!*.x",
        "/a",
        "a/",
        "!a/",
        "b/",
        "**/b",
        "a/**",
        "!a/**",
        "a/**/a.x",
        "**/a/**",
        "*",
        "!*/",
        "!/a/b",
        "c\\ d",
        "\\#c",
        "\\!c",
        "\\[c",
        "# c",
        "c d  ",
        "\t",
        "[ab]",
        "[!b]",
        "[^a].x",
        "a[/]b",
        "[^/]*",
        "[!/]/[/a]b",
        "a**",
        "**a",
        "***/b",
        "/**/",
        "**/",
        "/",
        "[c",
        "a\\",
        "a/b/",
        "./a",
        "a//b",
        "[[:alpha:]]",
        "[a-b]b",
        "?",
        "??",
        "a/*",
        "!a/b/a.x",
        "\r",
        "ab \\ ",
      ),
      fc.string({ unit: fc.constantFrom("a", "b", "*", "/", "?", "!", ".", "x", "[", "]"), maxLength: 6 }),
    );
    const file = fc.array(line, { maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(file, file, file, async (outer, inner, excluded) => {
        await Deno.writeTextFile(`${top}/.gitignore`, outer.join("\n"));
        await Deno.writeTextFile(`${top}/a/.gitignore`, inner.join("\r\n") + "\n");
        await Deno.writeTextFile(`${top}/.git/info/exclude`, excluded.join("\n"));
        const expected = await gitIgnores(top, paths);
        const found = walkIgnored(top, top, readIgnoreRules(top, top, "linux"));
        assert.deepEqual(
          outermost(found.filter((path) => !path.endsWith(".gitignore"))),
          outermost(expected),
        );
      }),
      { numRuns: 150 },
    );
  });
});

Deno.test("isIgnored() reads a carriage return at the end of a line as git does, with and without a line feed", async () => {
  await inTempFolder(async (top) => {
    await initGit(top);
    for (const name of ["foo", "foo\r", "bar", "bar\r"]) await Deno.writeTextFile(`${top}/${name}`, "");
    for (
      const text of ["foo\r", "foo\r\n", "foo\r\r", "foo\r\r\n", "foo\rbar", "foo\r\nbar\r", "\r", "foo \r"]
    ) {
      await Deno.writeTextFile(`${top}/.gitignore`, text);
      const found = walkIgnored(top, top, readIgnoreRules(top, top, "linux"));
      assert.deepEqual(found.sort(), [...await gitIgnores(top, allPaths(top))].sort(), JSON.stringify(text));
    }
  });
});

Deno.test("readIgnoreRules() reads info/exclude where git keeps it for a work tree whose .git is a file", async () => {
  await inTempFolder(async (root) => {
    const [main, linked, apart] = [`${root}/main`, `${root}/linked`, `${root}/apart`];
    await initGit(main);
    await git(main, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "--allow-empty", "-m", "s");
    await git(main, "worktree", "add", "-q", linked);
    await git(root, "init", "-q", "--separate-git-dir", `${root}/kept`, apart);
    await Deno.writeTextFile(`${main}/.git/info/exclude`, "secret.txt\n");
    await Deno.writeTextFile(`${root}/kept/info/exclude`, "secret.txt\n");
    for (const top of [main, linked, apart]) {
      for (const name of ["secret.txt", "open.txt"]) await Deno.writeTextFile(`${top}/${name}`, "");
      const found = walkIgnored(top, top, readIgnoreRules(top, root, "linux"));
      assert.deepEqual(found, ["secret.txt"], top);
      assert.deepEqual([...await gitIgnores(top, allPaths(top))], found, top);
    }
  });
});

Deno.test("readIgnoreRules() is not stopped by a .git file that leads nowhere", async () => {
  await inTempFolder(async (root) => {
    await Deno.writeTextFile(`${root}/.gitignore`, "a\n");
    for (const text of ["", "gitdir: ", "gitdir: .", "gitdir: .git", "gitdir: /nowhere\n", "\0", "x"]) {
      await Deno.writeTextFile(`${root}/.git`, text);
      assert.equal(isIgnored(readIgnoreRules(root, root, "linux"), `${root}/a`, false), true, text);
    }
  });
});

Deno.test("readIgnoreRules() takes parents' rules up to the work tree's top, and not beyond", async () => {
  await inTempFolder(async (root) => {
    await Deno.mkdir(`${root}/repo/src/deep`, { recursive: true });
    await Deno.mkdir(`${root}/repo/.git`);
    await Deno.writeTextFile(`${root}/.gitignore`, "outer.txt\n");
    await Deno.writeTextFile(`${root}/repo/.gitignore`, "*.log\nbuild/\n");
    await Deno.writeTextFile(`${root}/repo/src/.gitignore`, "!keep.log\n");
    const rules = readIgnoreRules(`${root}/repo/src/deep`, root, "linux");
    const ignored = (name: string, isFolder = false): boolean =>
      isIgnored(rules, `${root}/repo/src/deep/${name}`, isFolder);
    assert.equal(ignored("a.log"), true);
    assert.equal(ignored("keep.log"), false);
    assert.equal(ignored("outer.txt"), false);
    assert.equal(ignored("build", true), true);
    assert.equal(ignored("build", false), false);
  });
});

Deno.test("readIgnoreRules() shows an ignored folder to whoever names it", async () => {
  await inTempFolder(async (root) => {
    await Deno.mkdir(`${root}/node_modules/x`, { recursive: true });
    await Deno.writeTextFile(`${root}/.gitignore`, "node_modules\n");
    const rules = readIgnoreRules(`${root}/node_modules/x`, root, "linux");
    assert.equal(isIgnored(rules, `${root}/node_modules/x/index.js`, false), false);
  });
});

Deno.test("isIgnored() answers at once on a hostile .gitignore", async () => {
  await inTempFolder(async (root) => {
    await Deno.writeTextFile(`${root}/.gitignore`, "**/a/".repeat(50) + "b\n" + "*a".repeat(60) + "*b\n");
    const rules = readIgnoreRules(root, root, "linux");
    assert.equal(isIgnored(rules, `${root}/${"a/".repeat(200)}${"a".repeat(200)}`, false), false);
  });
});
