/**
 * Attacks on `agentos usage` by logs: whatever lies there, it ends, holds little memory, names what it could not read, and
 * counts the rest.
 *
 * @module
 */

import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { zstdCompressSync } from "node:zlib";
import { readPeakMb } from "../../scripts/bench/process_memory.ts";
import { findExecutable, makeHome } from "../e2e/agentos.ts";

const ID = "01a05c69-4d00-7000-8000-000000000001";
const TIME_LIMIT_MS = 60_000;
const MEMORY_LIMIT_MB = 450;

function total(input: number): string {
  return `{"timestamp":"2026-09-01T10:00:05.000Z","type":"event_msg","payload":{"type":"token_count","info":{"total_token_usage":{"input_tokens":${input},"output_tokens":1}}}}`;
}

/** What the program answered. */
interface Answer {
  readonly inputTokens: number;
  readonly warnings: readonly { readonly file: string; readonly line?: number; readonly code: string }[];
}

/** Lays out logs, asks twice (cold, and through the ledger), and requires that both answers are the same. */
async function ask(lay: (folder: string) => Promise<void> | void): Promise<Answer> {
  await using home = await makeHome();
  const folder = join(home.home, ".codex", "sessions");
  await Deno.mkdir(folder, { recursive: true });
  await lay(folder);
  const answers: Answer[] = [];
  for (const more of [["--no-ledger"], [], []]) {
    const child = new Deno.Command(await findExecutable(), {
      args: ["usage", "model", "--json", "--since", "1970-01-01", ...more],
      clearEnv: true,
      env: { ...home.env, PATH: "/usr/bin:/bin" },
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    let peakMb = 0;
    const timer = setInterval(() => peakMb = Math.max(peakMb, readPeakMb(child.pid)), 20);
    const limit = setTimeout(() => child.kill("SIGKILL"), TIME_LIMIT_MS);
    const { code, stdout, stderr } = await child.output();
    clearInterval(timer);
    clearTimeout(limit);
    equal(code, 0, new TextDecoder().decode(stderr));
    ok(peakMb < MEMORY_LIMIT_MB, `${peakMb} MB`);
    const { totals, warnings } = JSON.parse(new TextDecoder().decode(stdout));
    answers.push({ inputTokens: totals.inputTokens, warnings });
  }
  const [cold, ...kept] = answers;
  ok(cold !== undefined);
  for (const answer of kept) deepEqual(answer, cold);
  return cold;
}

const name = (id = ID): string => `rollout-2026-09-01T10-00-00-${id}.jsonl`;

Deno.test("lines that are broken in every way are named by file and line, and the rest counts", async () => {
  const broken = [
    total(7).slice(0, 60),
    `${total(7)}${total(8)}`,
    "not json",
    "\0\0\0\0",
    '{"type":"event_msg","payload":{"type":"token_count","info":{"total_token_usage":{"input_tokens":1e',
    "[1,2",
    "7",
    "[".repeat(100_000),
    `{"a":${'{"a":'.repeat(50_000)}`,
    '{"timestamp":"2026-09-01T10:00:05.000Z","type":"response_item","payload":{"type":"message","content":"cut',
  ];
  const { inputTokens, warnings } = await ask((folder) => {
    const lines = broken.flatMap((line, index) => [line, total((index + 1) * 100)]);
    return Deno.writeTextFile(join(folder, name()), `\uFEFF${lines.join("\r\n")}\n`);
  });
  equal(inputTokens, broken.length * 100);
  deepEqual(
    warnings.map(({ code, line }) => [code, line]),
    broken.map((_, index) => ["broken-line", index * 2 + 1]),
  );
  for (const { file } of warnings) match(file, new RegExp(`${ID}\\.jsonl$`));
});

Deno.test("random bytes, in many files, are no trouble", async () => {
  const { inputTokens } = await ask(async (folder) => {
    for (let count = 0; count < 200; count++) {
      const bytes = crypto.getRandomValues(new Uint8Array(count * 97));
      for (let at = 0; at < bytes.length; at += 50) {
        bytes.set(new TextEncoder().encode('{"type":"'), at % (bytes.length - 9));
      }
      await Deno.writeFile(join(folder, `${count}.jsonl`), bytes);
    }
    await Deno.writeTextFile(join(folder, name()), `${total(42)}\n`);
  });
  equal(inputTokens, 42);
});

Deno.test("a sparse file of 4 GiB without a line end is passed over in bounded memory", async () => {
  const { inputTokens, warnings } = await ask(async (folder) => {
    const path = join(folder, name());
    await Deno.writeTextFile(path, `${total(10)}\n`);
    await Deno.truncate(path, 4 * 1024 ** 3);
    await Deno.writeTextFile(path, `\n${total(20)}\n`, { append: true });
  });
  equal(inputTokens, 20);
  deepEqual(warnings.map(({ code, line }) => [code, line]), [["long-line", 2]]);
});

Deno.test("a compressed log that grows a thousandfold, and one that is cut off, are read in bounded memory", async () => {
  const { inputTokens, warnings } = await ask(async (folder) => {
    const head = '{"timestamp":"2026-09-01T10:00:05.000Z","type":"compacted","payload":{"message":"';
    const text = `${total(10)}\n${head}${"x".repeat(300_000_000)}"}}\n${total(30)}\n`;
    await Deno.writeFile(join(folder, `${name()}.zst`), zstdCompressSync(text));
    const whole = zstdCompressSync(`${total(5)}\n`.repeat(1000));
    await Deno.writeFile(join(folder, "cut.jsonl.zst"), whole.subarray(0, whole.length - 20));
  });
  ok(inputTokens >= 30);
  deepEqual([...new Set(warnings.map(({ code }) => code))], ["unreadable"]);
});

Deno.test("pipes, folders, loops and dead links under a log's name are passed over", async () => {
  const { inputTokens } = await ask(async (folder) => {
    await Deno.mkdir(join(folder, "folder.jsonl"));
    await Deno.symlink(folder, join(folder, "folder.jsonl", "loop"));
    await Deno.symlink("/nowhere/at/all.jsonl", join(folder, "dead.jsonl"));
    await Deno.symlink("/dev/zero", join(folder, "endless.jsonl"));
    const { success } = await new Deno.Command("mkfifo", { args: [join(folder, "pipe.jsonl")] }).output();
    ok(success);
    await Deno.symlink(join(folder, "pipe.jsonl"), join(folder, "to-pipe.jsonl"));
    await Deno.writeTextFile(join(folder, name()), `${total(42)}\n`);
  });
  equal(inputTokens, 42);
});
