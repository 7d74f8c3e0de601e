/**
 * The schema of `agentos status --json` and `agentos doctor --json`, version 1, for readers of it and for tests. Loads
 * zod, so no command imports it.
 *
 * @module
 */

import { z } from "zod";

/** One document. */
export const STATUS_SCHEMA = z.strictObject({
  schema: z.literal(1),
  /** True when no check is bad or broken: exit code 0. */
  healthy: z.boolean(),
  checks: z.array(z.strictObject({
    id: z.string().regex(/^[a-z_]+(\.[a-z_]+)*$/),
    /** good, note: nothing is wrong. bad: exit code 1. broken: it cannot be told, exit code 2. */
    state: z.enum(["good", "note", "bad", "broken"]),
    text: z.string().min(1),
    next: z.string().min(1).nullable(),
    details: z.array(z.string()),
    data: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.string())])),
  })),
});
