/** What a Codex home should hold: how it authenticates, and what each version gets. @module */

import { deepEqual, equal, match, ok } from "node:assert/strict";
import type { Place, Source } from "../../src/sync/client.ts";
import { buildTarget } from "../../src/sync/target.ts";
import { codexSync } from "./sync.ts";

const PLACE: Place = {
  home: "/home/u/.codex",
  stateFolder: "/home/u/.agentos",
  port: 8787,
  gateway: true,
  executable: "agentos",
  platform: "linux",
  clientVersion: "0.169.0",
};
const HELPER = `http_headers_helper = "printf '{\\"Authorization\\":\\"Bearer %s\\"}' ` +
  `\\"$(cat '/home/u/.agentos/token')\\""`;
const BEARER = 'bearer_token_env_var = "AGENTOS_TOKEN"';

/** The text for config.toml of a repo with this fragment. */
async function configOf(fragment: string, differing: Partial<Place> = {}): Promise<string> {
  const source: Source = {
    repo: "/repo",
    files: [
      { path: "clients/codex/config-fragment.toml", text: fragment },
      { path: "clients/codex/profiles/planner.toml", text: 'model = "m"\nmodel_provider = "p"\n' },
    ],
  };
  const answer = await buildTarget(codexSync, source, { ...PLACE, ...differing }, {
    agentsMd: false,
    hook: false,
  });
  ok(answer.kind === "target", JSON.stringify(answer));
  return answer.target.entries.find(({ path }) => path === "config.toml")?.content ?? "";
}

Deno.test("a fragment is deployed as it is: authentication goes only where it asks for it", async () => {
  const fragment =
    `[mcp_servers.agentOS-portfolio]\nurl = "u"\n${BEARER}\n\n[roles.planner]\neffort = "high"\n`;
  equal(await configOf(fragment), fragment);
  const asking = fragment.replace(BEARER, "{{AUTHENTICATION}}");
  equal(await configOf(asking), fragment.replace(BEARER, HELPER));
});

Deno.test("the repo's own fragment asks for authentication in the table of the server", async () => {
  const fragment = await Deno.readTextFile(new URL("config-fragment.toml", import.meta.url));
  match(
    await configOf(fragment),
    /\n\[mcp_servers\.agentOS-portfolio\]\n(?:[^[\n].*\n)*http_headers_helper = /,
  );
});

Deno.test("the repo's own fragment leads to OpenRouter through the gateway, or around it", async () => {
  const text = await Deno.readTextFile(new URL("config-fragment.toml", import.meta.url));
  match(await configOf(text), /\nbase_url = "http:\/\/127\.0\.0\.1:8787\/openrouter\/v1"\n/);
  match(
    await configOf(text, { gateway: false }),
    /\nbase_url = "https:\/\/openrouter\.ai\/api\/v1"\n/,
  );
});

Deno.test("each version of Codex gets the way to authenticate, and the profiles, that it understands", async () => {
  const versions = ["0.130.0", "0.142.0", "0.155.0", "0.169.0"];
  const table = '\n[profiles.planner]\nmodel = "m"\nmodel_provider = "p"\n';
  deepEqual(
    await Promise.all(
      versions.map((clientVersion) => configOf("[s]\n{{AUTHENTICATION}}\n", { clientVersion })),
    ),
    [`[s]\n${BEARER}\n${table}`, `[s]\n${BEARER}\n`, `[s]\n${HELPER}\n`, `[s]\n${HELPER}\n`],
  );
});

Deno.test("readVersion() reads what codex --version says, and learns nothing from a build without a number", () => {
  const said: readonly (readonly [string, string | undefined])[] = [
    ["codex-cli 0.169.0\n", "0.169.0"],
    ["codex-cli 0.170.0-alpha.3\n", "0.170.0-alpha.3"],
    ["codex-cli 0.0.0\n", undefined],
    ["codex-cli 0.0.0-dev\n", undefined],
    ["hello\n", undefined],
    ["", undefined],
  ];
  for (const [output, version] of said) equal(codexSync.readVersion(output), version, output);
});
