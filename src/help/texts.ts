/**
 * The texts of `agentos help TOPIC`, as they are compiled into the executable.
 *
 * @module
 */

import type { Topic } from "./model.ts";
import repo from "./topics/repo.txt" with { type: "text" };
import roots from "./topics/roots.txt" with { type: "text" };
import security from "./topics/security.txt" with { type: "text" };
import settings from "./topics/settings.txt" with { type: "text" };
import start from "./topics/start.txt" with { type: "text" };
import sync from "./topics/sync.txt" with { type: "text" };
import usage from "./topics/usage.txt" with { type: "text" };

/** Topic to text. */
export const TOPIC_TEXTS: Readonly<Record<Topic, string>> = {
  repo,
  roots,
  security,
  settings,
  start,
  sync,
  usage,
};
