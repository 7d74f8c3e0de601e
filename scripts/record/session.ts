/**
 * The session that README shows: real commands in an empty home, under a real systemd of a user of its own.
 *
 * @module
 */

import { join } from "node:path";
import { findExecutable } from "../../tests/e2e/agentos.ts";
import { findCodex } from "../../tests/e2e/codex.ts";
import { CAN_RUN_USER_SYSTEMD, CAN_SPLIT_NETWORK, makeSystemdUser } from "../../tests/e2e/user_systemd.ts";
import type { RecordedCommand } from "./svg.ts";

/** True where the session can be recorded. */
export const CAN_RECORD = CAN_RUN_USER_SYSTEMD && CAN_SPLIT_NETWORK;

/** The commands, as a user types them. */
export const COMMANDS = [
  "agentos init ~/agentos-home --root ~/src --yes",
  "agentos service install",
  "agentos sync push",
  "agentos status",
] as const;

const MARK = "\u0001";

/**
 * Runs the commands and answers what each printed, both streams as a terminal mixes them.
 *
 * @throws {Error} when one of them fails
 */
export async function recordSession(): Promise<readonly RecordedCommand[]> {
  await using user = await makeSystemdUser({ asRoot: true, privateNetwork: true });
  const bin = join(user.folder, "bin");
  await Deno.mkdir(bin);
  await Deno.mkdir(join(user.home, "src"));
  await Deno.symlink(await findExecutable(), join(bin, "agentos"));
  await Deno.symlink(await findCodex(), join(bin, "codex"));
  const script = COMMANDS.map((command) =>
    `{ ${command} || echo "exit code $?"; } 2>&1\nprintf '${MARK.replace("\u0001", "\\001")}'\n`
  ).join("");
  const { code, stdout, stderr } = await user.run(script, {
    PATH: `${bin}:/usr/local/bin:/usr/bin:/bin`,
    OPENROUTER_API_KEY: "sk-or-not-a-real-key",
  });
  const outputs = stdout.split(MARK);
  if (code !== 0 || outputs.length !== COMMANDS.length + 1 || /exit code/.test(stdout)) {
    throw new Error(`the session could not be recorded (${code}):\n${stdout}\n${stderr}`);
  }
  return COMMANDS.map((command, index) => ({ command, output: outputs[index] ?? "" }));
}

/** A line without what differs from one machine and one moment to the next. */
export function maskLine(line: string): string {
  return line.replaceAll(/\d+(\.\d+)*/g, "0");
}
