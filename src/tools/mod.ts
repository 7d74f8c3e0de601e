/**
 * TOOLS: every MCP tool, in the order clients see them. Registration, docs, golden files and contract tests
 * loop over this table.
 *
 * @module
 */

import type { Tool } from "./define.ts";

/** The one list of tools. */
export const TOOLS: readonly Tool[] = [];
