/**
 * `deno task record`: runs the session that README shows, with the executable in `.build`, and draws it into
 * `scripts/record/session.svg`. `tests/e2e/recording_test.ts` says when the picture is no longer what is printed.
 *
 * @module
 */

import { join } from "node:path";
import { AppError } from "../src/base/errors.ts";
import { reportFailure } from "../src/cli/failure.ts";
import { openOutput } from "../src/cli/output.ts";
import { CAN_RECORD, recordSession } from "./record/session.ts";
import { renderSvg } from "./record/svg.ts";

/** The picture. */
export const PICTURE = join(import.meta.dirname ?? "", "record", "session.svg");

if (import.meta.main) {
  const output = openOutput(true);
  try {
    if (!CAN_RECORD) {
      throw new AppError("config.invalid", "The session needs root, systemd and iproute2 on Linux");
    }
    await Deno.writeTextFile(PICTURE, renderSvg(await recordSession()));
    output.answer(PICTURE);
  } catch (error) {
    Deno.exit(reportFailure(error, output));
  }
}
