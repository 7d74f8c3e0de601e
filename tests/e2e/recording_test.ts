/**
 * The picture of a terminal in README is what the commands print today, but for numbers.
 *
 * @module
 */

import assert from "node:assert/strict";
import { PICTURE } from "../../scripts/record.ts";
import { CAN_RECORD, maskLine, recordSession } from "../../scripts/record/session.ts";
import { readSvg, renderSvg } from "../../scripts/record/svg.ts";

Deno.test("the terminal in README shows what the commands print; else run: deno task record", {
  ignore: !CAN_RECORD,
}, async () => {
  const shown = readSvg(await Deno.readTextFile(PICTURE)).map(maskLine);
  const printed = readSvg(renderSvg(await recordSession())).map(maskLine);
  assert.deepEqual(shown, printed);
});
