/** What a Codex home should hold: how it authenticates, and what each version gets. @module */

import { deepEqual, equal, match, ok } from "node:assert/strict";
import type { Place, Source } from "../../src/sync/client.ts";
import { buildTarget, type TargetResult } from "../../src/sync/target.ts";
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

/** What a Codex of the old kind gets from these profiles. */
async function targetOf(profiles: Readonly<Record<string, string>>): Promise<TargetResult> {
  const source: Source = {
    repo: "/repo",
    files: [
      { path: "clients/codex/config-fragment.toml", text: '[s]\nurl = "u"\n' },
      ...Object.entries(profiles).map(([role, text]) => ({
        path: `clients/codex/profiles/${role}.toml`,
        text,
      })),
    ],
  };
  const place = { ...PLACE, clientVersion: "0.130.0" };
  return await buildTarget(codexSync, source, place, { agentsMd: false, hook: false });
}

Deno.test("the tables of a profile stay tables of that profile where profiles are no files", async () => {
  const planner = '\ufeffmodel = "m"\nnote = """\n[not]\n{{REPO}}"""\n\n [features] # mine\nx = true\n\n' +
    '[[ list ]]\nport = {{PORT}}\n["a.b".c]\n';
  const answer = await targetOf({
    planner,
    scout: "[features]\n{{AUTHENTICATION}}\n[tools]\nweb = true\n",
  });
  ok(answer.kind === "target", JSON.stringify(answer));
  equal(
    answer.target.entries[0]?.content,
    '[s]\nurl = "u"\n\n[profiles.planner]\nmodel = "m"\nnote = """\n[not]\n/repo"""\n\n' +
      " [profiles.planner.features] # mine\nx = true\n\n[[profiles.planner. list ]]\nport = 8787\n" +
      '[profiles.planner."a.b".c]\n\n' +
      `[profiles.scout]\n[profiles.scout.features]\n${BEARER}\n[profiles.scout.tools]\nweb = true\n`,
  );
});

Deno.test("a mistake in a profile that becomes a table is named in the profile's file", async () => {
  const rows: readonly (readonly [text: string, line: number, message: RegExp])[] = [
    ["model =\n", 1, /./],
    ['model = "m"\n\n[features]\nx = true\n[features]\n', 5, /./],
    ['model = "m"\nkey = "sk-abcdefghijklmnop1234567890"\n', 2, /secret/],
    ['model = "m"\nother = "{{NOPE}}"\n', 2, /NOPE/],
  ];
  for (const [text, line, message] of rows) {
    const answer = await targetOf({ planner: text, scout: 'model = "s"\n' });
    ok(answer.kind === "problems", text);
    const [first] = answer.problems;
    deepEqual([first?.file, first?.line], ["clients/codex/profiles/planner.toml", line], text);
    match(first?.message ?? "", message);
  }
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
