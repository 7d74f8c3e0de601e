import assert from "node:assert/strict";
import { cutSection, findSection, isVersion } from "./changelog.ts";

const TEXT = `# Changelog

What changes.

## Unreleased

- \`agentos x\`: news.
  More of it.

## 0.1.0 (2026-01-02)

- First.
`;

Deno.test("findSection() finds a section by its name alone", () => {
  assert.equal(findSection(TEXT, "Unreleased"), "- `agentos x`: news.\n  More of it.");
  assert.equal(findSection(TEXT, "0.1.0"), "- First.");
  assert.equal(findSection(TEXT, "0.1"), undefined);
  assert.equal(findSection(TEXT, "0x1.0"), undefined);
  assert.equal(findSection("## Unreleased\n\n## 1.0.0\n", "Unreleased"), "");
});

Deno.test("cutSection() makes a version of what is unreleased, and changes nothing else", () => {
  assert.equal(
    cutSection(TEXT, "0.2.0", "2026-11-25"),
    TEXT.replace("## Unreleased\n", "## Unreleased\n\n## 0.2.0 (2026-11-25)\n"),
  );
  const cut = cutSection(TEXT, "0.2.0", "2026-11-25");
  assert.equal(findSection(cut, "0.2.0"), findSection(TEXT, "Unreleased"));
  assert.throws(() => cutSection(cut, "0.3.0", "2026-11-26"), /Nothing is unreleased/);
  assert.throws(() => cutSection(TEXT, "0.1.0", "2026-11-26"), /a section for 0\.1\.0 already/);
  assert.throws(() => cutSection(TEXT, "v1", "2026-11-26"), /"v1" is no version/);
});

Deno.test("isVersion() takes what semantic versioning takes of a release", () => {
  for (const good of ["0.1.0", "10.20.30", "1.0.0-rc.1"]) assert.ok(isVersion(good), good);
  for (const bad of ["1", "1.2", "01.2.3", "v1.2.3", "1.2.3 ", "1.2.3-", ""]) assert.ok(!isVersion(bad), bad);
});

Deno.test("the project's own changelog has something unreleased, or a section for its version", async () => {
  const text = await Deno.readTextFile(new URL("../../CHANGELOG.md", import.meta.url));
  const { version } = JSON.parse(await Deno.readTextFile(new URL("../../deno.json", import.meta.url)));
  assert.ok(findSection(text, "Unreleased") || findSection(text, version));
});
