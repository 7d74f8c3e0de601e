/**
 * TOOLS: every MCP tool, in the order clients see them. Registration, docs, golden files and contract tests
 * loop over this table.
 *
 * @module
 */

import type { Tool } from "./define.ts";
import { listPortfolioFiles } from "./portfolio/list_portfolio_files.ts";
import { readPortfolioFile } from "./portfolio/read_portfolio_file.ts";

/** The one list of tools. */
export const TOOLS: readonly Tool[] = [
  listPortfolioFiles,
  readPortfolioFile,
];
