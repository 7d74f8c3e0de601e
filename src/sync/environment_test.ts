import assert from "node:assert/strict";
import { renderEnvironment } from "./environment.ts";
import { SHELLS } from "./model.ts";

Deno.test("renderEnvironment() quotes the token file's path as each shell wants it, on every system", () => {
  const odd = "/home/ada o'neil/.agentos/token";
  assert.equal(
    renderEnvironment("sh", odd),
    `export AGENTOS_TOKEN="$(cat '/home/ada o'\\''neil/.agentos/token')"`,
  );
  assert.equal(
    renderEnvironment("fish", odd),
    `set -gx AGENTOS_TOKEN (cat '/home/ada o\\'neil/.agentos/token')`,
  );
  assert.equal(
    renderEnvironment("powershell", "C:\\Users\\Ada O'Neil\\.agentos\\token"),
    `$env:AGENTOS_TOKEN = (Get-Content -Raw -LiteralPath 'C:\\Users\\Ada O''Neil\\.agentos\\token').Trim()`,
  );
  assert.equal(
    renderEnvironment("setx", "C:\\t"),
    "setx AGENTOS_TOKEN (Get-Content -Raw -LiteralPath 'C:\\t').Trim()",
  );
  assert.equal(
    renderEnvironment("launchctl", "/Users/ada/.agentos/token"),
    `launchctl setenv AGENTOS_TOKEN "$(cat '/Users/ada/.agentos/token')"`,
  );
  assert.equal(
    renderEnvironment("systemd", "/t"),
    `systemctl --user set-environment AGENTOS_TOKEN="$(cat '/t')"`,
  );
  for (const shell of SHELLS) assert.ok(renderEnvironment(shell, "/t").includes("AGENTOS_TOKEN"), shell);
});

Deno.test({
  name: "the line for sh gives a real shell the token, whatever the path",
  ignore: Deno.build.os === "windows",
  async fn(): Promise<void> {
    const folder = await Deno.makeTempDir({ prefix: "agentos o'neil $HOME `id` " });
    try {
      await Deno.writeTextFile(`${folder}/token`, "the-token\n");
      const line = renderEnvironment("sh", `${folder}/token`);
      const { stdout } = await new Deno.Command("sh", {
        args: ["-c", `${line}; printf %s "$AGENTOS_TOKEN"`],
      }).output();
      assert.equal(new TextDecoder().decode(stdout), "the-token");
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
