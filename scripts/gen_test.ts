import assert from "node:assert/strict";
import { AppError } from "../src/base/errors.ts";
import { replacePart } from "./gen.ts";

const [OPEN, CLOSE] = ["<!-- generated:tools -->", "<!-- /generated:tools -->"];

Deno.test("replacePart() replaces what stands between the markers and nothing else", () => {
  const text = `# A\n\n${OPEN}\n\nold $& |\n\n${CLOSE}\n\nend\n`;
  const fresh = replacePart(text, "tools", "new $& |", "README.md");
  assert.equal(fresh, `# A\n\n${OPEN}\n\nnew $& |\n\n${CLOSE}\n\nend\n`);
  assert.equal(replacePart(fresh, "tools", "new $& |", "README.md"), fresh);
});

for (
  const text of ["", OPEN, CLOSE, `${CLOSE}${OPEN}`, `${OPEN}${OPEN}${CLOSE}`, `${OPEN}${CLOSE}${CLOSE}`]
) {
  Deno.test(`replacePart() refuses ${JSON.stringify(text)} and names the markers`, () => {
    assert.throws(
      () => replacePart(text, "tools", "new", "README.md"),
      (error) =>
        error instanceof AppError && error.message.includes(OPEN) && error.message.includes("README.md"),
    );
  });
}
