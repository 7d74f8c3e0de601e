import assert from "node:assert/strict";
import { shortenPath, shortenPathsIn } from "./home_path.ts";

Deno.test("a path in the user's home begins with ~, and no other does", () => {
  assert.equal(shortenPath("/home/ada/x", "/home/ada"), "~/x");
  assert.equal(shortenPath("/home/ada", "/home/ada"), "~");
  for (const other of ["/home/adam/x", "/mnt/home/ada/x", "x", ""]) {
    assert.equal(shortenPath(other, "/home/ada"), other);
  }
  for (const home of ["/", "", undefined]) assert.equal(shortenPath("/x/y", home), "/x/y");
});

Deno.test("a sentence shows ~ where a path begins with the user's home, and nowhere else", () => {
  const shown = (sentence: string): string => shortenPathsIn(sentence, "/root");
  assert.equal(shown('/root/a, "/root/b" (/root/c) and file=/root/d'), '~/a, "~/b" (~/c) and file=~/d');
  for (const other of ["/mnt/root/x", "./root/x", "~/root/x", "a-/root/x", "/roots", "/root", ""]) {
    assert.equal(shown(other), other);
  }
  assert.equal(shown("/root/root/x"), "~/root/x");
  assert.equal(shortenPathsIn("http://127.0.0.1:1/mcp", "/"), "http://127.0.0.1:1/mcp");
});
