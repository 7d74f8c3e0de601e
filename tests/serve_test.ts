/**
 * `agentos serve` and `agentos status` together, as a user runs them, from source.
 *
 * @module
 */

import type { z } from "zod";
import { STATUS_SCHEMA } from "../src/status/report_schema.ts";
import assert from "node:assert/strict";

const main = new URL("../main.ts", import.meta.url).href;

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function agentos(args: readonly string[], env: Readonly<Record<string, string>>): Promise<Ran> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", main, ...args],
    env: { NO_COLOR: "1", ...env },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

async function withState(body: (base: string, env: Record<string, string>) => Promise<void>): Promise<void> {
  const base = Deno.realPathSync(await Deno.makeTempDir());
  try {
    Deno.mkdirSync(`${base}/root`);
    await body(base, {
      HOME: base,
      DENO_DIR: Deno.env.get("DENO_DIR") ?? `${Deno.env.get("HOME")}/.cache/deno`,
      CODEX_HOME: "",
      AGENTOS_STATE: `${base}/state`,
      AGENTOS_TOKEN: "",
      OPENROUTER_API_KEY: "sk-or-never-shown",
    });
  } finally {
    await Deno.remove(base, { recursive: true });
  }
}

function dataOf({ checks }: z.output<typeof STATUS_SCHEMA>, id: string): Readonly<Record<string, unknown>> {
  return checks.find((check) => check.id === id)?.data ?? assert.fail(`no check ${id}`);
}

Deno.test("agentos status says in step, differs, or not running, and never shows a secret", async () => {
  await withState(async (base, env) => {
    const server = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", main, "serve", "--port", "0", "--root", `${base}/root`],
      env: { NO_COLOR: "1", ...env },
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    const talk = server.stderr.pipeThrough(new TextDecoderStream()).getReader();
    let said = "";
    let port = "";
    try {
      while (port === "") {
        said += (await talk.read()).value ?? assert.fail(said);
        port = /listens on http:\/\/127\.0\.0\.1:(\d+)\/mcp\s/.exec(said)?.[1] ?? "";
      }
      const first = await agentos(["status", "--port", port], env);
      assert.equal(first.code, 0, first.stdout);
      assert.match(first.stdout, /running on port \d+: agentos \d+\.\d+\.\d+, deno \d/);
      assert.match(first.stdout, /roots +1\n/);
      assert.match(first.stdout, /AGENTOS_TOKEN +not set here/);
      assert.match(first.stdout, /OPENROUTER_API_KEY +set/);

      const token = Deno.readTextFileSync(`${base}/state/token`).trim();
      const inStep = await agentos(["status", "--port", port, "--json"], { ...env, AGENTOS_TOKEN: token });
      assert.equal(inStep.code, 0);
      const status = STATUS_SCHEMA.parse(JSON.parse(inStep.stdout));
      assert.equal(status.healthy, true);
      assert.equal(dataOf(status, "token.environment").environment, "in step");
      assert.equal(dataOf(status, "roots").count, 1);

      const differs = await agentos(["status", "--port", port], { ...env, AGENTOS_TOKEN: "another" });
      assert.equal(differs.code, 1);
      assert.match(
        differs.stdout,
        /AGENTOS_TOKEN +differs from the token file\n +next: export AGENTOS_TOKEN=/,
      );

      const second = await agentos(["serve", "--port", port], env);
      assert.equal(second.code, 2);
      assert.match(second.stderr, /^error: Port \d+ is taken by another agentos: version \d/m);

      for (const { stdout, stderr } of [first, inStep, differs, second]) {
        assert.ok(!`${stdout}${stderr}`.includes(token));
        assert.ok(!`${stdout}${stderr}`.includes("never-shown"));
      }
    } finally {
      server.kill("SIGTERM");
      await talk.cancel();
      assert.equal((await server.status).code, 0);
    }
    const after = await agentos(["status", "--port", port], env);
    assert.equal(after.code, 1);
    assert.match(
      after.stdout,
      /not running on port \d+\n +next: agentos service install, or in a terminal agentos serve/,
    );
  });
});

Deno.test("agentos serve has made the token when it says that it listens", async () => {
  await withState(async (base, env) => {
    for (const format of ["text", "json"]) {
      const state = `${base}/${format}`;
      const server = new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", "--no-check", main, "serve", "--port", "0", "--log-format", format],
        env: { NO_COLOR: "1", ...env, AGENTOS_STATE: state },
        stdin: "null",
        stdout: "null",
        stderr: "piped",
      }).spawn();
      const talk = server.stderr.pipeThrough(new TextDecoderStream()).getReader();
      try {
        let said = "";
        while (!/listens on|"listening"/.test(said)) said += (await talk.read()).value ?? assert.fail(said);
        assert.match(Deno.readTextFileSync(`${state}/token`), /^[\w-]{43}\n$/);
        if (Deno.build.os !== "windows") {
          assert.equal((Deno.statSync(`${state}/token`).mode ?? 0) & 0o777, 0o600);
        }
      } finally {
        server.kill("SIGTERM");
        await talk.cancel();
        assert.equal((await server.status).code, 0);
      }
    }
  });
});

Deno.test("agentos serve --print-permissions prints the grant and starts nothing", async () => {
  await withState(async (base, env) => {
    const { code, stdout } = await agentos(["serve", "--print-permissions", "--root", `${base}/root`], env);
    assert.equal(code, 0);
    assert.match(stdout, new RegExp(`write +${base}/root +root`));
    assert.deepEqual([...Deno.readDirSync(`${base}/state`)], [], "not even a token was made");
  });
});

Deno.test("agentos serve refuses what it cannot serve with exit code 2 and a reason", async () => {
  await withState(async (base, env) => {
    const refusals: readonly (readonly [readonly string[], RegExp])[] = [
      [["--host", "0.0.0.0"], /Cannot listen on "0\.0\.0\.0"/],
      [["--root", `${base}/nowhere`], /The folder ".*nowhere" of --root is not there/],
      [["--root", "/"], /it holds the whole system/],
      [["--repo", `${base}/root`], /holds no folder context-portfolio/],
    ];
    for (const [flags, reason] of refusals) {
      const { code, stderr } = await agentos(["serve", "--port", "0", ...flags], env);
      assert.equal(code, 2, stderr);
      assert.match(stderr, reason);
      assert.match(stderr, /^hint: /m);
    }
  });
});

Deno.test("agentos serve refuses a token that others can read, with the command that mends it", {
  ignore: Deno.build.os === "windows",
}, async () => {
  await withState(async (base, env) => {
    Deno.mkdirSync(`${base}/state`, { mode: 0o700 });
    Deno.writeTextFileSync(`${base}/state/token`, "a".repeat(43));
    Deno.chmodSync(`${base}/state/token`, 0o644);
    const { code, stderr } = await agentos(["serve", "--port", "0"], env);
    assert.equal(code, 2, stderr);
    assert.match(stderr, /hint: .*chmod 600/);
  });
});
