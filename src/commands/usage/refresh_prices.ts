/**
 * `agentos usage --refresh-prices FILE|URL`: takes a table of prices in, checks it, and keeps it in the state folder.
 *
 * The only part of `usage` that may use the network, and only when it is asked for; the right to is given up before any
 * log is read. Until the table is known to be whole nothing is changed.
 *
 * @module
 */

import { writeAtomically } from "../../base/atomic_write.ts";
import { AppError, messageOf } from "../../base/errors.ts";
import { openStateFolder } from "../../base/state_folder.ts";
import type { CommandContext } from "../../cli/command.ts";
import { parsePriceList } from "../../usage/price_table.ts";
import type { PriceOrigin } from "../../usage/report.ts";
import { KEPT_PRICES } from "./open_price_table.ts";

/** Ten times what the largest known list has. */
const MAX_BYTES = 64 * 1024 * 1024;

const TIMEOUT_MS = 30_000;

const MAX_REDIRECTS = 5;

interface Fetched {
  readonly text: string;
  readonly origin: PriceOrigin;
}

/**
 * Takes a table in and says so.
 *
 * @param source a path, or an address: https, or http on this machine, or file
 * @throws {AppError} cli.usage for an address of another kind, config.invalid when it cannot be had or is no table
 */
export async function refreshPrices(source: string, context: CommandContext): Promise<void> {
  const address = parseAddress(source);
  const { text, origin } = address === undefined ? await readFile(source) : await fetchTable(address);
  Deno.permissions.revokeSync({ name: "net" });
  const { table, origin: found, rows } = parsePriceList(text, source, origin);
  const folder = openStateFolder(context.env("AGENTOS_STATE"), context.home);
  const path = `${folder}/${KEPT_PRICES}`;
  const kept = { schema: 1, ...found, fetchedAt: new Date().toISOString(), prices: table };
  await writeAtomically({
    path,
    bytes: new TextEncoder().encode(`${JSON.stringify(kept)}\n`),
    mode: 0o600,
  });
  context.output.talk(
    `Kept ${rows} prices from ${found.source}, ${found.date}, in ${path}; delete that file to go back to the ones that are compiled in.`,
  );
}

/** Undefined for a path. A letter and a colon are a drive of Windows. */
function parseAddress(source: string): URL | undefined {
  if (!/^[a-z][a-z0-9+.-]+:/i.test(source)) return undefined;
  if (!URL.canParse(source)) {
    throw new AppError("cli.usage", `"${source}" is no address`, {
      hint: "Give a file or an https address.",
    });
  }
  return checkAddress(new URL(source));
}

function checkAddress(url: URL): URL {
  const isLocal = ["127.0.0.1", "[::1]", "localhost"].includes(url.hostname);
  if (url.protocol !== "https:" && url.protocol !== "file:" && !(url.protocol === "http:" && isLocal)) {
    throw new AppError("cli.usage", `Prices are not taken from ${url.protocol}//${url.host}`, {
      hint: "Give a file, an https address, or an http address on this machine.",
    });
  }
  if (url.username !== "" || url.password !== "") {
    throw new AppError("cli.usage", "The address of a table of prices must hold no password", {
      hint: "Fetch the file yourself and name it.",
    });
  }
  return url;
}

async function readFile(path: string | URL): Promise<Fetched> {
  try {
    const real = await Deno.realPath(path);
    const { size, mtime, isFile } = await Deno.stat(real);
    if (!isFile || size > MAX_BYTES) throw new Error(isFile ? "it is too large" : "it is no file");
    return {
      text: await Deno.readTextFile(real),
      origin: { source: real, date: (mtime ?? new Date()).toISOString().slice(0, 10) },
    };
  } catch (cause) {
    throw refuse(String(path), cause);
  }
}

async function fetchTable(address: URL): Promise<Fetched> {
  if (address.protocol === "file:") return await readFile(address);
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const response = await follow(address, signal);
    const text = await readText(response);
    const modified = Date.parse(response.headers.get("last-modified") ?? "");
    return {
      text,
      origin: {
        source: `${address.host}${address.pathname}`,
        date: new Date(Number.isNaN(modified) ? Date.now() : modified).toISOString().slice(0, 10),
      },
    };
  } catch (cause) {
    throw cause instanceof AppError ? cause : refuse(address.href, cause);
  }
}

/** Each address on the way is held to the same rules. */
async function follow(address: URL, signal: AbortSignal): Promise<Response> {
  let url = address;
  for (let count = 0; count <= MAX_REDIRECTS; count++) {
    const response = await fetch(url, {
      redirect: "manual",
      signal,
      headers: { accept: "application/json" },
    });
    if (response.ok) return response;
    await response.body?.cancel();
    const next = response.headers.get("location");
    if (response.status < 300 || response.status > 399 || next === null) {
      throw new Error(`the server answered ${response.status}`);
    }
    const target = checkAddress(new URL(next, url));
    if (target.protocol === "file:" || (url.protocol === "https:" && target.protocol !== "https:")) {
      throw new Error(`the server sent us on to ${target.protocol}//${target.host}`);
    }
    url = target;
  }
  throw new Error(`the server sent us on more than ${MAX_REDIRECTS} times`);
}

async function readText(response: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of response.body ?? []) {
    size += part.length;
    if (size > MAX_BYTES) throw new Error("it is too large");
    parts.push(part);
  }
  return await new Blob(parts.map((part) => part.slice())).text();
}

function refuse(name: string, cause: unknown): AppError {
  const reason = messageOf(cause);
  return new AppError("config.invalid", `The table of prices at ${name} cannot be had: ${reason}`, {
    hint: "The old prices still hold.",
    cause,
  });
}
