import assert from "node:assert/strict";
import { type AppFixture, openAppFixture, PORT } from "./app_fixture.ts";

function report(fixture: AppFixture, path: string, body: unknown): Promise<Response> {
  return fixture.app(
    new Request(`http://127.0.0.1:${PORT}${path}`, {
      method: "POST",
      headers: { host: `127.0.0.1:${PORT}`, "content-type": "application/json" },
      body: typeof body === "string" ? body : JSON.stringify(body),
    }),
  );
}

Deno.test("reports are kept and answered by nothing", async () => {
  await using fixture = await openAppFixture();
  const at = "2026-11-20T10:00:00+02:00";
  const bodies: readonly [string, unknown][] = [
    ["/portfolio-read", { file: "identity.md" }],
    ["/portfolio-read", { file: "goals.md", client: "codex", project: "ship" }],
    ["/command-log", { command: "/commit" }],
    ["/command-log", { command: "/plan", client: "codex", project: "ship", args: ["a", 1, true, null], at }],
    ["/command-log", { command: "/plan", args: "one\u001b[31m line", at: 1_700_000_000_000 }],
    ["/command-log", { command: "/plan", args: { depth: 2 } }],
    ["/set-project", { project: "ship", path: "/home/someone/ship", client: "codex" }],
  ];
  for (const [path, body] of bodies) {
    const response = await report(fixture, path, body);
    assert.deepEqual([response.status, await response.text()], [204, ""], JSON.stringify(body));
  }
  assert.deepEqual(
    fixture.rows("portfolio_reads").map(({ file, via, client, project }) => [file, via, client, project]),
    [["identity.md", "report", null, null], ["goals.md", "report", "codex", "ship"]],
  );
  assert.deepEqual(
    fixture.rows("commands").slice(1).map(({ command, args, at }) => [command, args, at]).slice(0, 2),
    [["/plan", `["a",1,true,null]`, Date.parse(at)], ["/plan", `"one\\u001b[31m line"`, 1_700_000_000_000]],
  );
  assert.equal(fixture.rows("projects").length, 1);
});

Deno.test("a bad report is refused with the names of its fields and none of its data", async () => {
  await using fixture = await openAppFixture();
  const bodies: readonly [string, unknown, RegExp][] = [
    ["/portfolio-read", {}, /file: a string is needed/],
    ["/portfolio-read", { file: 5 }, /file: a string is needed/],
    ["/portfolio-read", { file: "" }, /file: must not be empty/],
    ["/portfolio-read", { file: "x".repeat(513) }, /file: at most 512/],
    ["/portfolio-read", { file: "HOSTILE\u0000" }, /file: must be one line of visible text/],
    ["/portfolio-read", { file: "HOSTILE\u001b[2J" }, /file: must be one line/],
    ["/portfolio-read", { file: "HOSTILE\u2028" }, /file: must be one line/],
    ["/portfolio-read", { file: "a", HOSTILE: 1 }, /unknown fields/],
    ["/portfolio-read", `{"file":"a","__proto__":{"client":"HOSTILE"}}`, /unknown fields/],
    ["/portfolio-read", [], /the body is not an object/],
    ["/portfolio-read", "null", /the body is not an object/],
    ["/portfolio-read", `${"[".repeat(100_000)}${"]".repeat(100_000)}`, /the body is not an object/],
    ["/command-log", { command: "a", args: [["HOSTILE"]] }, /args: has a form/],
    [
      "/command-log",
      `{"command":"a","args":${"[".repeat(100_000)}${"]".repeat(100_000)}}`,
      /args: has a form/,
    ],
    [
      "/command-log",
      { command: "a", args: Array.from({ length: 60 }, () => "x".repeat(999)) },
      /args: at most/,
    ],
    ["/command-log", { command: "a", at: "yesterday" }, /at: has a form/],
    ["/command-log", { command: "a", at: "2999-01-01T00:00:00Z" }, /at: lies in the future/],
    ["/command-log", { command: "a", client: "HOSTILE\n" }, /client: must be one line/],
    ["/set-project", { path: "/x" }, /project: a string is needed/],
  ];
  for (const [path, body, expected] of bodies) {
    const response = await report(fixture, path, body);
    const text = await response.text();
    assert.equal(response.status, 400, text);
    const { code, message } = JSON.parse(text);
    assert.equal(code, "http.bad_request");
    assert.match(message, expected);
    assert.doesNotMatch(text, /HOSTILE/);
  }
  assert.deepEqual(fixture.rows("commands"), []);
  assert.equal(fixture.lines.some((line) => JSON.stringify(line).includes("HOSTILE")), false);
});

Deno.test("a project that a hook has set goes with the client's later reports and calls", async () => {
  await using fixture = await openAppFixture();
  const call = {
    jsonrpc: "2.0",
    id: 1,
    method: "tools/call",
    params: { name: "echo", arguments: { text: "" } },
  };
  const agent = { "user-agent": "codex-mcp-client/0.169.0" };
  await fixture.post(call, agent);
  await report(fixture, "/set-project", { project: "for all" });
  await fixture.post(call, agent);
  await report(fixture, "/set-project", { project: "mine", client: "Codex" });
  await fixture.post(call, agent);
  await fixture.post(call, { "user-agent": "codexother/1" });
  await report(fixture, "/command-log", { command: "c", client: "codex" });
  await report(fixture, "/command-log", { command: "c", client: "codex", project: "said" });
  assert.deepEqual(fixture.rows("tool_calls").map(({ project }) => project), [
    null,
    "for all",
    "mine",
    "for all",
  ]);
  assert.deepEqual(fixture.rows("commands").map(({ project }) => project), ["mine", "said"]);
});
