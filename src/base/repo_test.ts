import assert from "node:assert/strict";
import { findPortfolio, findRepo } from "./repo.ts";

const platform = Deno.build.os === "windows" ? "windows" : "linux";

async function withRepo(body: (base: string) => void): Promise<void> {
  const base = Deno.realPathSync(await Deno.makeTempDir());
  try {
    Deno.mkdirSync(`${base}/repo/context-portfolio`, { recursive: true });
    Deno.mkdirSync(`${base}/repo/deep/er`, { recursive: true });
    Deno.mkdirSync(`${base}/other`);
    body(base);
  } finally {
    await Deno.remove(base, { recursive: true });
  }
}

Deno.test("findRepo() walks up to the folder that holds a portfolio", async () => {
  await withRepo((base) => {
    assert.equal(findRepo(undefined, `${base}/repo/deep/er`, platform), `${base}/repo`);
    assert.equal(findRepo(undefined, `${base}/repo`, platform), `${base}/repo`);
    assert.equal(findRepo(undefined, `${base}/other`, platform), undefined);
  });
});

Deno.test("findRepo() prefers the named folder, and refuses one without a portfolio", async () => {
  await withRepo((base) => {
    assert.equal(findRepo(`${base}/repo`, `${base}/other`, platform), `${base}/repo`);
    assert.throws(() => findRepo(`${base}/other`, `${base}/repo`, platform), { code: "repo.not_found" });
  });
});

Deno.test("a folder that only deploys is a home repo when it is named, and has no portfolio", async () => {
  await withRepo((base) => {
    Deno.mkdirSync(`${base}/other/clients`);
    assert.equal(findRepo(`${base}/other`, base, platform), `${base}/other`);
    assert.equal(findRepo(undefined, `${base}/other`, platform), undefined);
    assert.equal(findPortfolio(`${base}/other`, platform), undefined);
    assert.equal(findPortfolio(`${base}/repo`, platform), `${base}/repo/context-portfolio`);
  });
});

Deno.test("findRepo() does not take a file for a portfolio", async () => {
  await withRepo((base) => {
    Deno.writeTextFileSync(`${base}/other/context-portfolio`, "");
    assert.equal(findRepo(undefined, `${base}/other`, platform), undefined);
  });
});
