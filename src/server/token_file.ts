/**
 * The token file: where the server's one secret lives, and the checks that it is a secret.
 *
 * Uses Deno.* alone, so that a command which only reads the token starts fast.
 *
 * @module
 */

import { writeNewAtomically } from "../base/atomic_write.ts";
import { AppError, messageOf } from "../base/errors.ts";
import { quoteForShell } from "../base/state_folder.ts";

/** Shorter ones are refused: 32 base64url characters carry 192 bits. */
const MIN_LENGTH = 32;
const MAX_FILE_BYTES = 4096;

/** A checked token with the stamp of the file it was read from. */
export interface TokenReading {
  readonly token: string;
  readonly stamp: string;
}

/**
 * Reads the token; makes the file (0600, 256 random bits) when it is missing. Two servers that start at once end
 * up with the same token. The state folder is there already, and others cannot write to it.
 *
 * @throws {AppError} token.unsafe when others could read or replace it; state.unusable when it cannot be made
 */
export function ensureToken(path: string): TokenReading {
  if (stampOf(path) === undefined) createToken(path);
  return readToken(path);
}

/**
 * Reads and checks the token.
 *
 * @throws {AppError} token.unsafe naming what is wrong and the command that mends it
 */
export function readToken(path: string): TokenReading {
  try {
    const before = Deno.lstatSync(path);
    checkFile(path, before);
    using file = Deno.openSync(path, { read: true });
    const opened = file.statSync();
    if (opened.ino !== before.ino || opened.dev !== before.dev) {
      throw unsafe(`${path} changed while it was read.`);
    }
    const bytes = new Uint8Array(MAX_FILE_BYTES);
    const length = file.readSync(bytes) ?? 0;
    const token = new TextDecoder().decode(bytes.subarray(0, length)).trim();
    checkText(path, token);
    return { token, stamp: stamp(opened) };
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw new AppError("token.unsafe", `Cannot read the token file ${path}: ${messageOf(cause)}`, {
      hint: "Check its owner and mode, or remove it and start the server again to get a new token.",
      cause,
    });
  }
}

/**
 * Makes sure that a server could start with the token: it may be missing, but what is there must be one.
 *
 * @throws {AppError} token.unsafe
 */
export function refuseUnusableToken(path: string): void {
  if (stampOf(path) !== undefined) readToken(path);
}

/** The token; undefined when there is none yet, or none to be trusted. */
export function readTokenIfThere(path: string): string | undefined {
  try {
    return readToken(path).token;
  } catch {
    return undefined;
  }
}

/** A text that changes whenever the file does; undefined when there is no such file. Costs about 5 µs. */
export function stampOf(path: string): string | undefined {
  try {
    return stamp(Deno.lstatSync(path));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

function stamp(info: Deno.FileInfo): string {
  return `${info.dev}:${info.ino}:${info.size}:${info.mtime?.getTime()}:${info.mode}`;
}

function createToken(path: string): void {
  try {
    // A second server sees no token or the whole one, never half of it; where that one was first, its token holds.
    writeNewAtomically(path, new TextEncoder().encode(`${randomToken()}\n`), 0o600);
  } catch (cause) {
    throw new AppError("state.unusable", `Cannot make the token file ${path}: ${messageOf(cause)}`, {
      cause,
    });
  }
}

/**
 * Puts a new token in place of whatever file stands there, in one step: a server that follows the file sees the old
 * one or the new one.
 *
 * @throws {AppError} state.unusable when it cannot be written; the old token then stays
 */
export function replaceToken(path: string): void {
  const aside = `${path}.${crypto.randomUUID()}`;
  try {
    Deno.writeTextFileSync(aside, `${randomToken()}\n`, { createNew: true, mode: 0o600 });
    Deno.renameSync(aside, path);
  } catch (cause) {
    removeQuietly(aside);
    throw new AppError("state.unusable", `Cannot replace the token file ${path}: ${messageOf(cause)}`, {
      cause,
    });
  }
}

/** 256 random bits as 43 base64url characters. */
export function randomToken(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function checkFile(path: string, info: Deno.FileInfo): void {
  if (info.isSymlink) throw unsafe(`The token file ${path} is a symbolic link.`);
  if (!info.isFile) throw unsafe(`The token file ${path} is not a regular file.`);
  if (info.mode !== null && (info.mode & 0o077) !== 0) {
    throw unsafe(`Others can read the token file ${path}.`, `chmod 600 ${quoteForShell(path)}`);
  }
  if (info.size > MAX_FILE_BYTES) throw unsafe(`The token file ${path} is too large to hold a token.`);
}

function checkText(path: string, token: string): void {
  if (token.length < MIN_LENGTH) {
    throw unsafe(`The token file ${path} holds fewer than ${MIN_LENGTH} characters.`);
  }
  if (!/^[\x21-\x7e]+$/.test(token)) {
    throw unsafe(`The token file ${path} holds something else than one word of visible ASCII.`);
  }
}

function unsafe(message: string, command?: string): AppError {
  const hint = command === undefined
    ? "Remove the file and start the server again to get a new token."
    : `Run: ${command}`;
  return new AppError("token.unsafe", message, { hint });
}

function removeQuietly(path: string): void {
  try {
    Deno.removeSync(path);
  } catch {
    // Renamed into place, or never made.
  }
}
