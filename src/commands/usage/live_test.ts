/** `agentos usage` on a real terminal: bars, the live view, and how it ends. @module */

import assert from "node:assert/strict";
import { join, resolve } from "node:path";
import { openUsageHome, usageEnv, usageWords } from "../../../tests/usage_sandbox.ts";

const ROOT = resolve(import.meta.dirname ?? ".", "..", "..", "..");
const LOGS = join(ROOT, "clients", "codex", "testdata", "usage", "records-after-totals", "home");

/** Gives a program a terminal (util-linux; in bsdutils, which every Debian has). */
const SCRIPT = "/usr/bin/script";

const HAS_TERMINAL = Deno.build.os === "linux" && await Deno.stat(SCRIPT).then(() => true, () => false);

/** A terminal with the command in it. */
interface Terminal {
  readonly code: Promise<number>;
  /** All that was drawn so far. */
  drawn(): string;
  type(text: string): Promise<void>;
}

async function withTerminal(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  test: (terminal: Terminal, home: string) => Promise<void>,
): Promise<void> {
  await using world = await openUsageHome(LOGS);
  const { home } = world;
  const words = [Deno.execPath(), ...usageWords(...args)];
  const child = new Deno.Command(SCRIPT, {
    args: ["-qec", `stty cols 100 rows 20; exec ${words.join(" ")}`, "/dev/null"],
    env: { ...usageEnv(home), TERM: "xterm", ...env },
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const writer = child.stdin.getWriter();
  let drawn = "";
  const reading = (async (): Promise<void> => {
    for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) drawn += text;
  })();
  try {
    await test({
      code: reading.then(async () => (await child.status).code),
      drawn: () => drawn,
      type: (text) => writer.write(new TextEncoder().encode(text)),
    }, home);
  } finally {
    try {
      child.kill("SIGKILL");
    } catch {
      // It has ended.
    }
    await writer.close().catch(() => {});
    await child.status;
  }
}

async function until(isTrue: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 20_000; !isTrue();) {
    assert.ok(Date.now() < deadline, "the terminal did not show it in time");
    await new Promise((wake) => setTimeout(wake, 20));
  }
}

const ALL = ["--since", "1970-01-01", "--timezone", "UTC"];

Deno.test({
  name: "a terminal gets bars, within its width",
  ignore: !HAS_TERMINAL,
  fn: () =>
    withTerminal(ALL, {}, async ({ code, drawn }) => {
      assert.equal(await code, 0);
      assert.match(drawn(), /^2026-09-01 .* ████████████\r$/m);
      assert.ok(drawn().split("\r\n").slice(0, 6).every((line) => [...line].length <= 100), drawn());
      assert.ok(!drawn().includes("\x1b"));
    }),
});

Deno.test({
  name: "--live draws again when a log grows, and Ctrl-C gives the terminal back as it was",
  ignore: !HAS_TERMINAL,
  fn: () =>
    withTerminal(["--live", ...ALL], {}, async ({ code, drawn, type }, home) => {
      await until(() => /Total +\S+ +13,800 /.test(drawn()));
      const folder = join(home, ".codex", "sessions", "2026", "09", "01");
      for (const { name } of Deno.readDirSync(folder)) {
        const line = {
          timestamp: "2026-09-02T10:00:00.000Z",
          type: "token_usage_record",
          payload: { response_id: "one more", usage: { input_tokens: 1000, output_tokens: 1 } },
        };
        await Deno.writeTextFile(join(folder, name), `${JSON.stringify(line)}\n`, { append: true });
      }
      await until(() => /Total +\S+ +14,800 /.test(drawn()));
      await type("\x03");
      assert.equal(await code, 0);
      assert.ok(drawn().startsWith("\x1b[?1049h\x1b[?25l"), drawn().slice(0, 80));
      assert.ok(drawn().endsWith("\x1b[?25h\x1b[?1049l"), drawn().slice(-80));
    }),
});

Deno.test({
  name: "--live refuses a terminal that cannot be drawn on",
  ignore: !HAS_TERMINAL,
  fn: () =>
    withTerminal(["--live"], { TERM: "dumb" }, async ({ code, drawn }) => {
      assert.equal(await code, 2);
      assert.match(drawn(), /--live draws on a terminal/);
    }),
});

Deno.test("--live refuses an output that is no terminal, and answers that are no table", async () => {
  await using world = await openUsageHome();
  for (
    const [more, words] of [
      [[], /the output goes to none/],
      [["--json"], /--live shows a table/],
      [["--explain", "x"], /--live shows a table/],
    ] as const
  ) {
    const { code, stdout, stderr } = await world.run("--live", ...more);
    assert.equal(code, 2);
    assert.match(stderr, words);
    assert.equal(stdout, "");
  }
});
