/** The hook's trust entry against what the real Codex answered. @module */

import { equal } from "node:assert/strict";
import { trustedHash } from "./hook.ts";

Deno.test("trustedHash() is the digest that Codex 0.169 lists for the same hook", async () => {
  equal(
    await trustedHash("agentos sync check --hook codex"),
    "sha256:25f203d91d9946b511aeba4e8e22b35938b541d30d27ff588a0597f00bea496c",
  );
});
