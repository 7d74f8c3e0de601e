/**
 * The three extension tools, on a minimal real extension: TypeScript's compiler, VSCode's own packager, and the
 * installer of a real VSCode server.
 *
 * The tools run in this process, with the supervisor's runner; through the executable they are called in
 * `inspector_test.ts`.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { AppError } from "../../src/base/errors.ts";
import { runAllowed } from "../../src/server/allowed_run.ts";
import type { Tool, ToolContext } from "../../src/tools/define.ts";
import { extCompile } from "../../src/tools/vscode/ext_compile.ts";
import { extInstall } from "../../src/tools/vscode/ext_install.ts";
import { extPackage } from "../../src/tools/vscode/ext_package.ts";
import { testContext } from "../tool_context.ts";
import { type Home, makeHome } from "./agentos.ts";
import { findNode24, makeCodeCommand } from "./code_server.ts";
import { installPackage, PACKAGES } from "./install.ts";
import { runProgram } from "./program.ts";

const MANIFEST = {
  name: "tiny",
  publisher: "ada",
  version: "0.0.1",
  engines: { vscode: "^1.90.0" },
  main: "out/extension.js",
  activationEvents: [],
  files: ["out"],
  scripts: {
    compile: "tsc --project .",
    "vscode:prepublish": "npm run compile",
    package: "vsce package --no-dependencies",
  },
};

Deno.test("an extension is compiled, packaged and installed into a real VSCode, twice", async (test) => {
  await using home = await makeHome();
  const folder = join(home.folder, "extension");
  const programs = join(home.folder, "programs");
  const env = { ...home.env, PATH: await pathWith(programs) };
  const context = await contextFor(home, folder, env);
  await writeExtension(folder, MANIFEST, "export function activate(): number { return 1; }\n");
  await makeCodeCommand(programs);

  await test.step("compile runs tsc", async () => {
    await call(extCompile, context);
    assert.match(await Deno.readTextFile(join(folder, "out", "extension.js")), /activate/);
  });

  await test.step("compile shows what tsc says of a wrong program", async () => {
    await Deno.writeTextFile(join(folder, "src", "extension.ts"), "export const wrong: string = 1;\n");
    const error = await refused(extCompile, context);
    assert.equal(error.code, "extension.failed");
    assert.match(error.message, /src\/extension\.ts.*error TS2322/s);
    await writeExtension(folder, MANIFEST, "export function activate(): void {}\n");
  });

  await test.step("package names the .vsix, install installs it", async () => {
    const vsix = join(folder, "tiny-0.0.1.vsix");
    const made = await call(extPackage, context);
    assert.deepEqual([made["vsix"], made["version"], made["exitCode"]], [vsix, "0.0.1", 0]);
    const installed = await call(extInstall, context);
    assert.deepEqual([installed["vsix"], installed["version"]], [vsix, "0.0.1"]);
    assert.match(String(installed["output"]), /was successfully installed/);
    assert.deepEqual(await listExtensions(programs, env), ["ada.tiny@0.0.1"]);
  });

  await test.step("a newer version replaces the older one", async () => {
    await writeExtension(folder, { ...MANIFEST, version: "0.0.10" }, "export function activate(): void {}\n");
    await call(extPackage, context);
    assert.equal((await call(extInstall, context))["version"], "0.0.10");
    assert.deepEqual(await listExtensions(programs, env), ["ada.tiny@0.0.10"]);
  });

  await test.step("install shows why VSCode does not take a package", async () => {
    const tooNew = { ...MANIFEST, version: "1.0.0", engines: { vscode: "^99.0.0" } };
    await writeExtension(folder, tooNew, "export function activate(): void {}\n");
    await call(extPackage, context);
    const error = await refused(extInstall, context);
    assert.equal(error.code, "extension.failed");
    assert.match(error.message, /exit code 1.*not compatible/s);
    assert.deepEqual(await listExtensions(programs, env), ["ada.tiny@0.0.10"]);
  });
});

/** The test's own programs first, then Node 24, the compiler and the packager. */
async function pathWith(programs: string): Promise<string> {
  const compiler = await installPackage(PACKAGES.typescript);
  const packager = await installPackage(PACKAGES.vsce);
  const bins = [join(compiler, ".bin"), join(packager, ".bin")];
  return [programs, await findNode24(), ...bins, Deno.env.get("PATH") ?? ""].join(":");
}

async function contextFor(
  home: Home,
  folder: string,
  env: Readonly<Record<string, string>>,
): Promise<ToolContext> {
  await Deno.mkdir(join(folder, "src"), { recursive: true });
  const context = testContext(home.root, {
    settings: { extensionFolder: folder, allowRun: ["npm", "code"] },
  });
  return { ...context, run: (request, signal) => runAllowed(request, context.settings, env, signal) };
}

async function writeExtension(folder: string, manifest: unknown, source: string): Promise<void> {
  const options = {
    compilerOptions: { module: "commonjs", target: "es2022", outDir: "out", rootDir: "src", types: [] },
    include: ["src"],
  };
  await Deno.writeTextFile(join(folder, "package.json"), JSON.stringify(manifest, undefined, 2));
  await Deno.writeTextFile(join(folder, "tsconfig.json"), JSON.stringify(options));
  await Deno.writeTextFile(join(folder, "src", "extension.ts"), source);
}

async function call(tool: Tool, context: ToolContext): Promise<Readonly<Record<string, unknown>>> {
  return (await tool.call({}, context)).data;
}

async function refused(tool: Tool, context: ToolContext): Promise<AppError> {
  try {
    await tool.call({}, context);
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  assert.fail(`${tool.name} did not refuse`);
}

async function listExtensions(
  programs: string,
  env: Readonly<Record<string, string>>,
): Promise<readonly string[]> {
  const { code, stdout, stderr } = await runProgram({
    path: join(programs, "code"),
    args: ["--list-extensions", "--show-versions"],
    cwd: programs,
    env,
  });
  assert.equal(code, 0, stderr);
  return stdout.split("\n").filter((line) => /^[\w-]+\.[\w-]+@/.test(line));
}
