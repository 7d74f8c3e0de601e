/**
 * Checks of the server: who answers, whether it takes our token, what it was given.
 *
 * @module
 */

import { sayCount } from "../../base/say_count.ts";
import type { Neighbour } from "../../server/health.ts";
import type { Check } from "../../status/model.ts";
import { renderDuration } from "../../status/duration.ts";

/** Whether the server takes the token of the token file: `untold` when there is none, or nobody to ask. */
export type TokenAnswer = "taken" | "refused" | "untold";

/** Longer than any answer of a server on this machine. */
const LIMIT_MS = 2_000;

/** Asks the server whether it takes a token. Never throws. */
export async function askToken(port: number, token: string): Promise<TokenAnswer> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/mcp`, {
      method: "POST",
      headers: {
        "authorization": `Bearer ${token}`,
        "content-type": "application/json",
        "accept": "application/json, text/event-stream",
      },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "ping" }),
      signal: AbortSignal.timeout(LIMIT_MS),
      redirect: "error",
    });
    await response.body?.cancel();
    return response.ok ? "taken" : response.status === 401 ? "refused" : "untold";
  } catch {
    return "untold";
  }
}

/** What is known of the server. Pure. */
export function judgeServer(
  port: number,
  server: Neighbour,
  token: TokenAnswer,
  version: string,
): readonly Check[] {
  const base = { id: "server", name: "server" } as const;
  switch (server.kind) {
    case "nobody":
      return [{
        ...base,
        state: "bad",
        text: `not running on port ${port}`,
        next:
          "agentos service install, or in a terminal agentos serve; if it runs elsewhere, name its --port",
        data: { port, running: false },
      }];
    case "other":
      return [{
        ...base,
        state: "bad",
        text: `another program answers on port ${port}`,
        next: "stop it, or choose another port: agentos config set server.port PORT",
        data: { port, running: false },
      }];
    case "agentos": {
      const { health } = server;
      const isOld = health.version !== version;
      const text = `running on port ${port}: agentos ${health.version}, ${health.runtime}, up ${
        renderDuration(health.uptimeSeconds)
      }, ${sayCount(health.tools, "tool")}`;
      const data = { port, running: true, version: health.version, tools: health.tools };
      const isRefused = token === "refused";
      return [
        isOld
          ? {
            ...base,
            state: "note",
            text,
            next: `start it again: this executable is agentos ${version}`,
            data,
          }
          : { ...base, state: "good", text, data },
        ...(isRefused
          ? [
            {
              id: "server.token",
              name: "server's token",
              state: "bad",
              text: "the server takes another token than the one in the token file",
              next: "it may run with another AGENTOS_STATE: stop it, and start it again from here",
            } as const,
          ]
          : []),
        {
          id: "wall",
          name: "kernel wall",
          state: "good",
          text: health.wall.state === "on"
            ? `on (Landlock ${health.wall.abi})`
            : `off: ${health.wall.reason}`,
          data: { on: health.wall.state === "on" },
        },
        health.roots === 0
          ? {
            id: "roots",
            name: "roots",
            state: "note",
            text: "0; the fs and git tools refuse",
            next: "agentos config set server.roots DIR, and start the server again",
            data: { count: 0 },
          }
          : {
            id: "roots",
            name: "roots",
            state: "good",
            text: String(health.roots),
            data: { count: health.roots },
          },
      ];
    }
  }
}
