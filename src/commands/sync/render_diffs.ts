/**
 * Unified diffs of what a sync would change, with anything secret-shaped masked.
 *
 * @module
 */

import { maskControls } from "../../base/control_characters.ts";
import { isBinary } from "../../base/lossless_text.ts";
import { findSecret } from "../../base/secrets.ts";
import type { ClientReport } from "../../sync/report.ts";

/** One unified diff for every file that a plan writes or removes. The diff library loads only here. */
export async function renderDiffs(reports: readonly ClientReport[]): Promise<readonly string[]> {
  const { createTwoFilesPatch } = await import("diff");
  return reports.flatMap(({ plan }) =>
    (plan?.entries ?? []).flatMap(({ path, action, before, after }) => {
      if (action !== "write" && action !== "remove") return [];
      const shown = maskControls(path);
      if (isBinary(`${before}${after}`)) return [`Binary files a/${shown} and b/${shown} differ`];
      const patch = createTwoFilesPatch(`a/${shown}`, `b/${shown}`, before ?? "", after ?? "", "", "", {
        context: 3,
      });
      return [patch.split("\n").map(maskSecret).join("\n").replace(/^=+\n/, "").trimEnd()];
    })
  );
}

function maskSecret(line: string): string {
  const secret = findSecret(line);
  return secret === undefined ? line : `${line.slice(0, secret.column - 1)}… (${secret.kind}, not shown)`;
}
