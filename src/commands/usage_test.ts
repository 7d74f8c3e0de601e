import assert from "node:assert/strict";
import { join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { z } from "zod";
import { runScript, usageEnv, type UsageResult, usageWords } from "../../tests/usage_sandbox.ts";
import { LEDGER_TABLES } from "../server/ledger_store.ts";
import type { ReadFlags } from "./usage/read_usage.ts";
import { REPORT_SCHEMA } from "../usage/report_schema.ts";

const ROOT = resolve(import.meta.dirname ?? ".", "..", "..");
const CASE = join(ROOT, "clients", "codex", "testdata", "usage", "records-after-totals", "home");

/** Runs the program as a process, with a state folder of its own and the logs of a case. */
function agentos(state: string, home: string, ...args: string[]): Promise<UsageResult> {
  return agentosIn({}, state, home, ...args);
}

/** The same in a folder, and with more in the environment. */
async function agentosIn(
  place: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> },
  state: string,
  home: string,
  ...args: string[]
): Promise<UsageResult> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    ...place,
    args: usageWords(...args),
    env: { ...usageEnv(home), AGENTOS_STATE: state, ...place.env },
  }).output();
  const text = new TextDecoder();
  return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
}

async function withState(test: (state: string) => Promise<void>): Promise<void> {
  const state = await Deno.makeTempDir({ prefix: "agentos-usage-" });
  try {
    await test(state);
  } finally {
    await Deno.remove(state, { recursive: true });
  }
}

const ALL = ["--since", "1970-01-01", "--timezone", "UTC"];

Deno.test("agentos usage model --json is schema 1, the same cold, kept and without the ledger", () =>
  withState(async (state) => {
    const ask = async (...more: string[]): Promise<Omit<z.infer<typeof REPORT_SCHEMA>, "generatedAt">> => {
      const { code, stdout, stderr } = await agentos(state, CASE, "model", "--json", ...ALL, ...more);
      assert.equal(stderr, "");
      assert.equal(code, 0);
      const { generatedAt, ...rest } = REPORT_SCHEMA.parse(JSON.parse(stdout));
      assert.ok(Date.parse(generatedAt) > 0);
      return rest;
    };
    const cold = await ask();
    assert.deepEqual(await ask(), cold);
    assert.deepEqual(await ask("--no-ledger"), cold);
    const { rows } = cold;
    assert.deepEqual(rows.map(({ provider, model, inputTokens }) => [provider, model, inputTokens]), [
      ["openai", "gpt-5.2", 10_800],
      ["openai", "gpt-5.2-codex", 3000],
    ]);
  }));

Deno.test("agentos usage sets a damaged database aside and answers", () =>
  withState(async (state) => {
    await Deno.writeTextFile(join(state, "agentos.db"), "this is no database, not at all. ".repeat(50));
    const { code, stdout, stderr } = await agentos(state, CASE, ...ALL);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /set aside/);
    assert.match(stdout, /^Total/m);
  }));

for (
  const damage of [
    "UPDATE usage_logs SET responses = '[{'",
    `UPDATE usage_logs SET responses = '{"settings":[[1,2]],"numbers":[0,1788256805000,-5,0,0,0,1e99,0]}'`,
    `UPDATE usage_logs SET responses = replace(responses, '[0,', '[-1,')`,
    `UPDATE usage_logs SET responses = replace(responses, ',0,', ',-7,')`,
    "DROP TABLE usage_logs; CREATE TABLE usage_logs (other TEXT)",
    "DROP TABLE usage_logs",
    "ALTER TABLE usage_logs DROP COLUMN kin",
    "UPDATE usage_logs SET warnings = 'null'",
    "UPDATE usage_logs SET kin = ''; UPDATE usage_events SET events = 'null'",
  ]
) {
  Deno.test(`agentos usage answers from the files when the ledger is damaged inside: ${damage}`, () =>
    withState(async (state) => {
      await damageLedger(state, damage);
      const { code, stdout, stderr } = await agentos(state, CASE, ...ALL);
      assert.equal(code, 0, stderr);
      assert.match(stderr, /damaged/);
      assert.match(stdout, /^Total .* 13,800 /m);
      await checkKept(state);
    }));
}

/** Fills the ledger, and does this to it. */
async function damageLedger(state: string, damage: string): Promise<void> {
  assert.equal((await agentos(state, CASE, ...ALL)).code, 0);
  using db = new DatabaseSync(join(state, "agentos.db"));
  db.exec("CREATE TABLE of_another (row TEXT); INSERT INTO of_another VALUES ('kept')");
  db.exec(damage);
}

/** What others keep is still there, and the ledger is filled anew and used in silence. */
async function checkKept(state: string): Promise<void> {
  for (const round of ["fills", "uses"]) {
    const { stdout, stderr } = await agentos(state, CASE, ...ALL);
    assert.equal(stderr, "", round);
    assert.match(stdout, /^Total .* 13,800 /m);
  }
  using db = new DatabaseSync(join(state, "agentos.db"));
  assert.equal(db.prepare("SELECT row FROM of_another").get()?.["row"], "kept");
  assert.equal(db.prepare("SELECT count(*) AS n FROM usage_logs").get()?.["n"], 1);
}

Deno.test("agentos usage doctor answers when the ledger has lost its events, and sets the rest aside", () =>
  withState(async (state) => {
    await damageLedger(state, "DROP TABLE usage_events");
    const { code, stdout, stderr } = await agentos(state, CASE, "doctor");
    assert.equal(code, 0, stderr);
    assert.match(stderr, /^note: the ledger in .*agentos\.db is damaged, .* set aside in tables named/);
    assert.match(stdout, /1 file, 6 responses/);
    await checkKept(state);
  }));

for (
  const [damage, words] of [
    ["DROP TABLE schema_versions", []],
    ["DROP TABLE usage_logs; CREATE TABLE usage_logs_1 (x)", [/next run sets the database aside/]],
  ] as const
) {
  Deno.test(`agentos usage sets a database aside whose tables cannot be made anew: ${damage}`, () =>
    withState(async (state) => {
      await damageLedger(state, damage);
      for (const word of [...words, /set aside as .*agentos\.db\.corrupt-/, /^$/]) {
        const { code, stdout, stderr } = await agentos(state, CASE, ...ALL);
        assert.equal(code, 0, stderr);
        assert.match(stderr, word);
        assert.match(stdout, /^Total .* 13,800 /m);
      }
    }));
}

Deno.test("agentos usage takes a project by a path from the current folder", () =>
  withState(async (state) => {
    const home = Deno.realPathSync(state);
    await Deno.mkdir(join(home, "work", "p"), { recursive: true });
    await Deno.mkdir(join(home, ".claude", "projects"), { recursive: true });
    const line = {
      type: "assistant",
      cwd: join(home, "work", "p"),
      timestamp: "2026-09-01T10:00:00Z",
      message: { id: "m", model: "claude-opus-4-6", usage: { input_tokens: 77, output_tokens: 1 } },
    };
    await Deno.writeTextFile(join(home, ".claude", "projects", "s.jsonl"), `${JSON.stringify(line)}\n`);
    for (
      const [project, isFound] of [["..", true], ["./p", true], [".", true], ["/", true], [
        "../p",
        false,
      ]] as const
    ) {
      const cwd = join(home, "work");
      const { stdout, stderr } = await agentosIn({ cwd }, home, home, "--project", project, ...ALL);
      assert.equal(/^Total +1 +77 /m.test(stdout), isFound, `${project}: ${stdout}${stderr}`);
    }
  }));

Deno.test("agentos usage reckons with the zone that TZ names in whichever way, and says when it names none", () =>
  withState(async (state) => {
    for (
      const [zone, name, words] of [
        [":Europe/Berlin", "Europe/Berlin", /^$/],
        ["/usr/share/zoneinfo/Europe/Berlin", "Europe/Berlin", /^$/],
        [
          "<+0530>-5:30",
          "UTC",
          /^note: TZ is "<\+0530>-5:30", which is the name of no time zone, so days are those of UTC/,
        ],
      ] as const
    ) {
      const { stdout, stderr } = await agentosIn({ env: { TZ: zone } }, state, state, "--json");
      assert.equal(REPORT_SCHEMA.parse(JSON.parse(stdout)).timezone, name, zone);
      assert.match(stderr, words);
    }
  }));

Deno.test("agentos usage keeps homes apart that are named alike from different folders", () =>
  withState(async (state) => {
    const line = (input: number): string =>
      JSON.stringify({
        type: "assistant",
        sessionId: `s${input}`,
        timestamp: "2026-09-01T10:00:00Z",
        message: {
          id: `m${input}`,
          model: "claude-opus-4-6",
          usage: { input_tokens: input, output_tokens: 1 },
        },
      });
    const ask = (cwd: string, ...args: readonly string[]): Promise<UsageResult> =>
      agentosIn({ cwd, env: { CLAUDE_CONFIG_DIR: "own" } }, state, state, "--client", "claude", ...args);
    for (const [name, input] of [["w1", 1000], ["w2", 7]] as const) {
      const folder = join(state, name, "own", "projects");
      await Deno.mkdir(folder, { recursive: true });
      await Deno.writeTextFile(join(folder, `${name}.jsonl`), `${line(input)}\n`);
      const { stdout, stderr } = await ask(join(state, name), ...ALL);
      assert.match(stdout, new RegExp(`^Total +1 +${input.toLocaleString("en")} `, "m"), stderr);
    }
    const { stdout } = await ask(join(state, "w2"), "doctor");
    assert.ok(stdout.includes(`  looked in ${Deno.realPathSync(state)}/w2/own/projects`), stdout);
    assert.doesNotMatch(stdout, /only in the ledger/);
  }));

Deno.test("agentos usage answers from the files when the ledger cannot be used", () =>
  withState(async (state) => {
    await Deno.mkdir(join(state, "agentos.db"));
    const { code, stdout, stderr } = await agentos(state, CASE, ...ALL);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /^note: .*without the ledger/m);
    assert.match(stdout, /^Total/m);
  }));

Deno.test("agentos usage names what is wrong with a question", () =>
  withState(async (state) => {
    for (
      const [args, words] of [
        [["--timezone", "Europe/Berln"], /"Europe\/Berlin"/],
        [["dayly"], /no report "dayly"[^]*Did you mean "daily"/],
        [["everything"], /no report "everything"[^]*Reports are daily/],
        [["--timezone", "berlin"], /Did you mean "Europe\/Berlin"\?/],
        [["--client", "nobody"], /no client "nobody"/],
        [["--since", "2026-02-30"], /YYYY-MM-DD/],
        [["--last", "7x"], /7d/],
        [["--json", "--csv"], /two answers/],
        [["doctor", "--csv"], /doctor has no --csv[^]*--json/],
        [
          ["doctor", "--since", "2026-03-02"],
          /doctor has no --since\nhint: It looks at everything[^]*leave --since out/,
        ],
        [["doctor", "--until", "2026-03-02"], /doctor has no --until/],
        [["doctor", "--last", "7d"], /doctor has no --last/],
        [["doctor", "--by", "day"], /doctor has no --by/],
        [["doctor", "--model", "m"], /doctor has no --model/],
        [["doctor", "--project", "p"], /doctor has no --project/],
        [["doctor", "--session", "s"], /doctor has no --session/],
        [["doctor", "--explain", "s"], /doctor has no --explain/],
        [["doctor", "--no-cost"], /doctor has no --no-cost/],
        [
          ["--explain", "01a0", "--since", "2026-03-02"],
          /--explain has no --since\nhint: It tells of a session/,
        ],
        [["--explain", "01a0", "--last", "7d"], /--explain has no --last/],
        [["--explain", "01a0", "--by", "day"], /--explain has no --by/],
        [["--explain", "01a0", "--model", "m"], /--explain has no --model/],
        [["--explain", "01a0", "--project", "p"], /--explain has no --project/],
        [["--since", "2026-03-02", "--until", "2026-03-01"], /before it begins/],
        [["--explain", "nothing-like-it"], /No session begins with/],
      ] as const
    ) {
      const { code, stdout, stderr } = await agentos(state, CASE, ...args);
      assert.equal(code, 2, args.join(" "));
      assert.match(stderr, words);
      assert.equal(stdout, "");
    }
  }));

Deno.test("agentos usage --explain says of each line why it counts or not; doctor says what is missing", () =>
  withState(async (state) => {
    const home = join(ROOT, "clients", "codex", "testdata", "usage", "stale-snapshot", "home");
    const explained = await agentos(state, home, "--explain", "01a05c69", "--timezone", "UTC");
    assert.equal(explained.code, 0, explained.stderr);
    assert.match(explained.stdout, /^ +5 {2}2026-09-01 10:00:07 {2}stale .*an earlier total came again$/m);
    assert.match(explained.stdout, /3 counted/);
    const plain = ["--client", "codex", "--timezone", "UTC", "--no-ledger", "--cost", "--json"];
    for (const words of [["doctor"], ["--explain", "01a05c69"]]) {
      const { code, stderr } = await agentos(state, home, ...words, ...plain);
      assert.equal(code, 0, stderr);
    }
    const doctor = await agentos(state, home, "doctor");
    assert.equal(doctor.code, 0, doctor.stderr);
    assert.match(doctor.stdout, /1 file, 3 responses/);
  }));

/** Runs a module that reads usage in a home as the command does, and answers what it printed. */
async function runReading(state: string, home: string, flags: ReadFlags, after: string): Promise<string> {
  const { stdout } = await runScript(
    join(state, "script.ts"),
    `import { readUsage } from "${ROOT}/src/commands/usage/read_usage.ts";
     const output = { answer() {}, talk() {}, colour: false };
     const env = (name) => name === "AGENTOS_STATE" ? "${state}" : undefined;
     const context = { output, env, cwd: "/", home: "${home}", version: "0" };
     const usage = await readUsage(${JSON.stringify(flags)}, context, false);
     ${after}`,
    ["read", "write", "env"],
  );
  return stdout.trim();
}

Deno.test("agentos usage can write nothing any more when it reads the logs", () =>
  withState(async (state) => {
    const rights = 'console.log(Deno.permissions.querySync({ name: "write" }).state)';
    assert.equal(await runReading(state, state, {}, rights), "prompt");
  }));

Deno.test("agentos usage counts plain logs as numbers, and by their ids what a gateway may have seen", () =>
  withState(async (state) => {
    const home = join(ROOT, "clients", "codex", "testdata", "usage", "compressed", "home");
    const count = "console.log(usage.responses.listed.length, usage.responses.tallied.length)";
    assert.match(await runReading(state, home, { ledger: false }, count), / [1-9]$/);
    await runReading(state, home, {}, "");
    assert.match(await runReading(state, home, {}, count), / [1-9]$/, "what the ledger holds");
    const db = new DatabaseSync(join(state, "agentos.db"));
    for (const script of LEDGER_TABLES.migrations) db.exec(script);
    db.exec(
      "INSERT INTO model_requests (at, request_id, provider, model_asked, response_id, status, input_tokens, cached_tokens, output_tokens, reasoning_tokens, elapsed_ms) VALUES (1, 'q', 'p', 'm', 'r', 200, 1, 0, 1, 0, 1)",
    );
    db.close();
    assert.match(await runReading(state, home, {}, count), /^[1-9]\d* 0$/);
  }));
