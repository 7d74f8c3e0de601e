import assert from "node:assert/strict";
import type { Health } from "./health.ts";
import { isHealthy, renderDuration, renderStatus, type Status } from "./status.ts";

const health: Health = {
  name: "agentos",
  version: "1.2.3",
  runtime: "deno 2.9.6",
  uptimeSeconds: 3_725,
  tools: 12,
  repo: "/home/me/brain",
  roots: 2,
  wall: { state: "on", abi: 7 },
  ledger: { ok: true, dropped: 0 },
};
const good: Status = {
  port: 8787,
  platform: "linux",
  server: { kind: "agentos", health },
  token: { path: "/home/me/.agentos/token", state: "ok", environment: "in step" },
  openRouterKey: true,
};

Deno.test("renderStatus() says in one line each that all is well", () => {
  assert.equal(isHealthy(good), true);
  assert.equal(
    renderStatus(good),
    `server              running on port 8787: agentos 1.2.3, deno 2.9.6, up 1 h 2 min
tools               12
repo                /home/me/brain
roots               2
kernel wall         on (Landlock 7)
ledger              ok
token               /home/me/.agentos/token
AGENTOS_TOKEN       in step with the token file
OPENROUTER_API_KEY  set`,
  );
});

Deno.test("renderStatus() gives each bad line a next step, and isHealthy() says no", () => {
  const path = "/home/me/.agentos/token";
  const bad: readonly (readonly [Partial<Status>, RegExp])[] = [
    [{ server: { kind: "nobody" } }, /not running on port 8787\n +next: agentos serve/],
    [{ server: { kind: "other" } }, /another program answers on port 8787\n +next: /],
    [{ token: { path, state: "missing", environment: "unknown" } }, /not there: .*\n +next: agentos serve/],
    [
      { token: { path, state: "ok", environment: "differs" } },
      /differs .*\n +next: export AGENTOS_TOKEN="\$\(cat/,
    ],
    [{
      token: {
        path,
        state: "unsafe",
        environment: "unknown",
        reason: "Others can read it",
        next: "chmod 600 it",
      },
    }, /Others can read it\n +next: chmod 600 it/],
  ];
  for (const [change, text] of bad) {
    const status = { ...good, ...change };
    assert.equal(isHealthy(status), false, text.source);
    assert.match(renderStatus(status), text);
  }
});

Deno.test("renderStatus() tells of what is allowed but perhaps not wanted", () => {
  const server = { kind: "agentos", health: { ...health, repo: null, roots: 0 } } as const;
  const token = { path: "C:\\t", state: "ok", environment: "unset" } as const;
  const status: Status = { ...good, platform: "windows", server, token, openRouterKey: false };
  assert.equal(isHealthy(status), true);
  const text = renderStatus(status);
  assert.match(text, /roots +0; the fs and git tools refuse\n +next: agentos serve --root DIR/);
  assert.match(text, /AGENTOS_TOKEN +not set here\n +next: \$env:AGENTOS_TOKEN = Get-Content "C:\\t"/);
  assert.match(text, /OPENROUTER_API_KEY +not set/);
});

Deno.test("renderDuration() says the two largest units", () => {
  assert.equal(renderDuration(0.4), "0 s");
  assert.equal(renderDuration(61), "1 min 1 s");
  assert.equal(renderDuration(7_200), "2 h");
  assert.equal(renderDuration(200_000), "2 d 7 h");
});
