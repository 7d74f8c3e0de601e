import assert from "node:assert/strict";
import { openStateFolder, quoteForShell, refuseOther, stateFolderPath } from "./state_folder.ts";

const unix = { ignore: Deno.build.os === "windows" };

async function withFolder(body: (base: string) => void): Promise<void> {
  const base = Deno.realPathSync(await Deno.makeTempDir());
  try {
    body(base);
  } finally {
    await Deno.remove(base, { recursive: true });
  }
}

Deno.test("stateFolderPath() is .agentos in the home, unless it is named", () => {
  assert.equal(stateFolderPath(undefined, "/home/me"), "/home/me/.agentos");
  assert.equal(stateFolderPath("/elsewhere", "/home/me"), "/elsewhere");
});

Deno.test("openStateFolder() makes the folder for its user alone", unix, async () => {
  await withFolder((base) => {
    const folder = openStateFolder(undefined, base);
    assert.equal(folder, `${base}/.agentos`);
    assert.equal((Deno.statSync(folder).mode ?? 0) & 0o777, 0o700);
    assert.equal(openStateFolder(undefined, base), folder, "a second time is fine");
  });
});

Deno.test(
  "openStateFolder() refuses a folder that others may write to, with the command that mends it",
  unix,
  async () => {
    await withFolder((base) => {
      Deno.mkdirSync(`${base}/my state`);
      Deno.chmodSync(`${base}/my state`, 0o770);
      assert.throws(() => openStateFolder(`${base}/my state`, base), {
        code: "state.unusable",
        hint: `Run: chmod 700 '${base}/my state'`,
      });
    });
  },
);

Deno.test(
  "what stands in the folder's place is refused by who opens it and by who only looks",
  unix,
  async () => {
    await withFolder((base) => {
      Deno.writeTextFileSync(`${base}/file`, "");
      Deno.symlinkSync("nowhere", `${base}/link`);
      for (
        const [path, reason] of [
          ["file", "it is no folder"],
          ["link", "it is a link to no folder"],
          ["file/.agentos", "Not a directory"],
        ] as const
      ) {
        const message = new RegExp(`^Cannot use the state folder "${base}/${path}": ${reason}`);
        for (
          const use of [() => openStateFolder(`${base}/${path}`, base), () => refuseOther(`${base}/${path}`)]
        ) {
          assert.throws(use, { code: "state.unusable", message });
        }
      }
      refuseOther(`${base}/not-yet`);
      refuseOther(base);
      assert.deepEqual([...Deno.readDirSync(base)].map(({ name }) => name).sort(), ["file", "link"]);
    });
  },
);

Deno.test("quoteForShell() quotes what a shell would take apart", () => {
  assert.equal(quoteForShell("/home/me/.agentos"), "/home/me/.agentos");
  assert.equal(quoteForShell("/a b/it's"), `'/a b/it'\\''s'`);
});
