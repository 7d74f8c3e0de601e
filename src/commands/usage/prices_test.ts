/** `agentos usage --refresh-prices`: where prices are taken from, what is refused, and what then holds. @module */

import assert from "node:assert/strict";
import { join, resolve } from "node:path";
import { openUsageHome, runScript, type UsageHome } from "../../../tests/usage_sandbox.ts";
import { objectOf } from "../../base/json_fields.ts";

const ROOT = resolve(import.meta.dirname ?? ".", "..", "..", "..");
const LOGS = join(ROOT, "clients", "codex", "testdata", "usage", "records-after-totals", "home");
const TABLE = { openai: { "gpt-5.2": { input: 1000, output: 0 } } };

/** The cost and the prices that a report gives. */
async function readCost(
  world: UsageHome,
  ...args: readonly string[]
): Promise<{ readonly cost: unknown; readonly prices: unknown; readonly stderr: string }> {
  const { code, stdout, stderr } = await world.run(
    ...["model", "--json", "--since", "1970-01-01", "--model", "gpt-5.2"],
    ...args,
  );
  assert.equal(code, 0, stderr);
  const { totals, prices } = objectOf(JSON.parse(stdout));
  return { cost: objectOf(totals)["costUsd"], prices, stderr };
}

Deno.test("a table from a file holds from then on, and until its copy is deleted", async () => {
  await using world = await openUsageHome(LOGS);
  const before = await readCost(world);
  const file = join(world.state, "..", "list.json");
  await Deno.writeTextFile(file, JSON.stringify(TABLE));
  await Deno.utime(file, new Date("2026-10-01"), new Date("2026-10-01T12:00:00Z"));
  const refreshed = await readCost(world, "--refresh-prices", "list.json");
  assert.match(refreshed.stderr, /^Kept 1 prices from .*list\.json, 2026-10-01, in /);
  assert.equal(refreshed.cost, 10.8);
  const after = await readCost(world);
  assert.equal(after.cost, 10.8);
  const { source, date } = objectOf(after.prices);
  assert.match(String(source), /^\/.*\/list\.json, @earendil-works\/pi-ai /);
  assert.equal(date, "2026-10-01");
  assert.equal((await Deno.stat(join(world.state, "prices.json"))).mode ?? 0, 0o100600);
  await Deno.remove(join(world.state, "prices.json"));
  assert.deepEqual(await readCost(world), before);
});

Deno.test("a fetched price has the rate for an hour in the cache that belongs to it", async () => {
  await using world = await openUsageHome();
  await world.write(
    ".claude/projects/p/s.jsonl",
    JSON.stringify({
      type: "assistant",
      timestamp: "2026-09-01T10:00:00Z",
      message: {
        id: "m",
        model: "claude-opus-4-6",
        usage: {
          input_tokens: 0,
          output_tokens: 0,
          cache_creation_input_tokens: 1_000_000,
          cache_creation: { ephemeral_1h_input_tokens: 1_000_000 },
        },
      },
    }),
  );
  const cost = { input: 7, output: 35, cache_write: 8.75 };
  await world.write(
    "list.json",
    JSON.stringify({ anthropic: { models: { "claude-opus-4-6": { cost } } } }),
  );
  const words = ["model", "--json", "--since", "1970-01-01", "--refresh-prices", "list.json"];
  const { code, stdout, stderr } = await world.run(...words);
  assert.equal(code, 0, stderr);
  assert.equal(objectOf(objectOf(JSON.parse(stdout))["totals"])["costUsd"], 14);
});

Deno.test("a table from an address on this machine, by way of another one", async () => {
  await using world = await openUsageHome(LOGS);
  await using server = serve((path) =>
    path === "/moved"
      ? new Response(null, { status: 302, headers: { location: "/list.json" } })
      : Response.json(TABLE, { headers: { "last-modified": "Thu, 01 Oct 2026 12:00:00 GMT" } })
  );
  const { cost, prices, stderr } = await readCost(world, "--refresh-prices", `${server.url}/moved`);
  assert.equal(cost, 10.8, stderr);
  assert.equal(objectOf(prices)["date"], "2026-10-01");
  assert.deepEqual(server.paths, ["/moved", "/list.json"]);
});

Deno.test("what cannot be a table of prices changes nothing", async () => {
  await using world = await openUsageHome(LOGS);
  await using server = serve((path) =>
    path === "/away"
      ? new Response(null, { status: 302, headers: { location: "http://prices.example/list.json" } })
      : path === "/file"
      ? new Response(null, { status: 302, headers: { location: `file://${world.state}/../good.json` } })
      : path === "/loop"
      ? new Response(null, { status: 302, headers: { location: "/loop" } })
      : path === "/page"
      ? new Response("<html>", { headers: { "content-type": "text/html" } })
      : new Response("gone", { status: 404 })
  );
  const good = join(world.state, "..", "good.json");
  await Deno.writeTextFile(good, JSON.stringify(TABLE));
  await readCost(world, "--refresh-prices", good);
  const kept = await Deno.readTextFile(join(world.state, "prices.json"));
  const bad = join(world.state, "..", "bad.json");
  await Deno.writeTextFile(bad, JSON.stringify({ openai: { "gpt-5.2": { input: 1, output: -1 } } }));
  for (
    const [source, words] of [
      [bad, /bad\.json: output of the price of "gpt-5\.2" at "openai" must be a number from 0/],
      [`file://${bad}`, /must be a number/],
      [join(world.state, "none.json"), /cannot be had/],
      [world.state, /it is no file/],
      ["http://prices.example/list.json", /not taken from http:\/\/prices\.example/],
      ["ftp://prices.example/list.json", /not taken from ftp:/],
      ["https://me:secret@prices.example/list.json", /no password/],
      [`${server.url}/away`, /not taken from http:\/\/prices\.example/],
      [`${server.url}/file`, /sent us on to file:/],
      [`${server.url}/loop`, /more than 5 times/],
      [`${server.url}/page`, /no table of prices/],
      [`${server.url}/none`, /answered 404/],
    ] as const
  ) {
    const { code, stdout, stderr } = await world.run("--refresh-prices", source);
    assert.equal(code, 2, `${source}: ${stdout}${stderr}`);
    assert.match(stderr, words);
    assert.doesNotMatch(stderr, /secret/);
    assert.equal(stdout, "");
    assert.equal(await Deno.readTextFile(join(world.state, "prices.json")), kept);
  }
  assert.equal((await readCost(world)).cost, 10.8);
});

Deno.test("a damaged copy of the table is named and left out", async () => {
  await using world = await openUsageHome(LOGS);
  await Deno.mkdir(world.state, { mode: 0o700 });
  await Deno.writeTextFile(join(world.state, "prices.json"), "{");
  const { stderr, prices } = await readCost(world);
  assert.match(stderr, /^note: .*prices\.json is no table of prices/);
  assert.match(String(objectOf(prices)["source"]), /^@earendil/);
});

Deno.test("prices that cannot be read are named with the next step: the user's end the run, a copy does not", async () => {
  await using world = await openUsageHome(LOGS);
  await Deno.mkdir(join(world.state, "prices.json"), { recursive: true, mode: 0o700 });
  const { stderr, prices } = await readCost(world);
  assert.match(stderr, /^note: .*prices\.json is no table of prices \(.*cannot be read: Is a directory/);
  assert.match(String(objectOf(prices)["source"]), /^@earendil/);
  await Deno.remove(join(world.state, "prices.json"));
  await Deno.symlink("prices.toml", join(world.state, "prices.toml"));
  const { code, stderr: refused, stdout } = await world.run("model");
  assert.equal(code, 2, refused);
  assert.match(refused, /prices\.toml: This table of prices cannot be read: .*\nhint: Make it a file/);
  assert.equal(stdout, "");
});

Deno.test("the right to use the network is kept with --refresh-prices alone, and given up before a log is read", async () => {
  await using world = await openUsageHome(LOGS);
  await using server = serve(() => Response.json(TABLE));
  await readCost(world);
  assert.deepEqual(server.paths, []);
  const { stdout, stderr } = await runScript(
    join(world.state, "..", "script.ts"),
    `import { COMMANDS } from "${ROOT}/src/cli/commands.ts";
     const usage = COMMANDS.find(({ path }) => path[0] === "usage");
     console.log(JSON.stringify([[], ["--json"], ["--refresh-prices", "x"]].map((words) => usage.choosePlainly(words).needs)));
     const { refreshPrices } = await import("${ROOT}/src/commands/usage/refresh_prices.ts");
     const output = { answer() {}, talk() {}, colour: false };
     const env = (name) => name === "AGENTOS_STATE" ? ${JSON.stringify(world.state)} : undefined;
     await refreshPrices("${server.url}/list.json", { output, env, cwd: "/", home: "/", version: "0" });
     console.log(Deno.permissions.querySync({ name: "net" }).state);`,
    ["read", "write", "env", "net"],
  );
  assert.equal(
    stdout,
    '[["read","write","env"],["read","write","env"],["read","write","env","net"]]\nprompt\n',
    stderr,
  );
});

interface Server extends AsyncDisposable {
  readonly url: string;
  readonly paths: readonly string[];
}

function serve(answer: (path: string) => Response): Server {
  const paths: string[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    const { pathname } = new URL(request.url);
    paths.push(pathname);
    return answer(pathname);
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    paths,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
