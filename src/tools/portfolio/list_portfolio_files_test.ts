/** Holds the list to the folder behind it: every file once, however many there are. @module */

import { deepEqual, equal, match } from "node:assert/strict";
import { inTempFolder, testContext } from "../../../tests/tool_context.ts";
import { jsonBytes } from "../../base/json_size.ts";
import { openPortfolio } from "../../portfolio/read.ts";
import { listPortfolioFiles } from "./list_portfolio_files.ts";

Deno.test("list_portfolio_files says what each file is about and what is still open in it", async () => {
  await inTempFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/identity.md`, "---\ntitle: Identity\nsummary: Who I am.\n---\n");
    await Deno.writeTextFile(`${folder}/style.md`, "# Style\n<!-- fill in: tone? -->\n");
    const context = testContext(undefined, { portfolio: await openPortfolio({ kind: "repo", folder }) });
    const answer = await listPortfolioFiles.call({}, context);
    const modifiedAt = (await Deno.stat(`${folder}/identity.md`)).mtime?.toISOString();
    deepEqual(Object.keys(answer.data), ["files", "nextCursor"]);
    match(JSON.stringify(answer.data), new RegExp(`"uri":"portfolio://identity.md".*"${modifiedAt}"`));
    equal(
      answer.text,
      "identity: Who I am. (43 bytes)\nstyle: Style (32 bytes, unfilled: 1)",
    );
  });
});

Deno.test("list_portfolio_files says so when the portfolio is empty", async () => {
  const answer = await listPortfolioFiles.call(undefined, testContext(undefined));
  deepEqual(answer.data["files"], []);
  equal(answer.text, "The portfolio is empty.");
});

Deno.test("list_portfolio_files pages through many files with long names, none twice, none lost", async () => {
  await inTempFolder(async (folder) => {
    const written: string[] = [];
    for (let index = 100; index < 160; index++) {
      const filename = `${index}${"ö".repeat(110)}.md`;
      await Deno.writeTextFile(`${folder}/${filename}`, `# ${"\u{1F600}".repeat(90)}\n\n${"é".repeat(300)}`);
      written.push(filename);
    }
    const context = testContext(undefined, { portfolio: await openPortfolio({ kind: "repo", folder }) });
    const listed: string[] = [];
    let cursor: unknown;
    do {
      const { data, text } = await listPortfolioFiles.call(cursor === undefined ? {} : { cursor }, context);
      equal(jsonBytes(data) <= 10_000, true);
      equal(new TextEncoder().encode(text).length <= 10_000, true);
      if (Array.isArray(data["files"])) listed.push(...data["files"].map((file) => file.filename));
      cursor = data["nextCursor"];
    } while (cursor !== undefined);
    deepEqual(listed, written);
  });
});
