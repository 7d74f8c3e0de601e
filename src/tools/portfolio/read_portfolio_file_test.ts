/** Holds reading to the full text, fresh, page by page when it is long, and to one record per read. @module */

import { deepEqual, equal, rejects } from "node:assert/strict";
import { inTempFolder, testContext } from "../../../tests/tool_context.ts";
import { jsonBytes } from "../../base/json_size.ts";
import { openPortfolio } from "../../portfolio/read.ts";
import type { ToolContext } from "../define.ts";
import { readPortfolioFile } from "./read_portfolio_file.ts";

interface Reading {
  readonly folder: string;
  readonly context: ToolContext;
  readonly recorded: readonly string[];
}

async function inPortfolio(test: (reading: Reading) => Promise<void>): Promise<void> {
  await inTempFolder(async (folder) => {
    const recorded: string[] = [];
    const portfolio = await openPortfolio({ kind: "repo", folder });
    const recordPortfolioRead = (file: string): void => void recorded.push(file);
    await test({ folder, context: testContext(undefined, { portfolio, recordPortfolioRead }), recorded });
  });
}

Deno.test("read_portfolio_file answers the full text as it is now, and records the read", async () => {
  await inPortfolio(async ({ folder, context, recorded }) => {
    for (const text of ["# One\r\n\n<!-- fill in: it -->", "zwei: ä"]) {
      await Deno.writeTextFile(`${folder}/identity.md`, text);
      const answer = await readPortfolioFile.call({ name: "portfolio://IDENTITY.md" }, context);
      const { mtime, size } = await Deno.stat(`${folder}/identity.md`);
      deepEqual(answer.data, {
        filename: "identity.md",
        text,
        sizeBytes: size,
        modifiedAt: mtime?.toISOString(),
        unfilled: text.startsWith("#") ? 1 : 0,
        nextCursor: undefined,
      });
      equal(answer.text, text);
    }
    deepEqual(recorded, ["identity.md", "identity.md"]);
  });
});

Deno.test("read_portfolio_file pages through a long file and records it once", async () => {
  await inPortfolio(async ({ folder, context, recorded }) => {
    const whole = `${'a "quoted" line\t\u0001 with é and 😀\n'.repeat(1000)}${"x".repeat(20_000)}`;
    await Deno.writeTextFile(`${folder}/${"ü".repeat(120)}.md`, whole);
    let text = "";
    let cursor: unknown;
    let pages = 0;
    do {
      const input = { name: "ü".repeat(120), ...(cursor === undefined ? {} : { cursor }) };
      const { data } = await readPortfolioFile.call(input, context);
      equal(jsonBytes(data) <= 10_000, true);
      text += data["text"];
      cursor = data["nextCursor"];
      pages++;
    } while (cursor !== undefined);
    equal(text, whole);
    equal(pages > 5, true);
    equal(recorded.length, 1);
  });
});

Deno.test("read_portfolio_file refuses a cursor of another state of the file, and one that is made up", async () => {
  await inPortfolio(async ({ folder, context }) => {
    await Deno.writeTextFile(`${folder}/long.md`, "x\n".repeat(9000));
    const { data } = await readPortfolioFile.call({ name: "long" }, context);
    await Deno.writeTextFile(`${folder}/long.md`, "y\n".repeat(9000));
    const stale = { name: "long", cursor: data["nextCursor"] };
    await rejects(readPortfolioFile.call(stale, context), { code: "file.stale" });
    const fresh = String((await readPortfolioFile.call({ name: "long" }, context)).data["nextCursor"]);
    for (const cursor of ["", "0", "-1", "1e3", "NaN", fresh.replace(/^\d+/, "999999999"), `${fresh}0`]) {
      await rejects(
        readPortfolioFile.call({ name: "long", cursor }, context),
        { code: "tool.input" },
        cursor,
      );
    }
  });
});

Deno.test("read_portfolio_file names the closest files for a near miss, and records nothing", async () => {
  await inPortfolio(async ({ folder, context, recorded }) => {
    for (const name of ["identity", "decision-log", "goals"]) {
      await Deno.writeTextFile(`${folder}/${name}.md`, name);
    }
    await rejects(readPortfolioFile.call({ name: "identitty" }, context), {
      code: "portfolio.not_found",
      message: 'Cannot find "identitty" in the portfolio: closest is identity',
      hint: 'Call list_portfolio_files for the names, or run "agentos portfolio list".',
    });
    deepEqual(recorded, []);
  });
});

Deno.test("read_portfolio_file cannot leave the folder", async () => {
  await inTempFolder(async (parent) => {
    const folder = `${parent}/context-portfolio`;
    await Deno.mkdir(folder);
    await Deno.writeTextFile(`${parent}/secret.md`, "secret");
    await Deno.symlink("../secret.md", `${folder}/link.md`);
    const context = testContext(undefined, { portfolio: await openPortfolio({ kind: "repo", folder }) });
    const attempts = [
      "../secret",
      "../secret.md",
      "..\\secret.md",
      `${parent}/secret.md`,
      "portfolio://../secret.md",
      "portfolio://..%2fsecret.md",
      "portfolio://%2e%2e%2fsecret",
      `file://${parent}/secret.md`,
      "link",
      "secret.md\0.md",
      "..",
      "",
    ];
    for (const name of attempts) {
      await rejects(readPortfolioFile.call({ name }, context), { code: "portfolio.not_found" }, name);
    }
  });
});
