/**
 * Searching a tree of 20 000 files: `agentOS_fs_search` through the running server, against ripgrep as a program.
 *
 * @module
 */

import { join } from "node:path";
import { type Agentos, type Home, makeHome, startAgentos } from "../../tests/e2e/agentos.ts";
import { compare, type Finding, interleave, timeProgram } from "./measure.ts";
import { seeded } from "./seeded.ts";

const FILES = 20_000;
const COMMON = "return";

/** Measures literal, regular, folding and hopeless searches, and how soon a common word stops. */
export async function benchSearch(): Promise<readonly Finding[]> {
  await using home = await makeHome();
  await makeTree(home, FILES);
  await using server = await startAgentos(home);
  const search = (input: Record<string, unknown>) => () => timeSearch(server, input);
  const ripgrep = (...args: string[]) => () =>
    timeProgram("rg", ["--no-config", "--count-matches", ...args, home.root], {});
  const timings = await interleave(7, [
    { name: "rare", once: search({ query: "needle_in_the_tree", maxResults: 200 }) },
    { name: "rg rare", once: ripgrep("-F", "needle_in_the_tree") },
    { name: "none", once: search({ query: "not_anywhere_at_all", maxResults: 200 }) },
    { name: "rg none", once: ripgrep("-F", "not_anywhere_at_all") },
    { name: "folding", once: search({ query: "NEEDLE_in_the_TREE", ignoreCase: true, maxResults: 200 }) },
    { name: "rg folding", once: ripgrep("-i", "-F", "NEEDLE_in_the_TREE") },
    { name: "regex", once: search({ query: "needle_[a-z]+_the_t[rs]ee", regex: true, maxResults: 200 }) },
    { name: "rg regex", once: ripgrep("needle_[a-z]+_the_t[rs]ee") },
    { name: "bare", once: search({ query: "\\w+ \\d+", regex: true, maxResults: 200 }) },
    { name: "rg bare", once: ripgrep("\\w+ \\d+") },
    { name: "common", once: search({ query: COMMON, maxResults: 20 }) },
  ]);
  const common = timings.find(({ name }) => name === "common")?.medianMs ?? Number.NaN;
  return [
    ...[
      ["rare", "a rare text"],
      ["none", "a text that is nowhere"],
      ["folding", "a text in any case"],
      ["regex", "a regular expression"],
      ["bare", "an expression without fixed text"],
    ]
      .map(([name = "", what = ""]) => ({
        ...compare(`searching ${FILES} files for ${what}`, timings, name, `rg ${name}`, {
          kind: "at most",
          value: 2,
        }),
        against: "ripgrep",
      })),
    {
      what: "a common word, stopped early",
      against: "50 ms",
      ratio: common / 50,
      bar: { kind: "at most", value: 1 },
      detail: `${common.toFixed(1)} ms, median of 7`,
    },
  ];
}

async function timeSearch(server: Agentos, input: Record<string, unknown>): Promise<number> {
  const start = performance.now();
  const response = await fetch(server.url, {
    method: "POST",
    headers: {
      authorization: `Bearer ${await server.token()}`,
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
    },
    body: JSON.stringify({
      jsonrpc: "2.0",
      id: 1,
      method: "tools/call",
      params: { name: "agentOS_fs_search", arguments: input },
    }),
  });
  const answer: { readonly result?: { readonly isError?: boolean } } = await response.json();
  if (answer.result === undefined || answer.result.isError === true) throw new Error(JSON.stringify(answer));
  return performance.now() - start;
}

/** A tree like a workspace of sources: nested folders, files of 0.5 to 40 kB, a few ignored ones. The same every time. */
async function makeTree({ root }: Home, files: number): Promise<void> {
  const random = seeded(20261123);
  const words = [
    "const",
    COMMON,
    "function",
    "value",
    "index",
    "import",
    "export",
    "string",
    "number",
    "await",
    "for",
    "of",
  ];
  await Deno.writeTextFile(join(root, ".gitignore"), "dist/\n*.log\n");
  for (let count = 0; count < files; count++) {
    const folder = join(
      root,
      `package-${count % 97}`,
      count % 13 === 0 ? "dist" : "src",
      `part-${count % 7}`,
    );
    if (count < 97 * 91) await Deno.mkdir(folder, { recursive: true });
    const lines: string[] = [];
    const lineCount = 10 + Math.floor(random() ** 3 * 800);
    for (let line = 0; line < lineCount; line++) {
      const length = 3 + Math.floor(random() * 9);
      lines.push(Array.from({ length }, () => words[Math.floor(random() * words.length)] ?? "").join(" "));
    }
    if (count % 600 === 1) lines.push("  const x = needle_in_the_tree; // line 7");
    await Deno.mkdir(folder, { recursive: true });
    await Deno.writeTextFile(join(folder, `file-${count}.ts`), `${lines.join("\n")}\n`);
  }
}
