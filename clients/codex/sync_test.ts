/** What a Codex home should hold: where authentication goes, and what each version gets. @module */

import { deepEqual, equal, ok } from "node:assert/strict";
import type { Place, Source } from "../../src/sync/client.ts";
import { codexSync } from "./sync.ts";

const PLACE: Place = {
  home: "/home/u/.codex",
  stateFolder: "/home/u/.agentos",
  port: 8787,
  executable: "agentos",
  platform: "linux",
  clientVersion: "0.169.0",
};
const HELPER = `http_headers_helper = "printf '{\\"Authorization\\":\\"Bearer %s\\"}' ` +
  `\\"$(cat '/home/u/.agentos/token')\\""`;
const BEARER = 'bearer_token_env_var = "AGENTOS_TOKEN"';
const SERVER = '[mcp_servers.agentOS-portfolio]\nurl = "http://127.0.0.1:1/mcp"';

async function configOf(fragment: string, clientVersion?: string): Promise<string> {
  const source: Source = {
    repo: "/repo",
    files: [
      { path: "clients/codex/config-fragment.toml", text: fragment },
      { path: "clients/codex/profiles/planner.toml", text: 'model = "m"\nmodel_provider = "p"\n' },
    ],
  };
  const place = { ...PLACE, clientVersion: clientVersion ?? PLACE.clientVersion };
  const answer = await codexSync.target(source, place, { agentsMd: false, hook: false });
  ok("entries" in answer);
  return answer.entries.find(({ path }) => path === "config.toml")?.content ?? "";
}

const PLACES: readonly { readonly name: string; readonly fragment: string; readonly expected: string }[] = [
  { name: "at the end of the server's table", fragment: `${SERVER}\n`, expected: `${SERVER}\n${HELPER}\n` },
  {
    name: "in the server's table when another comes after it",
    fragment: `${SERVER} # here\n\n# about roles\n[roles.planner]\neffort = "high"\n`,
    expected: `${SERVER} # here\n${HELPER}\n\n# about roles\n[roles.planner]\neffort = "high"\n`,
  },
  {
    name: "in the server's table however its header is written",
    fragment: `a = [1]\n[ mcp_servers . "agentOS-portfolio" ] # x\nurl = "u"\n[t]\n`,
    expected: `a = [1]\n[ mcp_servers . "agentOS-portfolio" ] # x\nurl = "u"\n${HELPER}\n[t]\n`,
  },
  {
    name: "in an empty table",
    fragment: "[mcp_servers.agentOS-portfolio]\n[t]",
    expected: `[mcp_servers.agentOS-portfolio]\n${HELPER}\n[t]\n`,
  },
  { name: "nowhere without such a table", fragment: 'model = "m"\n', expected: 'model = "m"\n' },
  {
    name: "nowhere when the repo authenticates in its own way",
    fragment: `${SERVER}\n${BEARER}\n\n[roles.planner]\neffort = "high"\n`,
    expected: `${SERVER}\n${BEARER}\n\n[roles.planner]\neffort = "high"\n`,
  },
];

for (const { name, fragment, expected } of PLACES) {
  Deno.test(`the authentication of Codex's MCP server goes ${name}`, async () => {
    equal(await configOf(fragment), expected);
  });
}

Deno.test("each version of Codex gets the one way to authenticate, and the profiles, that it understands", async () => {
  const table = '\n[profiles.planner]\nmodel = "m"\nmodel_provider = "p"\n';
  deepEqual(
    await Promise.all(
      ["0.130.0", "0.142.0", "0.155.0", "0.169.0"].map((version) => configOf(SERVER, version)),
    ),
    [
      `${SERVER}\n${BEARER}\n${table}`,
      `${SERVER}\n${BEARER}\n`,
      `${SERVER}\n${HELPER}\n`,
      `${SERVER}\n${HELPER}\n`,
    ],
  );
});
