import assert from "node:assert/strict";
import { holdsControl, maskControls } from "./control_characters.ts";

Deno.test("control characters are those of Unicode's category Cc", () => {
  for (let code = 0; code <= 0xffff; code++) {
    const text = `a${String.fromCharCode(code)}b`;
    assert.equal(holdsControl(text), /\p{Cc}/u.test(text), code.toString(16));
    assert.equal(maskControls(text), text.replace(/\p{Cc}/gu, "?"), code.toString(16));
  }
  assert.equal(maskControls("\u{1f600}\n\ud800\t"), "\u{1f600}?\ud800?");
});
