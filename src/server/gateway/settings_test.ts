import assert from "node:assert/strict";
import { AppError } from "../../base/errors.ts";
import { openConfig } from "../../config/read.ts";
import { type GatewaySettings, NO_GATEWAY, readGateway } from "./settings.ts";

/** Reads the settings that a config file of this text gives. */
async function read(
  toml: string,
  { flag, env = {} }: { readonly flag?: boolean; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<GatewaySettings> {
  const home = await Deno.makeTempDir();
  try {
    Deno.mkdirSync(`${home}/.agentos`);
    Deno.writeTextFileSync(`${home}/.agentos/config.toml`, toml);
    return readGateway(await openConfig({ env: () => undefined, home }), flag, (name) => env[name]);
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

async function refusal(toml: string): Promise<string> {
  try {
    await read(toml);
  } catch (error) {
    assert.ok(error instanceof AppError);
    assert.equal(error.code, "config.invalid");
    return `${error.where?.line} ${error.message}`;
  }
  return "nothing";
}

Deno.test("readGateway() knows OpenRouter by itself, and nothing when it is off", async () => {
  const on = await read("");
  assert.deepEqual(on.providers, [
    { name: "openrouter", baseUrl: "https://openrouter.ai/api/v1", wire: "responses" },
  ]);
  assert.ok(on.systemFiles.includes("/etc/resolv.conf"));
  assert.deepEqual(await read("", { flag: false }), NO_GATEWAY);
  assert.deepEqual(await read("[gateway]\nenabled = false\n"), NO_GATEWAY);
  assert.equal((await read("[gateway]\nenabled = false\n", { flag: true })).providers.length, 1);
});

Deno.test("readGateway() adds providers and lets one replace what is built in", async () => {
  const { providers, systemFiles } = await read(
    '[gateway.providers.openrouter]\nbase_url = "http://127.0.0.1:9000/api/v1/"\n' +
      '[gateway.providers.box]\nbase_url = "http://[::1]:8080/v1"\nwire = "responses"\n',
  );
  assert.deepEqual(providers.map(({ name, baseUrl }) => [name, baseUrl]), [
    ["openrouter", "http://127.0.0.1:9000/api/v1"],
    ["box", "http://[::1]:8080/v1"],
  ]);
  assert.deepEqual(systemFiles, [], "an address needs no look-up");
});

Deno.test("readGateway() reads limits, of all and of one model", async () => {
  const { limit, modelLimits } = await read(
    "[gateway.limits]\nmax_cost_per_day_usd = 2.5\n" +
      '[gateway.limits."deepseek/deepseek-v4-flash"]\nmax_requests_per_minute = 10\n',
  );
  assert.deepEqual(limit, { maxCostPerDayUsd: 2.5, maxRequestsPerMinute: undefined });
  assert.deepEqual(modelLimits, {
    "deepseek/deepseek-v4-flash": { maxCostPerDayUsd: undefined, maxRequestsPerMinute: 10 },
  });
});

Deno.test("readGateway() finds the proxies that the environment names", async () => {
  const env = {
    HTTPS_PROXY: "http://user:secret@proxy.example:3128",
    ALL_PROXY: "socks5://10.0.0.1",
    http_proxy: "p",
  };
  assert.deepEqual((await read("", { env })).proxies, ["proxy.example:3128", "p:80", "10.0.0.1:1080"]);
  assert.ok(!JSON.stringify(await read("", { env })).includes("secret"));
});

Deno.test("readGateway() refuses what would give a key away, and says where it stands", async () => {
  const provider = (url: string): string => `[gateway.providers.x]\nbase_url = ${JSON.stringify(url)}\n`;
  for (
    const [url, said] of [
      ["http://api.example.com/v1", "2 http://api.example.com/v1 would send your key unencrypted"],
      ["http://8.8.8.8/v1", "2 http://8.8.8.8/v1 would send your key unencrypted"],
      ["http://172.32.0.1/v1", "2 http://172.32.0.1/v1 would send your key unencrypted"],
      ["https://me:pw@api.example.com/v1", "2 gateway.providers.x.base_url must be a URL"],
      ["https://api.example.com/v1?key=1", "2 gateway.providers.x.base_url must be a URL"],
      ["ftp://api.example.com", "2 gateway.providers.x.base_url must be a URL"],
      ["https://", "2 gateway.providers.x.base_url must be a URL"],
      ["https://[::1/v1", "2 https://[::1/v1 is no URL"],
    ] as const
  ) assert.ok((await refusal(provider(url))).startsWith(said), `${url}: ${await refusal(provider(url))}`);
  for (
    const url of [
      "http://192.168.1.4:8000/v1",
      "http://box:8000/v1",
      "http://nas.local/v1",
      "https://a.example/v1",
    ]
  ) {
    assert.equal(await refusal(provider(url)), "nothing", url);
  }
  assert.match(
    await refusal('[gateway.providers.x]\nwire = "responses"\n'),
    /^2 The provider "x" has no base_url/,
  );
  assert.match(
    await refusal('[gateway.providers."../x"]\nbase_url = "https://a.example"\n'),
    /^2 Cannot name a provider "\.\.\/x"/,
  );
});
