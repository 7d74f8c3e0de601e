/**
 * The portfolio as MCP resources: one per file, a template for all of them, and completion of their names.
 *
 * @module
 */

import { AppError } from "../base/errors.ts";
import type { Portfolio, PortfolioDocument, PortfolioFile } from "../portfolio/model.ts";
import { isObject, type JsonObject } from "../base/json_fields.ts";
import { RPC, RpcError, stringAt } from "./rpc.ts";

const SCHEME = "portfolio://";
const MIME_TYPE = "text/markdown";

/** MCP allows this many values in one completion. */
const MAX_COMPLETIONS = 100;

/** The answer to `resources/templates/list`; it never changes. */
export const RESOURCE_TEMPLATES = {
  resourceTemplates: [{
    uriTemplate: `${SCHEME}{name}`,
    name: "portfolio",
    title: "Context portfolio",
    description: "One file of the context portfolio: how its owner works, and what their agents should know.",
    mimeType: MIME_TYPE,
  }],
};

/** Of a URI that nothing stands at, so much is sent back. */
const MAX_ECHO_CHARS = 1_000;

/** Answers `resources/list`: every portfolio file, on one page. */
export async function listResources(portfolio: Portfolio): Promise<{ resources: JsonObject[] }> {
  return { resources: (await portfolio.list()).map(describe) };
}

function describe(file: PortfolioFile): JsonObject {
  return {
    uri: file.uri,
    name: file.name,
    title: file.title,
    description: file.summary,
    mimeType: MIME_TYPE,
    size: file.sizeBytes,
    ...(file.modifiedAt === undefined ? {} : { annotations: { lastModified: file.modifiedAt } }),
  };
}

/**
 * Reads the resource a `resources/read` names.
 *
 * @throws {RpcError} invalidParams without a URI; resourceNotFound when nothing stands there
 * @throws {AppError} as `Portfolio.read` for a file that cannot be given out
 */
export async function readResource(portfolio: Portfolio, params: unknown): Promise<PortfolioDocument> {
  const uri = stringAt(params, "uri");
  if (uri === undefined) throw new RpcError(RPC.invalidParams, "resources/read needs a uri.");
  if (!uri.startsWith(SCHEME)) throw notFound(uri);
  try {
    return await portfolio.read(uri);
  } catch (error) {
    if (error instanceof AppError && error.code === "portfolio.not_found") throw notFound(uri, error);
    throw error;
  }
}

/** Turns a document into the answer to `resources/read`. */
export function renderResource({ file, text }: PortfolioDocument): { contents: JsonObject[] } {
  return { contents: [{ uri: file.uri, mimeType: MIME_TYPE, text }] };
}

function notFound(uri: string, error?: AppError): RpcError {
  const message = error === undefined ? "Resource not found." : `Resource not found. ${error.message}`;
  return new RpcError(RPC.resourceNotFound, message, { uri: uri.slice(0, MAX_ECHO_CHARS).toWellFormed() });
}

/**
 * Answers `completion/complete` for the template's `name`.
 *
 * @throws {RpcError} invalidParams for any other template or argument
 */
export async function completeName(
  portfolio: Portfolio,
  params: unknown,
): Promise<{ completion: { values: string[]; total: number; hasMore: boolean } }> {
  const { ref, argument } = isObject(params) ? params : {};
  const known = stringAt(ref, "type") === "ref/resource" && stringAt(ref, "uri") === `${SCHEME}{name}` &&
    stringAt(argument, "name") === "name";
  if (!known) {
    throw new RpcError(
      RPC.invalidParams,
      `Only "name" of the resource template ${SCHEME}{name} is completed.`,
    );
  }
  const prefix = (stringAt(argument, "value") ?? "").toLowerCase();
  const filenames = (await portfolio.list()).map((file) => file.filename);
  const values = filenames.filter((name) => name.toLowerCase().startsWith(prefix));
  return {
    completion: {
      values: values.slice(0, MAX_COMPLETIONS),
      total: values.length,
      hasMore: values.length > MAX_COMPLETIONS,
    },
  };
}
