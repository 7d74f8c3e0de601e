/**
 * What the supervisor says, in words for people or as JSON lines for machines. Pure.
 *
 * @module
 */

import { joinPath } from "../base/path_rules.ts";
import type { ServerSettings } from "./settings.ts";
import type { SupervisorEvent } from "./supervisor.ts";

/**
 * One event as it is printed.
 *
 * @param now the time of the event, for JSON lines
 */
export function renderEvent(event: SupervisorEvent, settings: ServerSettings, now: Date): string | undefined {
  if (settings.log.format === "json") return renderJson(event, now);
  switch (event.kind) {
    case "listening":
      return renderWelcome(event.port, settings);
    case "ready":
      if (event.wall.state === "on") return undefined;
      return `notice: no kernel wall (${event.wall.reason}); Deno's permissions and the path checks remain.`;
    case "lost":
      return `error: Every connection was dropped: ${event.reason}\nhint: Listening starts anew at once.`;
    case "crashed":
      return `error: The worker crashed: ${event.reason}\nhint: A new one starts in ${event.restartInMs} ms.`;
    case "restarted":
      return `notice: The server answers again on port ${event.port}.`;
    case "draining":
      return `notice: ${event.signal}: finishing what is running, 5 seconds at most.`;
    case "ended":
      return "notice: Ended with requests still running.";
  }
}

function renderJson(event: SupervisorEvent, now: Date): string {
  const level = event.kind === "crashed" || event.kind === "lost" ? "ERROR" : "INFO";
  const { kind, ...rest } = event;
  return JSON.stringify({
    "@timestamp": now.toISOString(),
    level,
    logger: "agentos.supervisor",
    message: kind,
    ...rest,
  });
}

function renderWelcome(port: number, settings: ServerSettings): string {
  const { roots, platform } = settings.tools;
  const token = joinPath(settings.stateFolder, "token", platform);
  const folders = roots.length === 0
    ? ["none: start with --root DIR, or the fs and git tools refuse"]
    : roots.map(({ path, writable }) => writable ? path : `${path} (read-only)`);
  const portfolio = settings.portfolio.kind === "repo"
    ? settings.portfolio.folder
    : "the example inside agentos; make your own with agentos init DIR";
  return [
    `agentos ${settings.version} listens on http://127.0.0.1:${port}/mcp`,
    ...folders.map((folder, index) => `  ${index === 0 ? "roots    " : "         "}  ${folder}`),
    `  portfolio  ${portfolio}`,
    `  token      ${token}`,
    'Next: "agentos sync push" connects your agents; "agentos status" says what is out of step.',
  ].join("\n");
}
