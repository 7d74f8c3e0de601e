import assert from "node:assert/strict";
import { stamp } from "./release.ts";

for (
  const [name, line] of [
    ["install.sh", 'AGENTOS_RELEASE="https://example.org/releases/download/v1.2.3"'],
    ["install.ps1", '$Release = "https://example.org/releases/download/v1.2.3"'],
  ] as const
) {
  Deno.test(`stamp() tells ${name} where its release is, and refuses what a shell could run`, async () => {
    const text = await Deno.readTextFile(new URL(name, import.meta.url));
    const stamped = stamp(text, "https://example.org/releases/download/v1.2.3/");
    const lines = text.split("\n");
    const changed = stamped.split("\n").filter((candidate, at) => candidate !== lines[at]);
    assert.deepEqual(changed, [line]);
    for (
      const bad of ["http://example.org", 'https://example.org/"; rm', "https://a b", "https://a/$(x)", ""]
    ) {
      assert.throws(() => stamp(text, bad), { code: "cli.usage" }, bad);
    }
  });
}
