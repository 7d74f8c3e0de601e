/** What tests of the scanner share: reading through it, and holding that to the plain reader. @module */

import assert from "node:assert/strict";
import type { UsageClient } from "../client.ts";
import { LOG_START, type LogPlace, type Reading, readPlainly } from "../lines.ts";
import { pour } from "../read.ts";
import { openScanner } from "./scanner.ts";

/** The path that is scanned; no file need be there. */
export const PATH = "/logs/rollout-2026-09-01T10-00-00-01a05c69-4d00-7000-8000-000000000001.jsonl";

/** Reads a log in pieces through a window of some size. */
export function scan(
  client: UsageClient,
  bytes: Uint8Array,
  sizes: readonly number[] = [bytes.length],
  windowBytes?: number,
  from: LogPlace = LOG_START,
): Reading {
  const scanner = openScanner(client, PATH, from, windowBytes);
  for (let at = 0, index = 0; at < bytes.length; index++) {
    const size = sizes[index % sizes.length] ?? 1;
    pour(bytes.subarray(at, at + size), scanner);
    at += size;
  }
  return scanner.finish();
}

/**
 * Holds a reading to the plain one. The one thing the scanner may leave out is the warning about a line that begins like
 * one that does not matter and ends in a brace.
 */
export function holdToPlain(client: UsageClient, bytes: Uint8Array, found: Reading): void {
  const plain = readPlainly(client, PATH, bytes);
  const wanted = new Set(client.kinds.flatMap(({ where }) => Object.values(where)));
  const wantedFirst = new Set(client.kinds.map(({ where }) => where["type"]));
  const lines = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes).split("\n");
  const isExcused = (number = 0): boolean => {
    const line = (lines[number - 1] ?? "").trimEnd();
    const types = [...line.matchAll(/"type"\s*:\s*"([^"\\]*)"/g)].map(([, type = ""]) => type);
    const isOther = !wantedFirst.has(types[0]) || types.some((type) => !wanted.has(type));
    return line.endsWith("}") && types.length > 0 && isOther;
  };
  for (const part of ["warnings", "tailWarnings"] as const) {
    const told = new Set(found[part].map(({ line }) => line));
    assert.deepEqual(plain[part].filter(({ line }) => told.has(line) || !isExcused(line)), found[part]);
  }
  assert.deepEqual({ ...found, warnings: [], tailWarnings: [] }, {
    ...plain,
    warnings: [],
    tailWarnings: [],
  });
}
