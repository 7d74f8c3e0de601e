/**
 * The documents: every link leads somewhere, and every file that is named is there.
 *
 * @module
 */

import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { CLIENTS } from "../clients/mod.ts";

const ROOT = join(import.meta.dirname ?? "", "..");

const DOCUMENTS = ["README.md", "ARCHITECTURE.md", "SECURITY.md", "CONTRIBUTING.md", "CHANGELOG.md"];

/** The anchors of a document's headings, as GitHub makes them. */
function anchorsOf(text: string): ReadonlySet<string> {
  const headings = withoutCode(text).matchAll(/^#{1,6} (.*)$/gm);
  return new Set(
    Array.from(
      headings,
      ([, heading = ""]) =>
        heading.toLowerCase().replaceAll(/[^\p{L}\p{N} _-]/gu, "").trim().replaceAll(" ", "-"),
    ),
  );
}

function withoutCode(text: string): string {
  return text.replaceAll(/^ *```[\s\S]*?^ *```$/gm, "");
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

for (const document of DOCUMENTS) {
  Deno.test(`${document}: every link leads to a file and a heading`, async () => {
    const text = await Deno.readTextFile(join(ROOT, document));
    const broken: string[] = [];
    for (const [, target = ""] of withoutCode(text).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^https:/.test(target)) continue;
      const [file = "", anchor] = target.split("#");
      const path = file === "" ? join(ROOT, document) : join(ROOT, dirname(document), file);
      if (!await exists(path)) broken.push(target);
      else if (anchor !== undefined && !anchorsOf(await Deno.readTextFile(path)).has(anchor)) {
        broken.push(target);
      }
    }
    assert.deepEqual(broken, []);
  });

  Deno.test(`${document}: every file of the project that it names is there`, async () => {
    const text = await Deno.readTextFile(join(ROOT, document));
    const named = Array.from(
      text.matchAll(/`((?:src|tests|scripts|clients|context-portfolio|\.ci)\/[\w./-]+)`/g),
      ([, path = ""]) => path,
    );
    const missing: string[] = [];
    // What a user's own home repo holds: what a pull makes, and the extension.
    const isUsers = (name: string): boolean => name.includes("/runtime/") || name === "clients/vscode";
    for (const path of named.filter((name) => !isUsers(name))) {
      if (!await exists(join(ROOT, path))) missing.push(path);
    }
    assert.deepEqual(missing, []);
  });
}

Deno.test("the newcomer's page tells of each client what it can do today", async () => {
  const readme = await Deno.readTextFile(join(ROOT, "README.md"));
  for (const { title, sync, usage } of Object.values(CLIENTS)) {
    const row = readme.split("\n").find((line) => line.startsWith(`| ${title} `)) ?? "";
    const [, , , synced, counted] = row.split("|").map((cell) => cell.trim());
    assert.deepEqual([synced === "yes", counted === "yes"], [sync !== undefined, usage !== undefined], title);
  }
  const [, lines = ""] = /^```json\n(.*?)^```$/ms.exec(readme) ?? [];
  assert.deepEqual(JSON.parse(lines), {
    mcpServers: {
      agentos: { url: "http://127.0.0.1:8787/mcp", headers: { Authorization: "Bearer TOKEN" } },
    },
  });
});

Deno.test("the newcomer's page leads to every other document", async () => {
  const readme = await Deno.readTextFile(join(ROOT, "README.md"));
  for (const document of ["SECURITY.md", "CONTRIBUTING.md"]) {
    assert.ok(readme.includes(`](${document}`), document);
  }
  assert.ok((await Deno.readTextFile(join(ROOT, "CONTRIBUTING.md"))).includes("](ARCHITECTURE.md"));
});
