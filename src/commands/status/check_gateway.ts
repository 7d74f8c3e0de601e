/**
 * The check of the model gateway: whether it serves, and whether somebody is led there in vain. Pure.
 *
 * @module
 */

import type { Neighbour } from "../../server/health.ts";
import type { Check } from "../../status/model.ts";

/**
 * @param isUsed whether a client was deployed to that asks for models through the gateway
 * @param isInstalled whether there is a service to start
 */
export function judgeGateway(server: Neighbour, isUsed: boolean, isInstalled: boolean): Check {
  const base = { id: "gateway", name: "model gateway" } as const;
  const around = 'or lead around it with "agentos sync push --no-gateway"';
  if (server.kind !== "agentos") {
    return isUsed
      ? {
        ...base,
        state: "bad",
        text: "a client asks for its models through the server, which does not run",
        next: isInstalled
          ? `start it: agentos service start; ${around}`
          : `start it: agentos service install, or in a terminal agentos serve; ${around}`,
      }
      : { ...base, state: "good", text: "not running, and no client needs it" };
  }
  const { providers } = server.health;
  const data = { providers: [...providers], used: isUsed };
  if (providers.length > 0) {
    const use = isUsed ? "" : "; no client is led through it";
    return { ...base, state: "good", text: `serves ${providers.join(", ")}${use}`, data };
  }
  return isUsed
    ? {
      ...base,
      state: "bad",
      text: "off, and a client asks for its models through it",
      next: `turn it on: agentos config unset gateway.enabled, and start the server again; ${around}`,
      data,
    }
    : { ...base, state: "good", text: "off", data };
}
