/** Holds the portfolio to a real folder: fresh at each call, and closed. @module */

import { deepEqual, equal, rejects } from "node:assert/strict";
import type { Portfolio } from "./model.ts";
import { openPortfolio } from "./read.ts";
import { maxFileBytes } from "./shelf.ts";

/** Hands a fresh folder inside a fresh parent to the body, and the portfolio opened on it. */
async function withFolder(body: (folder: string, portfolio: Portfolio) => Promise<void>): Promise<void> {
  const parent = await Deno.realPath(await Deno.makeTempDir());
  try {
    const folder = `${parent}/context-portfolio`;
    await Deno.mkdir(folder);
    await body(folder, await openPortfolio({ kind: "repo", folder }));
  } finally {
    await Deno.remove(parent, { recursive: true });
  }
}

async function names(portfolio: Portfolio): Promise<readonly string[]> {
  return (await portfolio.list()).map((file) => file.name);
}

Deno.test("list() describes every .md file of the folder, by name", async () => {
  await withFolder(async (folder, portfolio) => {
    await Deno.writeTextFile(`${folder}/b.md`, "# Bee\n\nAbout <!-- fill in: it --> bees.");
    await Deno.writeTextFile(`${folder}/a b.MD`, "\uFEFF---\ntitle: Å\nsummary: First.\n---\n");
    for (const other of ["notes.txt", ".hidden.md", ".md", "md"]) {
      await Deno.writeTextFile(`${folder}/${other}`, "x");
    }
    await Deno.mkdir(`${folder}/folder.md`);
    const [first, second, ...rest] = await portfolio.list();
    deepEqual(rest, []);
    deepEqual({ ...first, modifiedAt: undefined }, {
      name: "a b",
      filename: "a b.MD",
      uri: "portfolio://a%20b.MD",
      title: "Å",
      summary: "First.",
      sizeBytes: 37,
      modifiedAt: undefined,
      unfilled: 0,
    });
    deepEqual(second, {
      name: "b",
      filename: "b.md",
      uri: "portfolio://b.md",
      title: "Bee",
      summary: "About bees.",
      sizeBytes: 39,
      modifiedAt: (await Deno.stat(`${folder}/b.md`)).mtime?.toISOString(),
      unfilled: 1,
    });
  });
});

Deno.test("read() sees an edit, a new file and a removed one at once", async () => {
  await withFolder(async (folder, portfolio) => {
    await Deno.writeTextFile(`${folder}/identity.md`, "one");
    equal((await portfolio.read("identity")).text, "one");
    await Deno.writeTextFile(`${folder}/identity.md`, "two");
    equal((await portfolio.read("identity")).text, "two");
    await Deno.writeTextFile(`${folder}/new.md`, "three");
    equal((await portfolio.read("NEW.md")).text, "three");
    await Deno.remove(`${folder}/identity.md`);
    await rejects(portfolio.read("identity"), { code: "portfolio.not_found" });
    deepEqual(await names(portfolio), ["new"]);
  });
});

Deno.test("read() gives out nothing that lies outside the folder", async () => {
  await withFolder(async (folder, portfolio) => {
    await Deno.writeTextFile(`${folder}/../secret.md`, "secret");
    await Deno.mkdir(`${folder}/sub`);
    await Deno.writeTextFile(`${folder}/sub/inner.md`, "inner");
    await Deno.symlink("../secret.md", `${folder}/relative.md`);
    await Deno.symlink(await Deno.realPath(`${folder}/../secret.md`), `${folder}/absolute.md`);
    await Deno.symlink("relative.md", `${folder}/chain.md`);
    await Deno.symlink("/dev/zero", `${folder}/endless.md`);
    await Deno.symlink("missing", `${folder}/dangling.md`);
    deepEqual(await names(portfolio), []);
    for (
      const name of [
        "relative",
        "absolute",
        "chain.md",
        "endless",
        "dangling",
        "../secret",
        "../secret.md",
        "sub/inner",
      ]
    ) {
      await rejects(portfolio.read(name), { code: "portfolio.not_found" }, name);
    }
  });
});

Deno.test("read() does not wait for a FIFO", { ignore: Deno.build.os === "windows" }, async () => {
  await withFolder(async (folder, portfolio) => {
    const made = await new Deno.Command("mkfifo", { args: [`${folder}/pipe.md`] }).output();
    equal(made.success, true);
    deepEqual(await names(portfolio), []);
    await rejects(portfolio.read("pipe"), { code: "portfolio.not_found" });
  });
});

Deno.test("read() never gives out the target of a link that is swapped in while it reads", async () => {
  await withFolder(async (folder, portfolio) => {
    await Deno.writeTextFile(`${folder}/../secret.md`, "secret");
    await Deno.writeTextFile(`${folder}/own.md`, "own");
    await Deno.writeTextFile(`${folder}/file`, "own");
    await Deno.symlink("../secret.md", `${folder}/link`);
    let swapping = true;
    const swaps = (async () => {
      while (swapping) {
        await Deno.rename(`${folder}/link`, `${folder}/own.md`);
        await Deno.symlink("../secret.md", `${folder}/link`);
        await Deno.rename(`${folder}/file`, `${folder}/own.md`);
        await Deno.writeTextFile(`${folder}/file`, "own");
      }
    })();
    const seen = new Set<string>();
    for (let round = 0; round < 400; round++) {
      seen.add(await portfolio.read("own").then((document) => document.text, (error) => String(error.code)));
    }
    swapping = false;
    await swaps;
    for (const answer of seen) {
      equal(["own", "portfolio.not_found", "path.changed"].includes(answer), true, answer);
    }
  });
});

Deno.test("read() refuses a file over 1 MiB and one that is not UTF-8; both stay listed", async () => {
  await withFolder(async (folder, portfolio) => {
    await Deno.writeTextFile(`${folder}/large.md`, `# Large\n\n${"x".repeat(maxFileBytes)}`);
    await Deno.writeTextFile(`${folder}/full.md`, "x".repeat(maxFileBytes));
    await Deno.writeFile(`${folder}/latin.md`, new Uint8Array([0x23, 0x20, 0xe9]));
    deepEqual(await names(portfolio), ["full", "large", "latin"]);
    equal((await portfolio.read("full")).text.length, maxFileBytes);
    await rejects(portfolio.read("large"), {
      code: "file.too_large",
      message: 'Cannot read "large.md" of the portfolio: it has 1048585 bytes and the limit is 1048576',
    });
    await rejects(portfolio.read("latin"), { code: "file.encoding" });
  });
});

const templates = decodeURIComponent(new URL("../../context-portfolio", import.meta.url).pathname);

Deno.test("list() and read() need no right but to read the folder", {
  permissions: { read: [templates] },
}, async () => {
  const portfolio = await openPortfolio({ kind: "repo", folder: templates });
  const files = await portfolio.list();
  equal(files.length, 10);
  equal(files.every((file) => file.title.length > 0 && file.summary.endsWith(".")), true);
  equal((await portfolio.read("identity")).text.startsWith("---\ntitle: Identity\n"), true);
});

Deno.test("a folder that is gone is said to be gone", async () => {
  const portfolio = await openPortfolio({ kind: "repo", folder: "/nonexistent/context-portfolio" });
  await rejects(portfolio.list(), { code: "repo.not_found" });
  await rejects(portfolio.read("identity"), { code: "repo.not_found" });
});

Deno.test("a file that may not be opened is refused by name and hides no other", async () => {
  await withFolder(async (folder, portfolio) => {
    await Deno.writeTextFile(`${folder}/open.md`, "open");
    await Deno.writeTextFile(`${folder}/shut.md`, "shut");
    await Deno.chmod(`${folder}/shut.md`, 0);
    const root = Deno.uid() === 0;
    deepEqual(await names(portfolio), root ? ["open", "shut"] : ["open"]);
    if (!root) await rejects(portfolio.read("shut"), { code: "path.denied" });
  });
});
