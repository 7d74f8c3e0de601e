/**
 * `agentos portfolio` as its user meets it, with the templates and with a portfolio of one's own.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { EMBEDDED_FILES } from "../src/portfolio/embedded.ts";
import { openSyncSandbox } from "./sync_sandbox.ts";

const unix = { ignore: Deno.build.os === "windows" };
const GOOD = "---\ntitle: Identity\nsummary: Who I am.\n---\n\nAda.\n";

Deno.test("without a repo the templates are listed and shown, and edit says how to get a portfolio", async () => {
  await using sandbox = await openSyncSandbox({ env: { AGENTOS_REPO: "" } });
  for (const words of [["portfolio"], ["portfolio", "list"]]) {
    const { code, stdout } = await sandbox.run(...words);
    assert.equal(code, 0);
    assert.match(stdout, /^The templates in the executable; "agentos init DIR"/);
    assert.match(stdout, /^identity +\d+ to fill in {2}Who I am/m);
  }
  assert.equal((await sandbox.run("portfolio", "show", "identity")).stdout, EMBEDDED_FILES["identity.md"]);
  const wrong = await sandbox.run("portfolio", "show", "identiti");
  assert.deepEqual([wrong.code, /closest .*identity/.test(wrong.stderr)], [2, true]);
  const edit = await sandbox.run("portfolio", "edit");
  assert.equal(edit.code, 2);
  assert.match(edit.stderr, /no portfolio of yours yet.*\nhint: Make one with "agentos init DIR"/);
});

Deno.test("a portfolio of one's own is checked, edited and found complete", unix, async () => {
  await using sandbox = await openSyncSandbox({
    env: { EDITOR: "my-editor", SOME_API_KEY: "tiger-lily-tiger-lily" },
  });
  const folder = join(sandbox.repo, "context-portfolio");
  await Deno.writeTextFile(join(folder, "identity.md"), EMBEDDED_FILES["identity.md"] ?? "");
  await Deno.writeTextFile(join(folder, "work.md"), `${GOOD}My key is tiger-lily-tiger-lily\n`);
  await Deno.writeFile(join(folder, "odd.md"), Uint8Array.of(0xff));
  await Deno.symlink("/etc/passwd", join(folder, "link.md"));
  const first = await sandbox.run("portfolio", "check");
  assert.equal(first.code, 1);
  assert.match(first.stdout, /^to fill in {2}identity\.md:\d+ {2}Name, and what an agent should call you/m);
  assert.match(first.stdout, /^SECRET {6}work\.md:7 {2}it holds what looks like a secret \(live secret/m);
  assert.match(first.stdout, /^not served {2}odd\.md:1 .*not UTF-8/m);
  assert.match(first.stdout, /^not served {2}link\.md:1 .*symbolic link/m);
  assert.ok(!first.stdout.includes("tiger-lily"));
  const answer = JSON.parse((await sandbox.run("portfolio", "check", "--json")).stdout);
  assert.equal(answer.schema, 1);
  assert.ok(answer.findings.length >= 5);

  await Deno.writeTextFile(
    join(sandbox.bin, "my-editor"),
    `#!/bin/sh\nprintf -- '${GOOD.replaceAll("\n", "\\n")}' > "$1"\n`,
  );
  await Deno.chmod(join(sandbox.bin, "my-editor"), 0o755);
  assert.match((await sandbox.run("portfolio", "edit")).stdout, /^identity\.md: nothing is missing/);
  assert.equal(await Deno.readTextFile(join(folder, "identity.md")), GOOD);
  assert.match((await sandbox.run("portfolio", "edit", "work")).stdout, /^work\.md: nothing is missing/);
  for (const name of ["odd.md", "link.md"]) await Deno.remove(join(folder, name));
  assert.deepEqual(await sandbox.run("portfolio", "check"), {
    code: 0,
    stdout: "2 files, nothing is missing\n",
    stderr: "",
  });
  const list = await sandbox.run("portfolio");
  assert.match(list.stdout, /context-portfolio \(named by AGENTOS_REPO\)\n\nidentity {2}filled in {2}Who/);
  const done = await sandbox.run("portfolio", "edit");
  assert.equal(done.code, 2);
  assert.match(done.stderr, /Every file is filled in/);
});
