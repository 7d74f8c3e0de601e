import assert from "node:assert/strict";
import { maskCredentials, shownOutput } from "./program_output.ts";

Deno.test("maskCredentials() hides passwords and tokens, and keeps the bare user of SSH", () => {
  assert.equal(maskCredentials("To https://ada:s3cret@host/x"), "To https://***@host/x");
  assert.equal(maskCredentials("https://ghp_token@github.com/x"), "https://***@github.com/x");
  assert.equal(maskCredentials("'http://a:p@ss@host/x'"), "'http://***@host/x'");
  assert.equal(maskCredentials("ssh://git@host/x ssh://git:pw@host/x"), "ssh://git@host/x ssh://***@host/x");
  assert.equal(
    maskCredentials("https://host/x?private_token=s3cret&page=2'"),
    "https://host/x?private_token=***&page=2'",
  );
  assert.equal(
    maskCredentials("mail ada@example.org, https://host/x"),
    "mail ada@example.org, https://host/x",
  );
});

Deno.test("shownOutput() drops colours and control characters and keeps the end", () => {
  assert.equal(shownOutput("\x1b[31mred\x1b[0m\x07\rnext\x00\tend\n", 100), "red\nnext\tend");
  assert.equal(shownOutput("0123456789", 4), "…6789");
  assert.equal(shownOutput("a漢字", 5), "…字");
});
