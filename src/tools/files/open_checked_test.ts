import assert from "node:assert/strict";
import { inTempFolder, testSettings } from "../../../tests/tool_context.ts";
import { AppError } from "../../base/errors.ts";
import { type OpenFile, withOpenFile } from "./open_checked.ts";
import { withWriteTarget } from "./write_checked.ts";

const onWindows = Deno.build.os === "windows";

function textOf(file: OpenFile): string {
  const bytes = new Uint8Array(file.info.size);
  return new TextDecoder().decode(bytes.subarray(0, file.read(bytes, 0)));
}

Deno.test("withOpenFile() reads from any position and closes the file", async () => {
  await inTempFolder(async (root) => {
    Deno.writeTextFileSync(`${root}/a`, "0123456789");
    for (let round = 0; round < 2_000; round++) {
      await withOpenFile("a", testSettings(root), (file) => {
        const bytes = new Uint8Array(4);
        assert.equal(file.read(bytes, 8), 2);
        assert.equal(bytes[0], 0x38);
      });
    }
  });
});

Deno.test("withOpenFile() refuses folders, and what the system refuses", async () => {
  await inTempFolder(async (root) => {
    await assert.rejects(withOpenFile("", testSettings(root), textOf), { code: "path.not_a_file" });
    await assert.rejects(withOpenFile("none", testSettings(root), textOf), { code: "path.not_found" });
  });
});

Deno.test({
  name: "withOpenFile() refuses ten FIFOs at once without hanging",
  ignore: onWindows,
  async fn(): Promise<void> {
    await inTempFolder(async (root) => {
      assert.ok((await new Deno.Command("mkfifo", { args: [`${root}/fifo`] }).output()).success);
      const reads = Array.from({ length: 10 }, () => withOpenFile("fifo", testSettings(root), textOf));
      for (const read of await Promise.allSettled(reads)) {
        assert.ok(read.status === "rejected" && read.reason instanceof AppError);
        assert.equal(read.reason.code, "path.not_a_file");
      }
    });
  },
});

Deno.test({
  name:
    "withOpenFile() and withWriteTarget() lose no byte to someone who swaps a folder for a link all the time",
  ignore: onWindows,
  async fn(): Promise<void> {
    await inTempFolder(async (folder) => {
      const [root, outside] = [`${folder}/root`, `${folder}/outside`];
      Deno.mkdirSync(`${root}/dir`, { recursive: true });
      Deno.mkdirSync(outside);
      Deno.writeTextFileSync(`${root}/dir/file`, "inside");
      Deno.writeTextFileSync(`${outside}/file`, "SECRET");
      const swapper = new Worker(new URL("./testdata/swap_folder.ts", import.meta.url), { type: "module" });
      const settings = testSettings(root);
      let [read, refused] = [0, 0];
      try {
        // On a busy machine the swapper may not get its turn: another round, then.
        for (let round = 0; round < 15 && !(read > 0 && refused > 0); round++) {
          let isSwapping = true;
          swapper.onmessage = () => isSwapping = false;
          swapper.postMessage({ folder: `${root}/dir`, target: outside, forMs: 2_000 });
          while (isSwapping) {
            try {
              assert.equal(await withOpenFile("dir/file", settings, textOf), "inside");
              read++;
              await withWriteTarget(
                "dir/made",
                settings,
                (target) => target.write(new TextEncoder().encode("ours")),
              );
            } catch (error) {
              assert.ok(error instanceof AppError, String(error));
              refused++;
            }
            await new Promise((resolve) => setTimeout(resolve, 0));
          }
        }
        assert.ok(read > 0 && refused > 0, `${read} read, ${refused} refused`);
      } finally {
        swapper.terminate();
      }
      for (const { name } of Deno.readDirSync(outside)) {
        // Only the kernel can keep the empty beginning of a file from being made there (see server/landlock.ts).
        const text = Deno.readTextFileSync(`${outside}/${name}`);
        assert.equal(text, name === "file" ? "SECRET" : "", name);
      }
    });
  },
});
