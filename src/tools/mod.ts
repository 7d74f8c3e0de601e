/**
 * TOOLS: every MCP tool, in the order clients see them. Registration, docs, golden files and contract tests
 * loop over this table.
 *
 * @module
 */

import type { Tool } from "./define.ts";
import { gitCommit } from "./git/git_commit.ts";
import { gitPush } from "./git/git_push.ts";
import { fsList } from "./files/fs_list.ts";
import { fsRead } from "./files/fs_read.ts";
import { fsReplace } from "./files/fs_replace.ts";
import { fsSearch } from "./files/fs_search.ts";
import { fsWrite } from "./files/fs_write.ts";
import { listPortfolioFiles } from "./portfolio/list_portfolio_files.ts";
import { readPortfolioFile } from "./portfolio/read_portfolio_file.ts";
import { extCompile } from "./vscode/ext_compile.ts";
import { extInstall } from "./vscode/ext_install.ts";
import { extPackage } from "./vscode/ext_package.ts";

/** The one list of tools. */
export const TOOLS: readonly Tool[] = [
  listPortfolioFiles,
  readPortfolioFile,
  gitCommit,
  gitPush,
  extCompile,
  extPackage,
  extInstall,
  fsList,
  fsRead,
  fsSearch,
  fsWrite,
  fsReplace,
];
