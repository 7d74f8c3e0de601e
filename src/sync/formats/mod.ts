/**
 * FORMATS: every way in which our part can sit in a file. The laws in `tests/formats_test.ts` loop over this table.
 *
 * @module
 */

import type { FormatId } from "../model.ts";
import type { Format } from "./format.ts";
import { markdownBlock } from "./markdown_block.ts";
import { tomlKeys } from "./toml_format.ts";
import { wholeFile } from "./whole_file.ts";

/** The one table of formats. */
export const FORMATS: Readonly<Record<FormatId, Format>> = {
  "whole-file": wholeFile,
  "toml-keys": tomlKeys,
  "markdown-block": markdownBlock,
};
