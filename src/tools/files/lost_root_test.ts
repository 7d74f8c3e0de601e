import assert from "node:assert/strict";
import { inTempFolder, testSettings } from "../../../tests/tool_context.ts";
import { asFileError } from "./file_error.ts";
import { findLoss, identifyRoots, rootNamed } from "./lost_root.ts";

Deno.test("findLoss() knows a root that is gone, and another folder in its place", async () => {
  await inTempFolder((top) => {
    const path = `${top}/root`;
    Deno.mkdirSync(path);
    const [root] = identifyRoots([{ path, writable: true }]);
    assert.ok(root);
    Deno.writeTextFileSync(`${path}/new.txt`, "changes in it are none of it");
    assert.equal(findLoss(root), undefined);

    Deno.renameSync(path, `${top}/away`);
    const gone = findLoss(root);
    assert.equal(gone?.code, "path.not_found");
    assert.match(gone.message, /^The root ".*root" is not there any more\.$/);
    assert.match(gone.hint, /^Put the folder back\..* "agentos service restart"/);

    Deno.mkdirSync(path);
    const replaced = findLoss(root);
    assert.equal(replaced?.code, "path.denied");
    assert.match(replaced.message, /^The root ".*root" was replaced since the server started/);
    assert.match(replaced.hint, /^Start the server again: "agentos service restart"/);

    Deno.removeSync(path);
    Deno.renameSync(`${top}/away`, path);
    assert.equal(findLoss(root), undefined);
  });
});

Deno.test("asFileError() tells of the root only to who is not let in", async () => {
  await inTempFolder((top) => {
    const root = { path: `${top}/gone`, writable: true };
    const ask = (error: Error): unknown => asFileError(error, `${root.path}/f`, "open", root);
    assert.match(String(ask(new Deno.errors.PermissionDenied("no"))), /is not there any more/);
    assert.match(String(ask(new Deno.errors.NotFound("no"))), /nothing stands there/);
    const there = { path: top, writable: true };
    const denied = asFileError(new Deno.errors.PermissionDenied("no"), `${top}/f`, "open", there);
    assert.match(String(denied), /the system does not let the server in/);
  });
});

Deno.test("rootNamed() finds the root of a path as text, by its alias too", {
  ignore: Deno.build.os === "windows",
}, () => {
  const root = { path: "/data/src", writable: true, aliases: ["/home/ada/src"] };
  const settings = testSettings(undefined, { roots: [root] });
  for (const path of ["/data/src/a", "/home/ada/src/./a/..", "/data//src"]) {
    assert.equal(rootNamed(path, settings), root, path);
  }
  assert.equal(rootNamed("/data", settings), undefined);
});
