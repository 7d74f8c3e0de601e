/**
 * How the server and its surroundings are, in words. Pure.
 *
 * @module
 */

import type { Platform } from "../base/path_rules.ts";
import { quoteForShell } from "../base/state_folder.ts";
import type { Neighbour } from "./health.ts";

/** How the token file is, and whether `AGENTOS_TOKEN` holds the same. Never the token. */
export type TokenStatus =
  | {
    readonly path: string;
    readonly state: "ok";
    readonly environment: "in step" | "differs" | "unset";
  }
  | { readonly path: string; readonly state: "missing"; readonly environment: "unknown" }
  | {
    readonly path: string;
    readonly state: "unsafe";
    readonly environment: "unknown";
    readonly reason: string;
    readonly next: string;
  };

/** Everything `agentos status` found out. */
export interface Status {
  readonly port: number;
  readonly platform: Platform;
  readonly server: Neighbour;
  readonly token: TokenStatus;
  /** Whether `OPENROUTER_API_KEY` is set here. */
  readonly openRouterKey: boolean;
}

/** True when the server runs and nothing contradicts itself. */
export function isHealthy({ server, token }: Status): boolean {
  return server.kind === "agentos" && token.state === "ok" && token.environment !== "differs";
}

/** One line for each thing, and the next step below each that is not as it should be. */
export function renderStatus(status: Status): string {
  const lines = [...serverLines(status), ...tokenLines(status)];
  lines.push({ name: "OPENROUTER_API_KEY", text: status.openRouterKey ? "set" : "not set" });
  const width = Math.max(...lines.map(({ name }) => name.length));
  return lines.flatMap(({ name, text, next }) => [
    `${name.padEnd(width)}  ${text}`,
    ...next === undefined ? [] : [`${" ".repeat(width)}  next: ${next}`],
  ]).join("\n");
}

/** A duration as a person says it: the two largest units. */
export function renderDuration(seconds: number): string {
  const units = [["d", 86_400], ["h", 3_600], ["min", 60], ["s", 1]] as const;
  const parts: string[] = [];
  let rest = Math.floor(seconds);
  for (const [unit, size] of units) {
    const count = Math.floor(rest / size);
    rest %= size;
    if (count > 0) parts.push(`${count} ${unit}`);
  }
  return parts.slice(0, 2).join(" ") || "0 s";
}

interface Line {
  readonly name: string;
  readonly text: string;
  readonly next?: string;
}

function serverLines({ port, server }: Status): Line[] {
  switch (server.kind) {
    case "nobody":
      return [{
        name: "server",
        text: `not running on port ${port}`,
        next: "agentos serve --root DIR, or name the port it runs on with --port",
      }];
    case "other":
      return [{
        name: "server",
        text: `another program answers on port ${port}`,
        next: `stop it, or start with agentos serve --port PORT and ask with agentos status --port PORT`,
      }];
    case "agentos": {
      const { version, runtime, uptimeSeconds, tools, repo, roots, wall, ledger } = server.health;
      return [
        {
          name: "server",
          text: `running on port ${port}: agentos ${version}, ${runtime}, up ${
            renderDuration(uptimeSeconds)
          }`,
        },
        { name: "tools", text: String(tools) },
        repo === null
          ? { name: "repo", text: "none; the example portfolio is served", next: "agentos serve --repo DIR" }
          : { name: "repo", text: repo },
        roots === 0
          ? { name: "roots", text: "0; the fs and git tools refuse", next: "agentos serve --root DIR" }
          : { name: "roots", text: String(roots) },
        {
          name: "kernel wall",
          text: wall.state === "on" ? `on (Landlock ${wall.abi})` : `off: ${wall.reason}`,
        },
        ledger.ok ? { name: "ledger", text: "ok" } : {
          name: "ledger",
          text: `not written; ${ledger.dropped} records lost`,
          next: "read the server's log; the state folder may be full or not writable",
        },
      ];
    }
  }
}

function tokenLines({ token, platform }: Status): Line[] {
  const set = platform === "windows"
    ? `$env:AGENTOS_TOKEN = Get-Content "${token.path}"`
    : `export AGENTOS_TOKEN="$(cat ${quoteForShell(token.path)})"`;
  const exportIt = `${set}, then start your agents again`;
  switch (token.state) {
    case "missing":
      return [{
        name: "token",
        text: `not there: ${token.path}`,
        next: "agentos serve makes it at its first start",
      }];
    case "unsafe":
      return [{ name: "token", text: token.reason, next: token.next }];
    case "ok":
      return [
        { name: "token", text: token.path },
        token.environment === "in step"
          ? { name: "AGENTOS_TOKEN", text: "in step with the token file" }
          : token.environment === "differs"
          ? { name: "AGENTOS_TOKEN", text: "differs from the token file", next: exportIt }
          : { name: "AGENTOS_TOKEN", text: "not set here", next: exportIt },
      ];
  }
}
