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
import { readApprovalLines, readCodexLines, type TokenSource } from "./readme.ts";

const NAMESPACE = "mcp__agentOS_portfolio";

/** Makes Codex stop with a message where it would start without the tools and say nothing. */
const REQUIRED = "required = true\n";

Deno.test("Codex calls every portfolio, file and git tool, and the ledger has each call", async () => {
  await using home = await makeHome();
  const { folder, remote } = await makeRepository(home);
  await using agentos = await startAgentos(home);
  const notes = join(folder, "docs", "notes.md");
  const session = await runSession(home, agentos, { unattended: true }, async (tool) => {
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
  const { calls, reads } = readLedger(home);
  // Calls made together are written down as they end.
  assert.deepEqual(calls.map((row) => `${row.tool} ${row.error_code ?? "ok"}`).sort(), [
    "agentOS_fs_list ok",
    "agentOS_fs_read ok",
    "agentOS_fs_replace ok",
    "agentOS_fs_search ok",
    "agentOS_fs_write file.stale",
    "agentOS_fs_write ok",
    "agentOS_fs_write path.not_found",
    "agentOS_git_commit ok",
    "agentOS_git_push ok",
    "list_portfolio_files ok",
    "read_portfolio_file ok",
  ]);
  for (const row of calls) {
    assert.equal(row.ok, row.error_code === null ? 1 : 0);
    assert.equal(row.model, "scripted");
    assert.match(row.client, /codex/);
  }
  assert.deepEqual(reads.map((row) => row.file), ["identity.md"]);
});

Deno.test("Codex understands every line that README shows", async () => {
  await using home = await makeHome();
  for (const tokenSource of ["command", "environment"] as const) {
    const lines = await readCodexLines("http://127.0.0.1:8787/mcp", tokenSource);
    const config = modelConfig("http://127.0.0.1:9/v1") + lines + REQUIRED + await readApprovalLines();
    await writeCodexConfig(home, config);
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
  const { run } = await runSession(home, agentos, {}, async (tool) => {
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
  const { run } = await runSession(home, agentos, {}, async (tool) => {
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
  const { run } = await runSession(home, agentos, {}, async (tool) => {
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
  const { run } = await runSession(home, agentos, { tokenSource: "command" }, async (tool) => {
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
    { required: true, token: "not-the-token" },
    () => Promise.resolve("never said"),
  );
  assert.equal(run.code, 1);
  assert.match(run.stderr, /agentOS-portfolio/);
  assert.match(run.stderr, /Auth required/);
  assert.match(run.stderr, /Set AGENTOS_TOKEN to .* agentos status/, "Codex does not show the next step");
  assert.equal(model.requests.length, 0);
});

Deno.test("Codex stops and names the server when it is down", async () => {
  await using home = await makeHome();
  await using agentos = await startAgentos(home);
  await agentos.stop();
  const { run, model } = await runSession(
    home,
    agentos,
    { required: true, token: "any" },
    () => Promise.resolve("never said"),
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

/** How a session departs from: README's lines with the token from the environment, and someone to ask. */
interface SessionOptions {
  readonly tokenSource?: TokenSource;
  /** The value of AGENTOS_TOKEN; by default the right one. */
  readonly token?: string;
  /** With README's lines for tools that change things. */
  readonly unattended?: boolean;
  /** Codex stops when the server cannot be used. */
  readonly required?: boolean;
}

/** Sets Codex up and lets the scripted model play; throws what the play threw. */
async function runSession(
  home: Home,
  agentos: Agentos,
  options: SessionOptions,
  play: Play,
): Promise<{ readonly run: CodexRun; readonly model: FakeModel }> {
  const { tokenSource = "environment", token, unattended = false, required = false } = options;
  const model = startFakeModel(converse((call) =>
    play(async (name, args) => {
      const text = await call({ namespace: NAMESPACE, name, arguments: args });
      return parseShown(text);
    })
  ));
  try {
    const config = [
      modelConfig(model.baseUrl),
      await readCodexLines(agentos.url, tokenSource),
      required ? REQUIRED : "",
      unattended ? await readApprovalLines() : "",
    ];
    await writeCodexConfig(home, config.join("\n"));
    const env: Record<string, string> = tokenSource === "command"
      ? {}
      : { AGENTOS_TOKEN: token ?? await agentos.token() };
    const run = await runCodex(home, env);
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

const ToolCallRow = z.object({
  tool: z.string(),
  ok: z.number(),
  error_code: z.string().nullable(),
  client: z.string(),
  model: z.string(),
});
const PortfolioReadRow = z.object({ file: z.string() });

/** What the server wrote down, oldest first. */
function readLedger(home: Home): {
  readonly calls: readonly z.output<typeof ToolCallRow>[];
  readonly reads: readonly z.output<typeof PortfolioReadRow>[];
} {
  const database = new DatabaseSync(join(home.state, "agentos.db"), { readOnly: true });
  try {
    const calls = database.prepare("SELECT tool, ok, error_code, client, model FROM tool_calls ORDER BY id");
    const reads = database.prepare("SELECT file FROM portfolio_reads ORDER BY id");
    return {
      calls: calls.all().map((row) => ToolCallRow.parse(row)),
      reads: reads.all().map((row) => PortfolioReadRow.parse(row)),
    };
  } finally {
    database.close();
  }
}
