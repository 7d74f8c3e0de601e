/**
 * Compiles the scanner of `agentos usage` (`scanner.as`, AssemblyScript) into a module that holds its WASM.
 *
 * Part of `deno task gen`, whose `--check` compiles it again: the same source gives the same bytes with the compiler that
 * deno.json pins.
 *
 * @module
 */

import { main } from "assemblyscript/asc";
import { join, resolve } from "node:path";
import { AppError } from "../src/base/errors.ts";
import { MEMORY_PAGES } from "../src/usage/scan/engine.ts";

const FOLDER = join(resolve(import.meta.dirname ?? ".", ".."), "src", "usage", "scan");

/** Where the module goes. */
export const SCANNER_MODULE = join(FOLDER, "scanner_wasm.ts");

/**
 * Compiles the scanner and answers the text of the module.
 *
 * @throws {AppError} config.invalid when it does not compile
 */
export async function renderScanner(): Promise<string> {
  const source = await Deno.readTextFile(join(FOLDER, "scanner.as"));
  let wasm: Uint8Array | undefined;
  const { error, stderr } = await main(
    [
      "scanner.ts",
      "-O3",
      "--enable=simd",
      "--converge",
      "--noAssert",
      "--runtime=stub",
      "--importMemory",
      `--initialMemory=${MEMORY_PAGES}`,
      `--maximumMemory=${MEMORY_PAGES}`,
      "--outFile=scanner.wasm",
    ],
    {
      readFile: (name) => name === "scanner.ts" ? source : null,
      writeFile: (name, contents) => {
        if (name === "scanner.wasm" && typeof contents !== "string") wasm = contents;
      },
      listFiles: () => [],
    },
  );
  if (error !== null || wasm === undefined) {
    throw new AppError(
      "config.invalid",
      `scanner.as does not compile: ${error?.message}\n${stderr.toString()}`,
      {
        hint: "Correct what the compiler names.",
      },
    );
  }
  const lines = btoa(String.fromCharCode(...wasm)).match(/.{1,100}/g) ?? [];
  return `/**
 * The compiled scanner, in Base64: \`deno task gen\` writes this file from \`scanner.as\`. Do not edit it.
 *
 * @module
 */

/** A WASM module of ${wasm.length} bytes. */
export const SCANNER_WASM = [
${lines.map((line) => `  "${line}",`).join("\n")}
].join("");
`;
}
