/**
 * The schema of `agentos usage --json`, version 1, for readers of it and for tests. Loads zod, so no command imports it.
 *
 * @module
 */

import { z } from "zod";

const count = z.number().int().nonnegative();
const cost = z.number().nonnegative().nullable();
const day = z.string().regex(/^\d{4}-\d\d-\d\d$/);

const counts = {
  responses: count,
  /** With what was read from and written to the cache. */
  inputTokens: count,
  cachedInputTokens: count,
  cacheWriteTokens: count,
  /** With the reasoning. */
  outputTokens: count,
  reasoningTokens: count,
  /** US dollars, of what has a price; null when nothing has, never 0 for that. */
  costUsd: cost,
};

/** One document. */
export const REPORT_SCHEMA = z.strictObject({
  schema: z.literal(1),
  generatedAt: z.iso.datetime(),
  timezone: z.string().min(1),
  by: z.array(z.enum(["day", "week", "month", "session", "project", "model", "provider", "client"])),
  /** One for each client, provider and model in each group of `by`. */
  rows: z.array(z.strictObject({
    client: z.string().min(1),
    provider: z.string().min(1),
    /** As logged; `unknown` where the log names none. */
    model: z.string().min(1),
    day: day.optional(),
    week: z.string().regex(/^\d{4}-W\d\d$/).optional(),
    month: z.string().regex(/^\d{4}-\d\d$/).optional(),
    session: z.string().optional(),
    project: z.string().optional(),
    ...counts,
    priceSource: z.string().nullable(),
  })),
  totals: z.strictObject(counts),
  unpriced: z.array(z.strictObject({
    client: z.string(),
    provider: z.string(),
    model: z.string(),
    speed: z.enum(["standard", "fast", "flex"]),
  })),
  prices: z.strictObject({ source: z.string(), date: z.string() }),
  warnings: z.array(z.strictObject({
    file: z.string(),
    line: count.optional(),
    code: z.enum(["broken-line", "long-line", "unreadable", "no-usage", "clock"]),
    message: z.string(),
  })),
});
