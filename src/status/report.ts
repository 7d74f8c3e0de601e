/**
 * What `agentos status` and `agentos doctor` say: a line for each check and a next step below each that needs one; the
 * same as JSON. Pure.
 *
 * @module
 */

import { shortenPathsIn } from "../base/home_path.ts";
import type { Check, CheckData, CheckState } from "./model.ts";

/** The JSON answer, schema 1 (`report_schema.ts`): additions are free, renames are not. */
export interface StatusDocument {
  readonly schema: 1;
  /** True when no check is bad or broken. */
  readonly healthy: boolean;
  readonly checks: readonly {
    readonly id: string;
    readonly state: CheckState;
    readonly text: string;
    readonly next: string | null;
    readonly details: readonly string[];
    readonly data: Readonly<Record<string, CheckData>>;
  }[];
}

/** True when nothing is wrong. */
export function isHealthy(checks: readonly Check[]): boolean {
  return checks.every(({ state }) => state === "good" || state === "note");
}

/** The JSON answer. */
export function renderDocument(checks: readonly Check[]): StatusDocument {
  return {
    schema: 1,
    healthy: isHealthy(checks),
    checks: checks.map(({ id, state, text, next = null, details = [], data = {} }) => ({
      id,
      state,
      text,
      next,
      details,
      data,
    })),
  };
}

const COLOURS: Readonly<Record<CheckState, string>> = {
  good: "",
  note: "",
  bad: "\x1b[31m",
  broken: "\x1b[31m",
};

/** How lines for people are written. */
export interface CheckManner {
  readonly colour: boolean;
  /** Shown as `~`; not in next steps, whose quotes it would not leave. */
  readonly userHome: string;
}

/** The lines for people; what is bad is red where there is colour, and marked where there is none. */
export function renderChecks(checks: readonly Check[], manner: CheckManner): string {
  const short = (text: string): string => shortenPathsIn(text, manner.userHome);
  const width = Math.max(...checks.map(({ name }) => name.length));
  const indent = " ".repeat(width + 4);
  return checks.flatMap(({ name, state, text, next, details = [] }) => {
    const isWrong = state === "bad" || state === "broken";
    const line = `${isWrong ? "!" : " "} ${name.padEnd(width)}  ${short(text)}`;
    return [
      isWrong && manner.colour ? `${COLOURS[state]}${line}\x1b[0m` : line,
      ...details.map((detail) => `${indent}${short(detail)}`),
      ...(next === undefined ? [] : [`${indent}next: ${next}`]),
    ];
  }).join("\n");
}
