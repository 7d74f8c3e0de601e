import assert from "node:assert/strict";
import { join } from "node:path";
import { callTool, refusal } from "../../../tests/git_sandbox.ts";
import { inTempFolder, testContext } from "../../../tests/tool_context.ts";
import { makeZip } from "../../../tests/zip.ts";
import { runProcess } from "../../base/run_process.ts";
import type { ToolContext } from "../define.ts";
import { extCompile } from "./ext_compile.ts";
import { extInstall } from "./ext_install.ts";
import { extPackage } from "./ext_package.ts";

const MANIFEST = { name: "notes", publisher: "ada", version: "1.0.0" };

/** An extension in a folder of its own, real npm, and a `code` that writes its arguments down. */
async function inExtension(
  scripts: Readonly<Record<string, string>>,
  test: (folder: string, context: ToolContext) => Promise<void>,
): Promise<void> {
  await inTempFolder(async (temporary) => {
    const folder = join(temporary, "extension");
    const programs = join(temporary, "bin");
    await Deno.mkdir(folder);
    await Deno.mkdir(programs);
    await Deno.writeTextFile(join(folder, "package.json"), JSON.stringify({ ...MANIFEST, scripts }));
    const code = '#!/bin/sh\nprintf "%s\\n" "$@" > "$(dirname "$0")/arguments"\necho installed\n';
    await Deno.writeTextFile(join(programs, "code"), code, { mode: 0o755 });
    const env = { PATH: `${programs}:${Deno.env.get("PATH") ?? ""}`, HOME: temporary };
    const search = async (program: string): Promise<string> => {
      for (const place of env.PATH.split(":")) {
        if (await Deno.stat(join(place, program)).then(() => true, () => false)) return join(place, program);
      }
      throw new Error(`no ${program} on PATH`);
    };
    const context = testContext(undefined, {
      settings: { extensionFolder: folder },
      run: async (request, signal) => await runProcess(await search(request.program), request, env, signal),
    });
    await test(folder, context);
  });
}

async function writeVsix(path: string, manifest: Readonly<Record<string, unknown>>): Promise<void> {
  await Deno.writeFile(path, await makeZip({ "extension/package.json": JSON.stringify(manifest) }));
}

Deno.test("agentOS_ext_compile runs the script and shows the end of its output, without colours", async () => {
  const noisy =
    "node -e \"for (let i = 0; i < 3000; i++) console.log('line', i); console.log('\\x1b[32mdone\\x1b[0m')\"";
  await inExtension({ compile: noisy }, async (_, context) => {
    const { exitCode, output } = await callTool(extCompile, {}, context);
    assert.equal(exitCode, 0);
    assert.match(String(output), /line 2999\ndone$/);
    assert.ok(String(output).length <= 5_001);
  });
});

Deno.test("agentOS_ext_compile takes a manifest with a byte order mark, as npm does", async () => {
  await inExtension({ compile: "node -e 1" }, async (folder, context) => {
    const file = join(folder, "package.json");
    await Deno.writeTextFile(file, `\ufeff${await Deno.readTextFile(file)}`);
    assert.equal((await callTool(extCompile, {}, context)).exitCode, 0);
  });
});

Deno.test("agentOS_ext_compile shows the end of both streams, whichever is long", async () => {
  const long = "process.stderr.write('noise '.repeat(9999)); console.log('answer')";
  await inExtension({ compile: `node -e "${long}"` }, async (_, context) => {
    const { output } = await callTool(extCompile, {}, context);
    assert.match(String(output), /answer\n….*noise$/s);
    assert.ok(String(output).length <= 5_010);
  });
});

Deno.test("agentOS_ext_compile says how the script failed", async () => {
  await inExtension({ compile: "echo src/a.ts: error TS1005 && exit 3" }, async (_, context) => {
    const error = await refusal(extCompile, {}, context, "extension.failed");
    assert.match(error.message, /npm run compile ended with exit code 3.*error TS1005/s);
  });
});

Deno.test("the extension tools name what is missing: folder, manifest, script, permission", async () => {
  await refusal(extCompile, {}, testContext(undefined), "extension.not_found");
  const error = await refusal(
    extCompile,
    {},
    testContext(undefined, { settings: { extensionFolder: "/nonexistent" } }),
    "extension.not_found",
  );
  assert.match(error.hint, /--ext-dir/);

  await inExtension({ build: "true" }, async (folder, context) => {
    const missing = await refusal(extCompile, {}, context, "extension.failed");
    assert.match(missing.message, /has no script "compile"; it has build/);
    const refusing = { ...testContext(undefined), settings: context.settings };
    await Deno.writeTextFile(
      join(folder, "package.json"),
      JSON.stringify({ ...MANIFEST, scripts: { compile: "true" } }),
    );
    await refusal(extCompile, {}, refusing, "process.not_allowed");
    await Deno.writeTextFile(join(folder, "package.json"), "{");
    await refusal(extCompile, {}, context, "extension.failed");
    await Deno.writeTextFile(join(folder, "package.json"), '{"name":"x"}');
    assert.match((await refusal(extCompile, {}, context, "extension.failed")).message, /publisher/);
  });
});

Deno.test("agentOS_ext_package names the package that the script made, and no older one", async () => {
  await inExtension({ package: "cp made.zip notes-1.0.0.vsix" }, async (folder, context) => {
    await writeVsix(join(folder, "made.zip"), MANIFEST);
    await writeVsix(join(folder, "notes-9.0.0.vsix"), { ...MANIFEST, version: "9.0.0" });
    const { vsix, version, exitCode } = await callTool(extPackage, {}, context);
    assert.deepEqual([vsix, version, exitCode], [join(folder, "notes-1.0.0.vsix"), "1.0.0", 0]);
  });
  await inExtension({ package: "echo nothing made" }, async (folder, context) => {
    await writeVsix(join(folder, "notes-9.0.0.vsix"), { ...MANIFEST, version: "9.0.0" });
    const error = await refusal(extPackage, {}, context, "extension.failed");
    assert.match(error.message, /made no \.vsix.*nothing made/s);
  });
});

Deno.test({
  name: "the extension tools pass over a package that cannot be read",
  // Who may read everything is refused nothing.
  ignore: Deno.build.os === "windows" || Deno.uid() === 0,
  fn: async () => {
    await inExtension({}, async (folder, context) => {
      await writeVsix(join(folder, "a.vsix"), MANIFEST);
      await writeVsix(join(folder, "b.vsix"), { ...MANIFEST, version: "9.0.0" });
      await Deno.chmod(join(folder, "b.vsix"), 0o000);
      const { vsix } = await callTool(extInstall, {}, context);
      assert.equal(vsix, join(folder, "a.vsix"));
    });
  },
});

Deno.test("agentOS_ext_install hands the highest version of this extension to code", async () => {
  await inExtension({}, async (folder, context) => {
    await refusal(extInstall, {}, context, "extension.not_found");
    await Deno.mkdir(join(folder, "dist"));
    await writeVsix(join(folder, "a.vsix"), { ...MANIFEST, version: "1.10.0" });
    await writeVsix(join(folder, "b.vsix"), { ...MANIFEST, version: "1.9.0" });
    await writeVsix(join(folder, "dist", "c.vsix"), { ...MANIFEST, version: "1.10.0-rc.1" });
    await writeVsix(join(folder, "other-99.0.0.vsix"), { ...MANIFEST, name: "other", version: "99.0.0" });
    await Deno.writeTextFile(join(folder, "junk-99.0.0.vsix"), "junk");
    const { vsix, version, output } = await callTool(extInstall, {}, context);
    assert.deepEqual([vsix, version, output], [join(folder, "a.vsix"), "1.10.0", "installed"]);
    const given = await Deno.readTextFile(join(folder, "..", "bin", "arguments"));
    assert.deepEqual(given.trim().split("\n"), ["--install-extension", join(folder, "a.vsix"), "--force"]);
  });
});
