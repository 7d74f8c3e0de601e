/** Holds the embedded portfolio to the folder it is made from, and each template to its shape. @module */

import { deepEqual, equal, match } from "node:assert/strict";
import { EMBEDDED_FILES } from "./embedded.ts";
import { maxSummaryLength, parseFrontMatter } from "./front_matter.ts";
import { openPortfolio } from "./read.ts";
import { findUnfilled } from "./template.ts";

const folder = new URL("../../context-portfolio/", import.meta.url);

Deno.test("EMBEDDED_FILES is the folder of templates, file by file", async () => {
  const onDisk: Record<string, string> = {};
  for await (const entry of Deno.readDir(folder)) {
    onDisk[entry.name] = await Deno.readTextFile(new URL(entry.name, folder));
  }
  deepEqual({ ...EMBEDDED_FILES }, onDisk);
});

Deno.test("openPortfolio() of the embedded templates lists and reads all ten", async () => {
  const portfolio = await openPortfolio({ kind: "embedded" });
  const files = await portfolio.list();
  deepEqual(files.map((file) => file.name), [
    "communication-style",
    "current-projects",
    "decision-log",
    "domain-knowledge",
    "goals-and-priorities",
    "identity",
    "preferences-and-constraints",
    "role-and-responsibilities",
    "team-and-relationships",
    "tools-and-systems",
  ]);
  for (const file of files) {
    equal(file.modifiedAt, undefined);
    const document = await portfolio.read(file.uri);
    deepEqual(document.file, file);
    equal(document.text, EMBEDDED_FILES[file.filename]);
  }
});

for (const [filename, text] of Object.entries(EMBEDDED_FILES)) {
  Deno.test(`the template ${filename} says what goes where, asks, shows an example, and fits one answer`, () => {
    const { fields, body } = parseFrontMatter(text);
    deepEqual(Object.keys(fields), ["title", "summary", "updated"]);
    equal(fields["updated"], null);
    match(String(fields["summary"]), /^[A-Z].*\.$/);
    equal(String(fields["summary"]).length <= maxSummaryLength, true);
    match(body, new RegExp(`^\n# ${fields["title"]}\n`));
    match(body, /> \*\*What goes here\.\*\*/);
    const parts = findUnfilled(text);
    equal(parts.filter((part) => part.kind === "example").length, 1);
    equal(parts.some((part) => part.kind === "question"), true);
    match(
      body,
      /<!-- example: begin[^\n]* -->\n\n## Example: [\s\S]* invented[\s\S]*\n<!-- example: end -->\n$/,
    );
    const sizeBytes = new TextEncoder().encode(text).length;
    equal(sizeBytes >= 2000 && sizeBytes <= 5000, true, `${sizeBytes} bytes`);
  });
}
