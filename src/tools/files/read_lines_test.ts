import assert from "node:assert/strict";
import fc from "fast-check";
import { inTempFolder, testSettings } from "../../../tests/tool_context.ts";
import { withOpenFile } from "./open_checked.ts";
import { readAllLines, readLines } from "./read_lines.ts";
import { scanText } from "./scan_text.ts";

Deno.test("readAllLines() answers what readLines() would, or leaves it to that", async () => {
  const bytes = fc.uint8Array({ maxLength: 60 });
  const lines = fc.array(fc.constantFrom("\n", "\r\n", "\r", "a", "é", "😀", '"', "long line")).map((
    pieces,
  ) => new TextEncoder().encode(pieces.join("")));
  const { signal } = new AbortController();
  await inTempFolder(async (root) => {
    let answered = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(bytes, lines),
        fc.boolean(),
        fc.integer({ min: 1, max: 20 }),
        async (content, isMarked, maxLineChars) => {
          Deno.writeFileSync(
            `${root}/file`,
            new Uint8Array([...(isMarked ? [0xef, 0xbb, 0xbf] : []), ...content]),
          );
          await withOpenFile("file", testSettings(root), async (file) => {
            const { encoding, totalLines } = await scanText(file, isMarked ? "utf-8" : "none", signal);
            const from = { offset: isMarked ? 3 : 0, line: 1 };
            const range = { startLine: 1, endLine: totalLines, maxJsonBytes: 1_000, maxLineChars };
            const all = readAllLines(file, encoding, from, range);
            if (all === undefined) return;
            answered++;
            assert.deepEqual(
              all,
              await readLines(file, encoding, from, { ...range, tail: undefined }, signal),
            );
          });
        },
      ),
      { numRuns: 300 },
    );
    assert.ok(answered > 100, `only ${answered}`);
  });
});
