import assert from "node:assert/strict";
import { inTempFolder } from "../../../tests/tool_context.ts";
import { followFile } from "./follow_file.ts";

async function last(path: string, lines: number): Promise<string> {
  const shown: string[] = [];
  await followFile(path, { lines, follow: false, pauseMs: 1, show: (text) => shown.push(`${text}\n`) });
  return shown.join("");
}

Deno.test("the last lines of a log are whole ones, however long they are", async () => {
  await inTempFolder(async (folder) => {
    const path = `${folder}/log`;
    const long = `${"ä".repeat(2_000)}\n`;
    for (
      const [text, lines, shown] of [
        ["", 3, ""],
        ["a\n", 3, "a\n"],
        ["a\nb", 1, "b\n"],
        ["\n\n", 1, "\n"],
        [`first\n${long}`, 1, long],
        [`first\n${long}${long}`, 3, `first\n${long}${long}`],
        [`${"x\n".repeat(5_000)}last\n`, 2, "x\nlast\n"],
      ] as const
    ) {
      await Deno.writeTextFile(path, text);
      assert.equal(await last(path, lines), shown);
    }
  });
});

Deno.test("a log is followed byte by byte: broken text, torn lines, a new file, one that was emptied", async () => {
  await inTempFolder(async (folder) => {
    const path = `${folder}/log`;
    const encoder = new TextEncoder();
    await Deno.writeFile(path, encoder.encode("old\nmine\ntorn"));
    let seen = "";
    const stop = new Error("stop");
    const steps: (readonly [saw: string, next: () => void])[] = [
      ["mine\n", () => Deno.writeFileSync(path, Uint8Array.from([0xff, 0xfe, 0x0a]), { append: true })],
      ["mine\ntorn\ufffd\ufffd\n", () => Deno.writeTextFileSync(path, "next\n", { append: true })],
      ["mine\ntorn\ufffd\ufffd\nnext\n", () => {
        Deno.writeTextFileSync(path, "last words", { append: true });
        Deno.renameSync(path, `${path}.1`);
        // Longer than the old one, so that its length alone would not tell it from one that grew.
        Deno.writeTextFileSync(path, `${"new ".repeat(20)}\n`);
      }],
      ["new \n", () => Deno.writeTextFileSync(path, "emptied\n")],
      ["emptied\n", () => {
        throw stop;
      }],
    ];
    await assert.rejects(
      followFile(path, {
        lines: 2,
        follow: true,
        pauseMs: 1,
        show: (text) => {
          seen += `${text}\n`;
          const [saw, next] = steps[0] ?? assert.fail(seen);
          if (!seen.endsWith(saw)) return;
          steps.shift();
          next();
        },
      }),
      stop,
    );
    assert.equal(seen, `mine\ntorn\ufffd\ufffd\nnext\nlast words\n${"new ".repeat(20)}\nemptied\n`);
  });
});
