/**
 * Holds values against OpenAI's published types (`tests/openai_schema.json`, made by `deno task gen:openai-schema`).
 *
 * @module
 */

import { Ajv, type ValidateFunction } from "ajv";
import schema from "./openai_schema.json" with { type: "json" };

/** What can be held against its type; see `scripts/gen_openai_schema.ts` for what each leaves out. */
export type Published = "ChatRequest" | "ChatChunk" | "ChatAnswer" | "ResponsesEvent" | "ResponsesAnswer";

// Some published types are unions with a plain text in them, which the strict mode takes for a slip.
const ajv = new Ajv({ allowUnionTypes: true, strict: false, schemas: { openai: schema } });
const checks = new Map<Published, ValidateFunction>();

/** What is wrong with the value: the most telling place, or undefined when it has the published shape. */
export function findFault(kind: Published, value: unknown): string | undefined {
  let check = checks.get(kind);
  if (check === undefined) {
    check = ajv.compile({ $ref: `openai#/definitions/${kind}` });
    checks.set(kind, check);
  }
  // A value is what it is on the wire: fields that are undefined are not there.
  if (check(JSON.parse(JSON.stringify(value)))) return undefined;
  const [worst] = (check.errors ?? []).toSorted((a, b) => b.instancePath.length - a.instancePath.length);
  return `${kind}${worst?.instancePath ?? ""} ${worst?.message ?? ""} ${JSON.stringify(worst?.params)}`;
}

/** @throws {Error} saying what is wrong, and the value */
export function assertPublished(kind: Published, value: unknown): void {
  const fault = findFault(kind, value);
  if (fault !== undefined) throw new Error(`${fault}: ${JSON.stringify(value).slice(0, 2000)}`);
}
