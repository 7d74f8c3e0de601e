/**
 * Which homes ask for models through the server's gateway, as the record of their last push says. Pure.
 *
 * @module
 */

import type { Applied } from "./model.ts";

/** True when what was deployed leads a client's requests for models through the gateway. */
export function usesGateway({ choices, entries }: Applied): boolean {
  const path = `http://127.0.0.1:${choices.port}/openrouter/v1`;
  return choices.gateway &&
    Object.values(entries).some(({ kind, content }) => kind === "config" && content.includes(path));
}
