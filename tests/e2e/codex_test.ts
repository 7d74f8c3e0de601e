/**
 * The real Codex CLI works through the executable, unattended, as a user of both would set it up by hand.
 *
 * What the model sees is read off the scripted model; what happened is read off the disk, git and the ledger.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { z } from "zod";
import { type Agentos, type Home, makeHome, makeRepository, startAgentos } from "./agentos.ts";
import { checkCodexConfig, type CodexRun, modelConfig, runCodex, writeCodexConfig } from "./codex.ts";
import { converse, type FakeModel, startFakeModel } from "./fake_model.ts";
import { runGit } from "./program.ts";

const NAMESPACE = "mcp__agentOS_portfolio";

/** What README tells a user to put into `~/.codex/config.toml`. */
const serverConfig = (url: string): string => `
[mcp_servers.agentOS-portfolio]
url = "${url}"
bearer_token_env_var = "AGENTOS_TOKEN"
required = true
`;

/** The same with a token that is read anew whenever the server asks for it. */
const helperConfig = (url: string): string => `
[mcp_servers.agentOS-portfolio]
url = "${url}"
http_headers_helper = '''printf '{"Authorization":"Bearer %s"}' "$(cat ~/.agentos/token)"'''
required = true
`;

/**
 * The file and git tools that Codex asks about, because they can destroy something or reach another machine, and
 * so refuses when nobody is there. `agentOS_git_commit` does neither and runs as it is.
 */
const ASKED_ABOUT = ["agentOS_fs_write", "agentOS_fs_replace", "agentOS_git_push"];

/** The lines that let them run unattended. */
const UNATTENDED = ASKED_ABOUT
  .map((tool) => `\n[mcp_servers.agentOS-portfolio.tools.${tool}]\napproval_mode = "approve"\n`).join("");

Deno.test("Codex calls every portfolio, file and git tool, and the ledger has each call", async () => {
  await using home = await makeHome();
  const { folder, remote } = await makeRepository(home);
  await using agentos = await startAgentos(home);
  const notes = join(folder, "docs", "notes.md");
  const session = await runSession(home, agentos, serverConfig(agentos.url) + UNATTENDED, async (tool) => {
    const [listed, portrait] = await Promise.all([
      tool("list_portfolio_files", {}),
      tool("read_portfolio_file", { name: "identity" }),
    ]);
    assert.match(listed.text, /identity/);
    assert.match(portrait.text, /# .*[Ii]dentity/);

    const folderList = await tool("agentOS_fs_list", { path: folder });
    assert.match(folderList.text, /README\.md/);
    const noFolder = await tool("agentOS_fs_write", { path: notes, content: "alpha" });
    assert.match(noFolder.text, /path\.not_found: .*\nNext: .*createDirs/);
    await tool("agentOS_fs_write", { path: notes, content: "alpha\nbeta\n", createDirs: true });
    const read = await tool("agentOS_fs_read", { path: notes });
    assert.match(read.text, /alpha/);
    const sha256 = z.looseObject({ sha256: z.string() }).parse(read.data).sha256;
    await tool("agentOS_fs_replace", { path: notes, oldText: "beta", newText: "gamma" });
    const stale = await tool("agentOS_fs_write", { path: notes, content: "lost", ifSha256: sha256 });
    assert.match(stale.text, /file\.stale/);
    const found = await tool("agentOS_fs_search", { path: folder, query: "gamma" });
    assert.match(found.text, /notes\.md/);
    const committed = await tool("agentOS_git_commit", { cwd: folder, message: "Add notes" });
    assert.match(committed.text, /[0-9a-f]{7}/);
    const pushed = await tool("agentOS_git_push", { cwd: folder });
    assert.match(pushed.text, /origin/);
    return "all done";
  });

  assert.equal(session.run.code, 0);
  assert.deepEqual(session.run.messages, ["all done"]);
  assert.equal(await Deno.readTextFile(notes), "alpha\ngamma\n");
  assert.equal(await runGit(folder, home.env, "log", "-1", "--format=%s %an"), "Add notes Ada Example");
  assert.equal(await runGit(folder, home.env, "status", "--porcelain"), "");
  assert.equal(
    await runGit(remote, home.env, "rev-parse", "main"),
    await runGit(folder, home.env, "rev-parse", "HEAD"),
  );
  const [first] = session.model.requests;
  assert.ok(first);
  assert.notEqual(first.namespaces[NAMESPACE], "", "the model was not told what the tools are for");

  await agentos.stop();
  assert.deepEqual(readToolCalls(home).map(({ tool, ok }) => `${tool} ${ok}`), [
    "list_portfolio_files 1",
    "read_portfolio_file 1",
    "agentOS_fs_list 1",
    "agentOS_fs_write 0",
    "agentOS_fs_write 1",
    "agentOS_fs_read 1",
    "agentOS_fs_replace 1",
    "agentOS_fs_write 0",
    "agentOS_fs_search 1",
    "agentOS_git_commit 1",
    "agentOS_git_push 1",
  ]);
  for (const call of readToolCalls(home)) {
    assert.equal(call.model, "scripted");
    assert.match(call.client, /codex/);
  }
});

Deno.test("Codex understands every line of the configuration we show", async () => {
  await using home = await makeHome();
  for (const config of [serverConfig, helperConfig]) {
    const url = "http://127.0.0.1:8787/mcp";
    await writeCodexConfig(home, modelConfig("http://127.0.0.1:9/v1") + config(url) + UNATTENDED);
    const { code, said } = await checkCodexConfig(home);
    assert.equal(code, 0, said);
  }
});

Deno.test("Codex refuses the tools it would ask about when nobody is there, and only those", async () => {
  await using home = await makeHome();
  const { folder, remote } = await makeRepository(home);
  await using agentos = await startAgentos(home);
  const readme = join(folder, "README.md");
  const before = await Deno.readTextFile(readme);
  const { run } = await runSession(home, agentos, serverConfig(agentos.url), async (tool) => {
    const refusal = /MCP tool call requires approval, but approval policy is never/;
    const calls = [
      tool("agentOS_fs_write", { path: join(home.root, "new.txt"), content: "x" }),
      tool("agentOS_fs_replace", { path: readme, oldText: "first", newText: "second" }),
      tool("agentOS_git_push", { cwd: folder }),
      ...["agentOS_ext_compile", "agentOS_ext_package", "agentOS_ext_install"].map((name) => tool(name, {})),
    ];
    for (const answer of await Promise.all(calls)) assert.match(answer.text, refusal);
    await Deno.writeTextFile(join(folder, "by_hand.txt"), "x");
    const committed = await tool("agentOS_git_commit", { cwd: folder, message: "By hand" });
    assert.doesNotMatch(committed.text, refusal);
    return "refused";
  });
  assert.deepEqual(run.messages, ["refused"]);
  assert.deepEqual(run.calls.filter((call) => call.status === "completed").map((call) => call.tool), [
    "agentOS_git_commit",
  ]);
  await assert.rejects(Deno.stat(join(home.root, "new.txt")), Deno.errors.NotFound);
  assert.equal(await Deno.readTextFile(readme), before);
  assert.equal(await runGit(folder, home.env, "log", "-1", "--format=%s"), "By hand");
  assert.equal(await runGit(remote, home.env, "log", "-1", "--format=%s", "main"), "Start");
});

Deno.test("Codex sees 20 kB whole, page by page: a file and a portfolio file", async () => {
  await using home = await makeHome();
  const text = Array.from({ length: 400 }, (_, index) => `line ${index + 1} ${"·".repeat(20)}\n`).join("");
  const file = join(home.root, "long.txt");
  await Deno.writeTextFile(file, text);
  await Deno.mkdir(join(home.root, "context-portfolio"));
  await Deno.writeTextFile(join(home.root, "context-portfolio", "long.md"), text);
  await using agentos = await startAgentos(home, { flags: ["--root", home.root, "--repo", home.root] });
  const pages: string[] = [];
  const portfolioPages: string[] = [];
  const { run } = await runSession(home, agentos, serverConfig(agentos.url), async (tool) => {
    for (let startLine: number | undefined = 1; startLine !== undefined;) {
      const { text: shown, data } = await tool("agentOS_fs_read", { path: file, startLine });
      assert.ok(!shown.includes("tokens truncated"), "Codex cut the middle out of a page");
      const page = FilePage.parse(data);
      pages.push(page.text);
      startLine = page.nextStartLine;
    }
    for (let more: { cursor?: string } | undefined = {}; more !== undefined;) {
      const { text: shown, data } = await tool("read_portfolio_file", { name: "long", ...more });
      assert.ok(!shown.includes("tokens truncated"), "Codex cut the middle out of a page");
      const page = PortfolioPage.parse(data);
      portfolioPages.push(page.text);
      more = page.nextCursor === undefined ? undefined : { cursor: page.nextCursor };
    }
    return "read";
  });
  assert.deepEqual(run.messages, ["read"]);
  for (const seen of [pages, portfolioPages]) {
    assert.ok(seen.length > 1, "one page held it all: nothing was paged");
    assert.equal(seen.join(""), text);
  }
});

Deno.test("Codex does not notice that the server was restarted between two calls", async () => {
  await using home = await makeHome();
  await using agentos = await startAgentos(home);
  const { run } = await runSession(home, agentos, serverConfig(agentos.url), async (tool) => {
    await tool("list_portfolio_files", {});
    await agentos.restart();
    const after = await tool("list_portfolio_files", {});
    assert.match(after.text, /identity/);
    return "still there";
  });
  assert.deepEqual(run.messages, ["still there"]);
  assert.deepEqual(run.calls.map((call) => call.status), ["completed", "completed"]);
});

Deno.test("Codex follows a token that is rotated in the middle of a session", async () => {
  await using home = await makeHome();
  await using agentos = await startAgentos(home);
  const { run } = await runSession(home, agentos, helperConfig(agentos.url), async (tool) => {
    await tool("list_portfolio_files", {});
    const rotated = "a".repeat((await agentos.token()).length);
    await Deno.writeTextFile(join(home.state, "token"), `${rotated}\n`);
    const after = await tool("list_portfolio_files", {});
    assert.match(after.text, /identity/);
    return "rotated";
  });
  assert.deepEqual(run.messages, ["rotated"]);
  assert.deepEqual(run.calls.map((call) => call.status), ["completed", "completed"]);
});

Deno.test("Codex with a wrong token stops and says that it was not let in", async () => {
  await using home = await makeHome();
  await using agentos = await startAgentos(home);
  const { run, model } = await runSession(
    home,
    agentos,
    serverConfig(agentos.url),
    () => Promise.resolve("never said"),
    "not-the-token",
  );
  assert.equal(run.code, 1);
  assert.match(run.stderr, /agentOS-portfolio/);
  assert.match(run.stderr, /Auth required/);
  assert.equal(model.requests.length, 0);
});

Deno.test("Codex stops and names the server when it is down", async () => {
  await using home = await makeHome();
  await using agentos = await startAgentos(home);
  await agentos.stop();
  const { run, model } = await runSession(
    home,
    agentos,
    serverConfig(agentos.url),
    () => Promise.resolve("never said"),
    "any",
  );
  assert.equal(run.code, 1);
  assert.match(run.stderr, /agentOS-portfolio/);
  assert.equal(model.requests.length, 0);
});

const FilePage = z.looseObject({ text: z.string(), nextStartLine: z.number().optional() });
const PortfolioPage = z.looseObject({ text: z.string(), nextCursor: z.string().optional() });

/** What the model is shown of an answer: Codex puts the time before it, and shows structured content as JSON. */
interface Shown {
  readonly text: string;
  /** The answer as JSON, or undefined when it is not (errors are prose). */
  readonly data: unknown;
}

type Play = (tool: (name: string, args: unknown) => Promise<Shown>) => Promise<string>;

/** Sets Codex up and lets the scripted model play; throws what the play threw. */
async function runSession(
  home: Home,
  agentos: Agentos,
  config: string,
  play: Play,
  token?: string,
): Promise<{ readonly run: CodexRun; readonly model: FakeModel }> {
  const model = startFakeModel(converse((call) =>
    play(async (name, args) => {
      const text = await call({ namespace: NAMESPACE, name, arguments: args });
      return parseShown(text);
    })
  ));
  try {
    await writeCodexConfig(home, modelConfig(model.baseUrl) + config);
    const run = await runCodex(home, { AGENTOS_TOKEN: token ?? await agentos.token() });
    const [failed] = model.scriptErrors;
    if (failed !== undefined) throw failed;
    return { run, model };
  } finally {
    await model.close();
  }
}

function parseShown(output: string): Shown {
  const text = output.replace(/^Wall time: .*\nOutput:\n/, "");
  try {
    return { text, data: JSON.parse(text) };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { text, data: undefined };
  }
}

const ToolCallRow = z.object({ tool: z.string(), ok: z.number(), client: z.string(), model: z.string() });

function readToolCalls(home: Home): readonly z.output<typeof ToolCallRow>[] {
  const database = new DatabaseSync(join(home.state, "agentos.db"), { readOnly: true });
  try {
    return database.prepare("SELECT tool, ok, client, model FROM tool_calls ORDER BY id").all()
      .map((row) => ToolCallRow.parse(row));
  } finally {
    database.close();
  }
}
