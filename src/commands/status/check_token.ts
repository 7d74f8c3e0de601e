/**
 * Checks of the token: the file, and whether the environment holds the same. The token itself is never shown.
 *
 * @module
 */

import { AppError } from "../../base/errors.ts";
import { readToken, stampOf } from "../../server/token_file.ts";
import type { Check } from "../../status/model.ts";

/** The token file as it is. */
export type TokenReading =
  | { readonly kind: "token"; readonly path: string; readonly token: string }
  | { readonly kind: "missing"; readonly path: string }
  | { readonly kind: "unsafe"; readonly path: string; readonly error: AppError };

/** Reads the token file. */
export function readTokenState(path: string): TokenReading {
  try {
    if (stampOf(path) === undefined) return { kind: "missing", path };
    return { kind: "token", path, token: readToken(path).token };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { kind: "unsafe", path, error };
  }
}

/** What the environment has to do with it. */
export interface TokenSurroundings {
  /** `AGENTOS_TOKEN`. */
  readonly variable: string | undefined;
  /** True when a client that was deployed takes the token from the environment. */
  readonly isNeeded: boolean;
  /** The line that sets the variable in the user's shell. */
  readonly exportLine: string;
}

/** Judges file and variable. Pure. */
export function judgeToken(reading: TokenReading, around: TokenSurroundings): readonly Check[] {
  const file = { id: "token", name: "token" } as const;
  switch (reading.kind) {
    case "missing":
      return [{
        ...file,
        state: "bad",
        text: `not there: ${reading.path}`,
        next: "agentos serve makes it at its first start",
      }];
    case "unsafe":
      return [{ ...file, state: "bad", text: reading.error.message, next: reading.error.hint }];
    case "token":
      return [
        { ...file, state: "good", text: reading.path, data: { path: reading.path } },
        judgeVariable(reading.token, around),
      ];
  }
}

function judgeVariable(token: string, { variable, isNeeded, exportLine }: TokenSurroundings): Check {
  const base = { id: "token.environment", name: "AGENTOS_TOKEN" } as const;
  const next = `${exportLine}   then start your agents again`;
  if (variable === token) {
    return { ...base, state: "good", text: "in step with the token file", data: { environment: "in step" } };
  }
  if (variable !== undefined) {
    return {
      ...base,
      state: "bad",
      text: "differs from the token file",
      next,
      data: { environment: "differs" },
    };
  }
  return isNeeded
    ? {
      ...base,
      state: "note",
      text: "not set here, and a client that was deployed takes the token from it",
      next,
      data: { environment: "unset" },
    }
    : { ...base, state: "good", text: "not set here, and not needed", data: { environment: "unset" } };
}
