/**
 * What a client asks the gateway for: the body of a `POST …/responses`.
 *
 * @module
 */

import { AppError } from "../../base/errors.ts";
import { isObject, type JsonObject } from "../../base/json_fields.ts";

/**
 * Reads the body as far as every provider's answer hangs on it; the rest is the provider's to judge.
 *
 * @throws {AppError} gateway.request
 */
export function parseRequest(text: string): JsonObject {
  const request = parseJson(text);
  if (!isObject(request)) throw new AppError("gateway.request", "The request is not a JSON object.");
  if (typeof request["model"] !== "string" || request["model"] === "") {
    throw new AppError("gateway.request", "The request names no model.");
  }
  return request;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new AppError("gateway.request", "The request is not JSON.", { cause });
  }
}
