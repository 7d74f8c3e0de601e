/**
 * What a session's user should hear when the server is down: their client cannot reach its models, because it is led
 * through the server's gateway. Asked before a session only, and nothing but the server's own port is tried.
 *
 * @module
 */

import { stateFolderPath } from "../../base/state_folder.ts";
import type { CommandContext } from "../../cli/command.ts";
import { usesGateway } from "../../sync/gateway_use.ts";
import { readAllApplied } from "../../sync/read.ts";

/** A line about a server that is down, where the client needs it; undefined when nothing is to be said. Never throws. */
export async function sayServerDown(client: string, context: CommandContext): Promise<string | undefined> {
  const folder = stateFolderPath(context.env("AGENTOS_STATE"), context.home);
  const applied = readAllApplied(folder).find((one) => one.client === client && usesGateway(one));
  if (applied === undefined || await takesConnections(applied.choices.port)) return undefined;
  const { hasUnit } = await import("../service/open_service.ts");
  const start = hasUnit(context) ? "agentos service start" : "agentos service install";
  return `agentos: the server is down, and the models are asked through it: run "${start}" or ` +
    `"agentos serve", or lead around it with "agentos sync push --no-gateway"`;
}

async function takesConnections(port: number): Promise<boolean> {
  try {
    (await Deno.connect({ hostname: "127.0.0.1", port })).close();
    return true;
  } catch (error) {
    return !(error instanceof Deno.errors.ConnectionRefused);
  }
}
