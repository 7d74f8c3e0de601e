/**
 * What in a user's own Codex home works against what is deployed there. Pure.
 *
 * Observed with Codex 0.169, 2026-11; see README.md beside this file.
 *
 * @module
 */

import type { HomeView, Place, Remark } from "../../src/sync/client.ts";
import { abilitiesOf } from "./version.ts";

/** Read by Codex instead of AGENTS.md when it is there. */
export const OVERRIDE = "AGENTS.override.md";

const CONFIG = "config.toml";
const SERVER = ["mcp_servers", "agentOS-portfolio"];

/** The remarks on one home. */
export function remarkOn(view: HomeView, { clientVersion }: Place): readonly Remark[] {
  const remarks: Remark[] = [];
  const remark = (key: readonly string[], message: string): void => {
    remarks.push({ path: CONFIG, line: view.setting(CONFIG, key)?.line ?? 1, message });
  };
  if (abilitiesOf(clientVersion).profileFiles) remarkOnOldProfiles(view, remark);
  if (view.setting(CONFIG, ["features", "memories"])?.value === true) {
    remark(
      ["features", "memories"],
      "with features.memories on, memories/ belongs to Codex: a reset there removes ours until the next push",
    );
  }
  if (view.setting(CONFIG, [...SERVER, "enabled"])?.value === false) {
    remark([...SERVER, "enabled"], "the MCP server agentOS-portfolio is switched off here");
  }
  if (view.deployed.has("AGENTS.md") && view.holds(OVERRIDE)) {
    remarks.push({
      path: OVERRIDE,
      line: 1,
      message: "Codex reads this file and not AGENTS.md with our block",
    });
  }
  return remarks;
}

function remarkOnOldProfiles(
  view: HomeView,
  remark: (key: readonly string[], message: string) => void,
): void {
  if (view.setting(CONFIG, ["profile"]) !== undefined) {
    remark(
      ["profile"],
      'this Codex no longer knows "profile" and ends every command with exit code 1: remove the line',
    );
  }
  const tables = view.setting(CONFIG, ["profiles"])?.value;
  if (typeof tables !== "object" || tables === null) return;
  for (const name of Object.keys(tables)) {
    const file = `${name}.config.toml`;
    remark(
      ["profiles", name],
      view.deployed.has(file)
        ? `while [profiles.${name}] stands here, "codex -p ${name}" ends with exit code 1: move its settings to ${file}`
        : `this Codex ignores [profiles.${name}]: move its settings to ${file}`,
    );
  }
}
