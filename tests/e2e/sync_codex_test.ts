/**
 * The real Codex CLI in the loop: what `agentos sync push` deploys works as deployed, and Codex and agentos take turns
 * writing the same files without costing each other or their user anything.
 *
 * Observed with @openai/codex 0.169.0 (2026-11): it edits its config with comments and order kept, puts new tables before
 * a closing marker, and writes mode 0600.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { z } from "zod";
import { isTomlTable, parseToml, valueAt } from "../../src/base/toml_values.ts";
import { openOutput } from "../../src/cli/output.ts";
import { copyClientFiles, findProgram } from "../sync_sandbox.ts";
import { findExecutable, type Home, makeHome, startAgentos } from "./agentos.ts";
import { findCodex } from "./codex.ts";
import { converse, type FakeModel, type ModelScript, startFakeModel } from "./fake_model.ts";
import { type NpmPackage, PACKAGES } from "./install.ts";
import { type ProgramResult, runGit, runProgram } from "./program.ts";

const ROLES = {
  planner: "deepseek/deepseek-v4-flash",
  tools: "qwen/qwen3-coder",
  agentic: "moonshotai/kimi-k2.5",
  cheap: "qwen/qwen3-coder:free",
};
const SERVER = ["mcp_servers", "agentOS-portfolio"];

/** A user's own settings, with all that a careless tool loses. */
const USER_CONFIG = `# My Codex. Do not touch.
personality = "pragmatic"   # I like it
model_context_window = 9007199254740993

[mcp_servers.mine] # keep this comment
command = "true"
args = [
  "--a", # first
]
enabled = false

[tui]
  notifications   =   false
`;

/** A user without a table of their own: our block comes last, and Codex writes its tables into it. */
const ROOT_CONFIG = USER_CONFIG.slice(0, USER_CONFIG.indexOf("\n[mcp_servers.mine]"));

/** A home with Codex and agentos on PATH, a repo whose provider is the scripted model, and one session's folder. */
interface Turns extends AsyncDisposable {
  readonly home: Home;
  readonly model: FakeModel;
  /** Config.toml in CODEX_HOME. */
  readonly config: string;
  codex(...args: readonly string[]): Promise<ProgramResult>;
  agentos(...args: readonly string[]): Promise<ProgramResult>;
  /** Runs agentos and asks that it ends well. */
  sync(...args: readonly string[]): Promise<string>;
  readonly env: Readonly<Record<string, string>>;
}

async function openTurns(
  script: ModelScript = () => ({ say: "done" }),
  version: NpmPackage = PACKAGES.codex,
): Promise<Turns> {
  const home = await makeHome();
  const model = startFakeModel(script);
  const bin = join(home.folder, "bin");
  const repo = join(home.folder, "repo");
  await Deno.mkdir(bin);
  await Deno.mkdir(join(repo, "context-portfolio"), { recursive: true });
  await copyClientFiles(repo);
  const fragment = join(repo, "clients", "codex", "config-fragment.toml");
  const text = await Deno.readTextFile(fragment);
  await Deno.writeTextFile(fragment, text.replace(/^base_url = .*$/m, `base_url = "${model.baseUrl}"`));
  await Deno.symlink(await findCodex(version), join(bin, "codex"));
  await Deno.symlink(await findExecutable(), join(bin, "agentos"));
  const env = {
    ...home.env,
    PATH: `${bin}:${Deno.env.get("PATH") ?? ""}`,
    OPENROUTER_API_KEY: "sk-or-not-a-real-key",
    AGENTOS_REPO: repo,
  };
  const run = (path: string, args: readonly string[]): Promise<ProgramResult> =>
    runProgram({ path, args, cwd: home.root, env });
  const agentos = (...args: readonly string[]): Promise<ProgramResult> => run(join(bin, "agentos"), args);
  return {
    home,
    model,
    env,
    config: join(home.home, ".codex", "config.toml"),
    codex: (...args) => run(join(bin, "codex"), args),
    agentos,
    async sync(...args): Promise<string> {
      const { code, stdout, stderr } = await agentos("sync", ...args);
      assert.equal(code, 0, `agentos sync ${args.join(" ")}: ${stdout}${stderr}`);
      return stdout;
    },
    async [Symbol.asyncDispose](): Promise<void> {
      await model.close();
      await home[Symbol.asyncDispose]();
    },
  };
}

/** Fails unless Codex itself understands each line of its config. */
async function assertAccepted({ codex }: Turns, when: string): Promise<void> {
  const { code, stdout, stderr } = await codex("app-server", "--strict-config", "--print-startup-config");
  assert.equal(code, 0, `Codex does not take its config ${when}: ${stdout}${stderr}`);
}

/** Every value of a TOML file by its path; arrays count as one. */
async function readValues(file: string): Promise<Readonly<Record<string, unknown>>> {
  const parsed = parseToml(await Deno.readTextFile(file));
  assert.ok(parsed.kind === "table", `${file} is not TOML`);
  const values: Record<string, unknown> = {};
  const visit = (value: unknown, path: readonly string[]): void => {
    if (!isTomlTable(value)) values[JSON.stringify(path)] = value;
    else for (const key of Object.keys(value)) visit(valueAt(value, [key]), [...path, key]);
  };
  visit(parsed.table, []);
  return values;
}

/** What is not ours in config.toml. */
async function readUserValues({ config }: Turns): Promise<Readonly<Record<string, unknown>>> {
  const ours = (path: string): boolean =>
    path.startsWith('["model_providers","openrouter"') ||
    ["url", "http_headers_helper", "startup_timeout_sec", "tool_timeout_sec", "required"].some((key) =>
      path === JSON.stringify([...SERVER, key])
    ) ||
    path === '["mcp_optional_startup_grace_ms"]';
  return Object.fromEntries(Object.entries(await readValues(config)).filter(([path]) => !ours(path)));
}

async function writeUserConfig({ home, config }: Turns, text = USER_CONFIG): Promise<void> {
  await Deno.mkdir(join(home.home, ".codex"), { recursive: true });
  await Deno.writeTextFile(config, text);
}

/** Comments and odd spacing of the user's; `codex mcp add` itself rewrites the tables of all servers. */
const USER_LINES = [
  "# My Codex. Do not touch.",
  'personality = "pragmatic"   # I like it',
  "model_context_window = 9007199254740993",
];
const TABLE_LINES = [
  "[mcp_servers.mine] # keep this comment",
  '  "--a", # first',
  "  notifications   =   false",
];

/** Fails when a line of the user's is gone that Codex left as it was. */
async function assertUserBytes({ config }: Turns, when: string, left: string): Promise<void> {
  const text = await Deno.readTextFile(config);
  const lines = [...USER_LINES, ...TABLE_LINES.filter((line) => left.includes(line))];
  for (const line of lines) assert.ok(text.includes(`${line}\n`), `"${line}" is gone ${when}:\n${text}`);
}

/** Steps by which Codex rewrites its config. */
const TURNS: readonly { readonly name: string; readonly take: (turns: Turns) => Promise<void> }[] = [
  { name: "codex mcp add", take: (turns) => codexDoes(turns, "mcp", "add", "extra", "--", "true", "x") },
  { name: "codex mcp add of another", take: (turns) => codexDoes(turns, "mcp", "add", "zeta", "--", "true") },
  { name: "codex mcp remove", take: (turns) => codexDoes(turns, "mcp", "remove", "extra") },
  { name: "codex features enable", take: (turns) => codexDoes(turns, "features", "enable", "unified_exec") },
  { name: "codex features disable", take: (turns) => codexDoes(turns, "features", "disable", "goals") },
  { name: "codex exec --trust", take: trustRepository },
];

async function codexDoes({ codex }: Turns, ...args: readonly string[]): Promise<void> {
  const { code, stdout, stderr } = await codex(...args);
  assert.equal(code, 0, `codex ${args.join(" ")}: ${stdout}${stderr}`);
}

async function trustRepository(turns: Turns): Promise<void> {
  const folder = join(turns.home.root, "trusted");
  await Deno.mkdir(folder, { recursive: true });
  await runGit(folder, turns.env, "init", "--quiet");
  await codexDoes(turns, "exec", "--trust", "-C", folder, "-p", "planner", "Say something.");
  const base = ["-c", "model_provider=openrouter", "-c", "model=some/model"];
  await codexDoes(turns, "exec", "--trust", "-C", folder, ...base, "Say something.");
}

for (const [user, text] of Object.entries({ "with tables": USER_CONFIG, "without tables": ROOT_CONFIG })) {
  Deno.test(`Codex and agentos take turns in the config of a user ${user}, and nobody's settings are lost`, async (context) => {
    await using turns = await openTurns();
    await writeUserConfig(turns, text);
    const original = await readValues(turns.config);
    await turns.sync("push");
    await assertAccepted(turns, "after the first push");
    for (const { name, take } of TURNS) {
      await context.step(name, async () => {
        await take(turns);
        const theirs = await readUserValues(turns);
        const left = await Deno.readTextFile(turns.config);
        for (const [path, value] of Object.entries(original)) assert.deepEqual(theirs[path], value, path);
        const checked = await turns.agentos("sync", "check");
        assert.ok(checked.code === 0 || checked.code === 1, checked.stderr);

        await turns.sync("push");
        await assertAccepted(turns, `after ${name} and a push`);
        assert.deepEqual(await readUserValues(turns), theirs);
        await turns.sync("check");

        await turns.sync("clean", "--yes", "--no-deploy");
        await assertAccepted(turns, `after ${name} and a clean`);
        assert.deepEqual(await readValues(turns.config), theirs);
        await assertUserBytes(turns, `after ${name} and a clean`, left);

        await turns.sync("push");
        await assertAccepted(turns, `after ${name}, a clean and a push`);
        assert.deepEqual(await readUserValues(turns), theirs);
      });
    }
    assert.ok(Object.keys(await readUserValues(turns)).some((path) => path.startsWith('["features"')));
    assert.ok(Object.keys(await readUserValues(turns)).includes('["mcp_servers","zeta","command"]'));
  });
}

Deno.test("Codex writes trust into a profile file while that is active, and a push leaves it there", async () => {
  await using turns = await openTurns();
  await turns.sync("push");
  const file = join(turns.home.home, ".codex", "planner.config.toml");
  await trustRepository(turns);
  const [trusted, base] = [await Deno.readTextFile(file), await Deno.readTextFile(turns.config)];
  assert.ok(trusted.includes("trust_level") || base.includes("trust_level"), "Codex wrote no trust");
  const before = await readValues(file);
  await turns.sync("push");
  await turns.sync("check");
  assert.deepEqual(await readValues(file), before);
  await assertAccepted(turns, "after a push over its profile's trust");
});

Deno.test("a server of ours that Codex removed comes back, and one that it replaced is not overwritten unasked", async () => {
  await using turns = await openTurns();
  await writeUserConfig(turns);
  await turns.sync("push");
  await codexDoes(turns, "mcp", "remove", "agentOS-portfolio");
  await assertAccepted(turns, "without our server");
  assert.equal((await turns.agentos("sync", "check")).code, 1);
  await turns.sync("push");
  await assertAccepted(turns, "with our server back");
  await turns.sync("check");

  await codexDoes(turns, "mcp", "add", "agentOS-portfolio", "--url", "http://127.0.0.1:9/mcp");
  const replaced = await Deno.readTextFile(turns.config);
  const { code, stderr } = await turns.agentos("sync", "push");
  assert.equal(code, 2, stderr);
  assert.match(stderr, /config\.toml:\d+: .*url/);
  assert.equal(await Deno.readTextFile(turns.config), replaced);
  await turns.sync("push", "--take", "repo");
  await assertAccepted(turns, "after taking the repo's");
  await turns.sync("check");
  await assertUserBytes(turns, "after taking the repo's", replaced);
});

Deno.test("every role picks its model after agentos sync push and nothing else", async (context) => {
  await using turns = await openTurns();
  await turns.sync("push");
  for (const [role, model] of Object.entries(ROLES)) {
    await context.step(role, async () => {
      const count = turns.model.requests.length;
      const { code, stdout, stderr } = await turns.codex(
        "exec",
        "--skip-git-repo-check",
        "-p",
        role,
        "Say something.",
      );
      assert.equal(code, 0, stderr);
      assert.match(stdout, /done/);
      const asked = turns.model.requests.slice(count);
      assert.deepEqual([...new Set(asked.map((request) => request.model))], [model]);
      assert.equal(asked[0]?.headers["authorization"], "Bearer sk-or-not-a-real-key");
    });
  }
});

Deno.test("an older Codex gets its roles as tables, loses them when it is updated, and picks the right model each time", async () => {
  await using turns = await openTurns(() => ({ say: "done" }), PACKAGES.codexWithTables);
  await writeUserConfig(turns);
  const codex = join(turns.home.folder, "bin", "codex");
  const models = async (): Promise<readonly string[]> => {
    const count = turns.model.requests.length;
    for (const role of Object.keys(ROLES)) {
      const args = ["exec", "--skip-git-repo-check", "-p", role, "Say something."];
      const { code, stdout, stderr } = await turns.codex(...args);
      assert.equal(code, 0, stdout + stderr);
    }
    return [...new Set(turns.model.requests.slice(count).map(({ model }) => model))];
  };
  await turns.sync("push");
  assert.match(await Deno.readTextFile(turns.config), /\[profiles\.planner\]/);
  assert.match(await Deno.readTextFile(turns.config), /bearer_token_env_var = "AGENTOS_TOKEN"/);
  assert.deepEqual(await models(), Object.values(ROLES));
  await turns.sync("check");

  await Deno.remove(codex);
  await Deno.symlink(await findCodex(), codex);
  await turns.sync("push");
  await assertAccepted(turns, "after an update of Codex and a push");
  assert.doesNotMatch(await Deno.readTextFile(turns.config), /profiles\.|bearer_token_env_var/);
  assert.deepEqual(await models(), Object.values(ROLES));
  await turns.sync("clean", "--yes", "--no-deploy");
  assert.equal(await Deno.readTextFile(turns.config), USER_CONFIG);
});

Deno.test("Codex calls our tools by the deployed header helper, also after the token was replaced", async () => {
  const seen: string[] = [];
  await using turns = await openTurns(converse(async (call) => {
    for (let count = 0; count < 2; count++) {
      seen.push(
        await call({ namespace: "mcp__agentOS_portfolio", name: "list_portfolio_files", arguments: {} }),
      );
      await rotate();
    }
    return "done";
  }));
  const rotate = (): Promise<void> =>
    Deno.writeTextFile(
      join(turns.home.state, "token"),
      `${crypto.randomUUID().replaceAll("-", "")}${"b".repeat(11)}\n`,
    );
  await turns.sync("push");
  const tokenBefore = await Deno.readTextFile(join(turns.home.state, "token"));
  await using agentos = await startAgentos(turns.home);
  await turns.sync("push", "--port", String(agentos.port));
  assert.equal(await Deno.readTextFile(join(turns.home.state, "token")), tokenBefore);
  const { code, stderr } = await turns.codex("exec", "--skip-git-repo-check", "-p", "tools", "List them.");
  assert.equal(code, 0, stderr);
  assert.equal(seen.length, 2, stderr);
  for (const text of seen) assert.match(text, /identity/);
});

Deno.test("the deployed hook is trusted, tells the model of drift, and says nothing without", async () => {
  await using turns = await openTurns();
  await writeUserConfig(turns);
  await turns.sync("push", "--hook");
  await assertAccepted(turns, "with the hook");
  const hooks = await listHooks(turns);
  assert.deepEqual(
    hooks.map(({ command, trustStatus }) => [command, trustStatus]),
    [["agentos sync check --hook codex", "trusted"]],
  );

  const told = async (): Promise<readonly string[]> => {
    const count = turns.model.requests.length;
    await codexDoes(turns, "exec", "--skip-git-repo-check", "-p", "planner", "Say something.");
    return turns.model.requests.slice(count).flatMap((request) => request.told)
      .filter((text) => text.includes("agentos: "));
  };
  assert.deepEqual(await told(), []);
  await Deno.remove(join(turns.home.home, ".codex", "cheap.config.toml"));
  const [line = "", ...more] = await told();
  assert.match(line, /agentos: not in sync: Codex CLI \(cheap\.config\.toml missing\)/);
  assert.deepEqual(more, []);

  await turns.sync("clean", "--yes", "--no-deploy");
  assert.equal(await Deno.readTextFile(turns.config), USER_CONFIG);
  assert.deepEqual(await listHooks(turns), []);
});

const HookList = z.looseObject({
  result: z.looseObject({
    data: z.array(z.looseObject({
      hooks: z.array(z.looseObject({ command: z.string().nullish(), trustStatus: z.string() })),
    })),
  }),
});

/** Asks Codex's own server which hooks it knows. */
async function listHooks(
  { home, env }: Turns,
): Promise<z.output<typeof HookList>["result"]["data"][number]["hooks"]> {
  const child = new Deno.Command(await findCodex(), {
    args: ["app-server"],
    cwd: home.root,
    clearEnv: true,
    env: { ...env },
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const writer = child.stdin.getWriter();
  const send = (message: unknown): Promise<void> =>
    writer.write(new TextEncoder().encode(`${JSON.stringify(message)}\n`));
  const guard = setTimeout(() => child.kill("SIGKILL"), 30_000);
  try {
    await send({ method: "initialize", id: 1, params: { clientInfo: { name: "test", version: "0.0.0" } } });
    await send({ method: "initialized" });
    await send({ method: "hooks/list", id: 2, params: { cwds: [home.root] } });
    let text = "";
    for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      const line = text.split("\n").slice(0, -1).find((row) => row.includes('"id":2'));
      if (line === undefined) continue;
      return HookList.parse(JSON.parse(line)).result.data.flatMap(({ hooks }) => hooks);
    }
    throw new Error(`Codex's server ended without an answer: ${text}`);
  } finally {
    clearTimeout(guard);
    end(child);
    await child.status;
    await writer.close().catch(() => {});
  }
}

function end(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGKILL");
  } catch (error) {
    if (!(error instanceof TypeError)) throw error; // it has ended already
  }
}

Deno.test("Codex's own screen writes into the config that we pushed, and nothing is lost", async () => {
  const tmux = await findProgram("tmux").catch(() => undefined);
  if (tmux === undefined) {
    openOutput(true).talk("skipped: there is no tmux on PATH");
    return;
  }
  await using turns = await openTurns();
  await writeUserConfig(turns);
  await turns.sync("push");
  const before = await Deno.readTextFile(turns.config);
  const socket = join(turns.home.folder, "tmux.sock");
  const inTmux = (...args: readonly string[]): Promise<ProgramResult> =>
    runProgram({
      path: tmux,
      args: ["-S", socket, ...args],
      cwd: turns.home.root,
      env: { ...turns.env, TERM: "xterm" },
    });
  const command = "codex --no-daemon -p planner";
  await new Deno.Command(tmux, {
    args: ["-S", socket, "-f", "/dev/null", "new-session", "-d", "-x", "120", "-y", "40", command],
    cwd: turns.home.root,
    clearEnv: true,
    env: { ...turns.env, TERM: "xterm-256color" },
  }).output();
  try {
    let screen = "";
    for (let count = 0; count < 150 && !/planner|deepseek/.test(screen); count++) {
      await new Promise((resume) => setTimeout(resume, 200));
      screen = (await inTmux("capture-pane", "-p")).stdout;
    }
    assert.match(screen, /planner|deepseek/, "Codex's screen did not come up");
    await new Promise((resume) => setTimeout(resume, 1000));
  } finally {
    await inTmux("kill-server");
  }
  const profile = join(turns.home.home, ".codex", "planner.config.toml");
  const [after, profileAfter] = [await Deno.readTextFile(turns.config), await Deno.readTextFile(profile)];
  assert.ok(after !== before || profileAfter.includes("[tui"), "Codex wrote nothing: this proves nothing");
  const [theirs, profileValues] = [await readUserValues(turns), await readValues(profile)];
  await turns.sync("push");
  await turns.sync("check");
  await assertAccepted(turns, "after its screen and a push");
  assert.deepEqual(await readUserValues(turns), theirs);
  assert.deepEqual(await readValues(profile), profileValues);
  await assertUserBytes(turns, "after its screen and a push", after);
});
