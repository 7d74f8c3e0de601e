/**
 * What a portfolio file still lacks before agents should read it: answers, a description, and the absence of secrets. Pure.
 *
 * @module
 */

import { findSecrets } from "../base/secrets.ts";
import { findFrontMatterProblem } from "./front_matter.ts";
import { findUnfilled } from "./template.ts";

/** One finding. */
export interface Finding {
  /** `not-served`: the file is there, and no agent gets to read it. */
  readonly kind: "unfilled" | "front-matter" | "secret" | "not-served";
  readonly filename: string;
  /** From 1. */
  readonly line: number;
  /** Never the text of a secret. */
  readonly message: string;
}

/** The findings of one file, secrets first. */
export function checkFile(filename: string, text: string, live: readonly string[]): readonly Finding[] {
  const problem = findFrontMatterProblem(text);
  return [
    ...findSecrets(text, live).map(({ line, kind }): Finding => ({
      kind: "secret",
      filename,
      line,
      message: `it holds what looks like a secret (${kind}), and every agent you connect reads it`,
    })),
    ...(problem === undefined ? [] : [{ kind: "front-matter", filename, ...problem } as const]),
    ...findUnfilled(text).map(({ line, kind, question }): Finding => ({
      kind: "unfilled",
      filename,
      line,
      message: kind === "question" ? question : "the example of an invented person is still there",
    })),
  ];
}
