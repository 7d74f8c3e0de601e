/**
 * Who calls, as far as the client says. It is written down and never believed: no decision depends on it.
 *
 * @module
 */

import { isObject, type JsonObject } from "../base/json_fields.ts";
import { stringAt } from "./rpc.ts";

const MAX_NAME = 100;
const MAX_TURN_METADATA = 16 * 1024;

/** The client as its User-Agent names it: the first product with its version, `codex-mcp-client/0.169.0`. */
export function clientOfHeaders(headers: Headers): string | undefined {
  return tidy(headers.get("user-agent")?.trim().split(/\s/, 1)[0]);
}

/** The client as a request's `_meta` names it, the way of MCP 2026-07-28: `name/version`. */
export function clientOfMeta(meta: JsonObject): string | undefined {
  const info = meta["io.modelcontextprotocol/clientInfo"];
  const name = stringAt(info, "name");
  if (name === undefined) return undefined;
  const version = stringAt(info, "version");
  return tidy(version === undefined ? name : `${name}/${version}`);
}

/**
 * The model that wrote a call, when the client says so in `_meta` under a key ending in `turn-metadata`: an object
 * or its JSON text, with a `model`. (Codex CLI 0.169, 2026-11: `x-codex-turn-metadata`.)
 */
export function modelOfMeta(meta: JsonObject): string | undefined {
  const key = Object.keys(meta).find((name) => name.endsWith("turn-metadata"));
  return key === undefined ? undefined : tidy(stringAt(parseIfText(meta[key]), "model"));
}

function parseIfText(value: unknown): unknown {
  if (typeof value !== "string" || value.length > MAX_TURN_METADATA) return value;
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}

/** Visible ASCII of bounded length, or nothing: these texts end up in logs, tables and pages. */
function tidy(text: string | undefined): string | undefined {
  const visible = text?.replaceAll(/[^\x20-\x7e]/g, "?").slice(0, MAX_NAME).trim();
  return visible === "" ? undefined : visible;
}

/** The `_meta` of a request's params, empty when there is none. */
export function metaOf(params: unknown): JsonObject {
  return isObject(params) && isObject(params._meta) ? params._meta : {};
}
