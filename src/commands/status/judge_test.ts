import assert from "node:assert/strict";
import { AppError } from "../../base/errors.ts";
import { codexSync } from "../../../clients/codex/sync.ts";
import type { Health } from "../../server/health.ts";
import { type ClientFindings, judgeClient } from "./check_clients.ts";
import { judgeGateway } from "./check_gateway.ts";
import { judgeServer } from "./check_server.ts";
import { judgeToken } from "./check_token.ts";

const HEALTH: Health = {
  name: "agentos",
  version: "1.2.3",
  runtime: "deno 2.9.6",
  uptimeSeconds: 3_725,
  tools: 12,
  repo: "/home/me/brain",
  roots: 2,
  wall: { state: "on", abi: 7 },
  providers: ["openrouter"],
  ledger: { ok: true, dropped: 0 },
};

Deno.test("judgeGateway() says who is led where in vain, and how to mend it", () => {
  const say = (...args: Parameters<typeof judgeGateway>): string => {
    const { state, text, next } = judgeGateway(...args);
    return `${state} ${text} / ${next}`;
  };
  const running = (
    providers: readonly string[],
  ) => ({ kind: "agentos", health: { ...HEALTH, providers } } as const);
  assert.equal(
    say(running(["openrouter", "local"]), true, true),
    "good serves openrouter, local / undefined",
  );
  assert.match(
    say(running(["openrouter"]), false, true),
    /^good serves openrouter; no client is led through it/,
  );
  assert.match(say(running([]), false, true), /^good off/);
  assert.match(
    say(running([]), true, true),
    /^bad off, and a client .* \/ turn it on: .* sync push --no-gateway"$/,
  );
  assert.match(say({ kind: "nobody" }, false, true), /^good not running/);
  assert.match(
    say({ kind: "nobody" }, true, true),
    /^bad .*does not run \/ start it: agentos service start; or .* sync push --no-gateway"$/,
  );
  assert.match(
    say({ kind: "nobody" }, true, false),
    /^bad .* \/ start it: agentos service install, or in a terminal agentos serve; or .* --no-gateway"$/,
  );
});

Deno.test("judgeServer() says in a line each that all is well", () => {
  const checks = judgeServer(8787, { kind: "agentos", health: HEALTH }, "taken", "1.2.3");
  assert.deepEqual(checks.map(({ id, state, text }) => [id, state, text]), [
    ["server", "good", "running on port 8787: agentos 1.2.3, deno 2.9.6, up 1 h 2 min, 12 tools"],
    ["wall", "good", "on (Landlock 7)"],
    ["roots", "good", "2"],
  ]);
});

Deno.test("judgeServer() gives what is wrong a next step", () => {
  const running = { kind: "agentos", health: HEALTH } as const;
  const find = (id: string, ...args: Parameters<typeof judgeServer>): string => {
    const check = judgeServer(...args).find((other) => other.id === id);
    return `${check?.state} ${check?.text} / ${check?.next}`;
  };
  assert.match(
    find("server", 1, { kind: "nobody" }, "untold", "1"),
    /^bad not running on port 1 \/ agentos service install/,
  );
  assert.match(
    find("server", 1, { kind: "other" }, "untold", "1"),
    /^bad another program answers .* \/ stop it/,
  );
  assert.match(
    find("server", 1, running, "taken", "2.0.0"),
    /^note .* \/ start it again: this executable is agentos 2/,
  );
  assert.match(
    find("server.token", 1, running, "refused", "1.2.3"),
    /^bad the server takes another token .* \/ /,
  );
  const rootless = { kind: "agentos", health: { ...HEALTH, roots: 0 } } as const;
  assert.match(
    find("roots", 1, rootless, "taken", "1.2.3"),
    /^note 0; .* \/ agentos config set server\.roots/,
  );
});

Deno.test("judgeToken() holds file and variable together, and never says the token", () => {
  const reading = { kind: "token", path: "/s/token", token: "secret-secret" } as const;
  const around = { variable: undefined, isNeeded: false, exportLine: "export …" };
  const said = (change: Partial<typeof around> | { variable: string }): string => {
    const [, check] = judgeToken(reading, { ...around, ...change });
    assert.ok(!JSON.stringify(check).includes("secret"));
    return `${check?.state} ${check?.text} / ${check?.next}`;
  };
  assert.equal(said({ variable: "secret-secret" }), "good in step with the token file / undefined");
  assert.equal(said({}), "good not set here, and not needed / undefined");
  assert.match(said({ isNeeded: true }), /^note not set here, and a client .* \/ export …/);
  assert.match(said({ variable: "other" }), /^bad differs from the token file \/ export …/);
  assert.equal(judgeToken({ kind: "missing", path: "/s/token" }, around)[0]?.state, "bad");
  const error = new AppError("token.unsafe", "Others can read it", { hint: "Run: chmod 600 it" });
  assert.deepEqual(
    judgeToken({ kind: "unsafe", path: "/s/token", error }, around)[0]?.next,
    "Run: chmod 600 it",
  );
});

Deno.test("judgeClient() says the version, what it can do, and whether the last push was for such a one", () => {
  const absent: ClientFindings["home"] = {
    kind: "error",
    error: new AppError("sync.no_client", "Not there"),
  };
  const { id, title, abilities } = codexSync;
  const said = (version: string | undefined): string => {
    const [check] = judgeClient({
      id,
      title,
      abilities,
      installed: { program: "/bin/codex", version },
      home: absent,
    });
    return `${check?.state} ${check?.text}`;
  };
  assert.equal(
    said("0.169.0"),
    "good 0.169.0: profiles in files of their own; reads the token at each connection",
  );
  assert.match(said("0.142.0"), /^good 0\.142\.0: .*; takes AGENTOS_TOKEN from its environment$/);
  assert.match(said(undefined), /^note \/bin\/codex does not say its version/);
  const [version, home] = judgeClient({ id, title, abilities, installed: undefined, home: absent });
  assert.deepEqual([version?.state, version?.text], ["note", "not on PATH"]);
  assert.deepEqual([home?.state, home?.text], ["note", "not there"]);
});

Deno.test("Codex's version is read from the files beside its program", () => {
  const { versionFiles, readVersionFile } = codexSync;
  assert.deepEqual(versionFiles("/opt/codex/bin/codex.js"), [
    "/opt/codex/codex-package.json",
    "/opt/codex/package.json",
  ]);
  assert.ok(versionFiles("C:\\x\\codex\\bin\\codex.exe").includes("C:\\x\\codex/package.json"));
  assert.equal(readVersionFile('{"name":"@openai/codex","version":"0.169.0"}'), "0.169.0");
  assert.equal(readVersionFile('{"variant":"codex","version":"0.169.0"}'), "0.169.0");
  for (const other of ['{"name":"other","version":"1.0.0"}', "[]", "{", "null", '{"name":"@openai/codex"}']) {
    assert.equal(readVersionFile(other), undefined, other);
  }
});
