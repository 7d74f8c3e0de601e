/**
 * Attacks on searching: expressions that never end, searches that nobody waits for any more, and search processes
 * that are killed from outside.
 *
 * @module
 */

import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { ask, inFolder, requireAwake } from "./file_traps.ts";
import { requireRefusal, testAttacks, type ToolReply, type Victim } from "./victim.ts";

/** A process as /proc tells of it. */
interface Process {
  readonly pid: number;
  readonly parent: number;
  /** User and system time, in clock ticks of 10 ms. */
  readonly ticks: number;
}

/** Linux alone tells of other processes in files. */
const HAS_PROC = Deno.build.os === "linux";

async function readProcess(pid: number): Promise<Process | undefined> {
  try {
    const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return { pid, parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]) };
  } catch {
    return undefined; // It has ended meanwhile.
  }
}

/** The server's process and all that it started. */
async function processTree(victim: Victim): Promise<readonly Process[]> {
  const all: Process[] = [];
  for await (const { name } of Deno.readDir("/proc")) {
    const found = /^\d+$/.test(name) ? await readProcess(Number(name)) : undefined;
    if (found !== undefined) all.push(found);
  }
  const tree = all.filter(({ pid }) => pid === victim.server.pid());
  for (const { pid } of tree) tree.push(...all.filter(({ parent }) => parent === pid));
  return tree;
}

/** The processes that search: all that the server started, when it runs no git. */
async function searchProcesses(victim: Victim): Promise<readonly number[]> {
  return (await processTree(victim)).map(({ pid }) => pid).filter((pid) => pid !== victim.server.pid());
}

/** Fails unless the server and what it started use next to no processor within `patienceMs`. */
async function requireIdle(victim: Victim, patienceMs: number): Promise<void> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const before = await processTree(victim);
    await wait(1_000);
    let ticks = 0;
    for (const { pid, ticks: then } of before) ticks += ((await readProcess(pid))?.ticks ?? then) - then;
    if (ticks < 20) return;
    ok(performance.now() < deadline, `still at work: ${ticks * 10} ms of processor time in a second`);
  }
}

function wait(ms: number): Promise<void> {
  return new Promise((resume) => setTimeout(resume, ms));
}

function search(victim: Victim, path: string, query: string, more = {}): Promise<ToolReply> {
  return ask(victim, { tool: "agentOS_fs_search", input: { path, query, ...more } }, 30_000);
}

/** Lookaheads are beyond V8's linear engine: this one runs until it is killed. */
const ENDLESS = "^(?=(a+)+$)";

/**
 * Searches for each pattern, two at a time; every one must be answered with what it finds, or be refused, and nobody
 * else may wait meanwhile. One that cannot be stopped from inside takes its process's whole time: 22 s at worst.
 */
async function requireAnswers(victim: Victim, path: string, patterns: readonly string[]): Promise<void> {
  const left = patterns.map((query, index) => ({ query, ignoreCase: index % 2 === 1 }));
  const takeNext = async (): Promise<void> => {
    for (let next = left.pop(); next !== undefined; next = left.pop()) {
      const input = { path, ...next, regex: true };
      const reply = await requireAwake(victim, { tool: "agentOS_fs_search", input }, 30_000);
      ok(reply !== undefined, `no answer to ${next.query.slice(0, 60)}`);
      ok(
        !reply.isError || /^(search\.(timeout|pattern)|tool\.input)/.test(reply.text),
        `${next.query.slice(0, 60)}: ${reply.text}`,
      );
      ok(reply.raw.length < 22_000, `${reply.raw.length} bytes`);
    }
  };
  await Promise.all([takeNext(), takeNext()]);
}

/** A folder with a file that makes bad expressions worse, and an honest one. */
function inBait(victim: Victim, attack: (folder: string) => Promise<void>): Promise<void> {
  return inFolder(victim, async (folder) => {
    await Deno.writeTextFile(join(folder, "bait.txt"), `${"a".repeat(64)}!\n`.repeat(50));
    await Deno.writeTextFile(join(folder, "long.txt"), `${"aAbB01 _-".repeat(500)}!\n`.repeat(3));
    const honest = join(folder, "honest");
    await Deno.mkdir(honest);
    await Deno.writeTextFile(join(honest, "honest.txt"), "a needle\n");
    await attack(folder);
  });
}

testAttacks("attacks on searching", {
  "expressions that backtrack without end are answered or stopped, and nobody else waits": async (victim) => {
    await inBait(victim, async (folder) => {
      const patterns = [
        "^(a+)+$",
        "^(a|a)*$",
        "^(a|aa)+$",
        "(a*)*b",
        "(a*)*(b*)*c$",
        "^(([a-z])+.)+[A-Z]([a-z])+$",
        "(.*)*x",
        "(.*){1,32000}[bc]",
        "(\\w+\\s?)*$",
        "^(\\w+\\s?)*\\?$",
        "(x+x+)+y|(a+a+)+b",
        `${"a?".repeat(24)}${"a".repeat(24)}`,
        `${"(".repeat(100)}a${"+)+".repeat(100)}$`,
        "a*a*a*a*a*a*a*a*a*a*b",
        "(?:a|b|ab|ba|aa)*c$",
        ".*.*.*.*.*=.*",
        "(?:(?:a+)+)+\\b!\\b",
      ];
      await requireAnswers(victim, folder, patterns);
    });
  },
  "back-references are refused by name": async (victim) => {
    await inBait(victim, async (folder) => {
      for (
        const query of [
          "(a+)\\1",
          "^(a*)(b|\\1)*$",
          "(?<x>a+)\\k<x>",
          "(a)(?:\\1)",
          "((a+)+)\\2{5}",
          "(a)\\11?",
        ]
      ) {
        const reply = await search(victim, folder, query, { regex: true });
        requireRefusal(reply, /^search\.pattern/);
        match(reply.text, /back-reference/);
      }
    });
  },
  "lookarounds that never end are stopped, and searching goes on": async (victim) => {
    await inBait(victim, async (folder) => {
      const start = performance.now();
      const [endless, ...others] = await Promise.all([
        requireAwake(victim, {
          tool: "agentOS_fs_search",
          input: { path: folder, query: ENDLESS, regex: true },
        }, 16_000),
        ...Array.from({ length: 5 }, () => search(victim, join(folder, "honest"), "needle")),
      ]);
      ok(endless !== undefined && performance.now() - start < 16_000);
      requireRefusal(endless, /^search\.timeout/);
      for (const other of others) match(other.text, /a needle/);
      match((await search(victim, join(folder, "honest"), "needle")).text, /a needle/);
      if (HAS_PROC) await requireIdle(victim, 4_000);
    });
  },
  "huge alternations, counts and nesting are refused or answered": async (victim) => {
    await inBait(victim, async (folder) => {
      const patterns = [
        "a{1000}{1000}{1000}",
        "(?:a{0,99}){0,99}b",
        // V8 15 takes twice as long to compile this for each two more.
        `${"a?".repeat(200)}${"a".repeat(200)}`,
        "a{99999999999999999999}",
        "a{0,4294967295}b",
        Array.from({ length: 330 }, (_, index) => index).join("|"),
        "(".repeat(490) + ")".repeat(490),
        "(?:".repeat(300),
        "[".repeat(900),
        "\\u{10ffff}".repeat(90),
        "[^\\p{L}\\p{N}\\p{P}]+$",
        "\\p{Script=Han}|\\p{L}*\\p{L}*\\p{L}*x",
        "(?<=(a+)+)!",
        "(?i:a+)+$",
      ];
      await requireAnswers(victim, folder, patterns);
    });
  },
  "patterns that are none, and texts of odd characters, are told so": async (victim) => {
    await inBait(victim, async (folder) => {
      for (
        const query of [
          "(",
          ")",
          "[",
          "a**",
          "\\",
          "(?<n>a)(?<n>b)",
          "(?<",
          "[b-a]",
          "{2,1}a{2,1}",
          "a\nb",
          "\ud800",
        ]
      ) {
        const reply = await search(victim, folder, query, { regex: true });
        ok(!reply.isError || /^search\.pattern/.test(reply.text), `${query}: ${reply.text}`);
      }
      for (
        const query of ["\0", "\ud800", "a\r", "\x1b[2J", "\u2028", "x".repeat(1_000), "-rf", "--", "$(id)"]
      ) {
        const reply = await search(victim, folder, query);
        ok(!reply.isError || /^search\.pattern/.test(reply.text), `${JSON.stringify(query)}: ${reply.text}`);
      }
      // Text is text.
      deepEqual((await search(victim, folder, "a.n*")).data["matches"], []);
    });
  },
  "a client that goes away takes its search with it": async (victim) => {
    if (!HAS_PROC) return;
    await inBait(victim, async (folder) => {
      for (const query of [ENDLESS, "(.*.*.*)=x"]) {
        const input = { path: folder, query, regex: true };
        await victim.call("agentOS_fs_search", input, AbortSignal.timeout(700)).catch(() => undefined);
        await requireIdle(victim, 5_000);
      }
      match((await search(victim, join(folder, "honest"), "needle")).text, /a needle/);
    });
  },
  "many searches at once are all answered": async (victim) => {
    await inBait(victim, async (folder) => {
      const replies = await Promise.all(
        Array.from(
          { length: 40 },
          (_, index) =>
            search(victim, folder, index % 2 === 0 ? "needle" : "a ne+dle", { regex: index % 2 === 1 }),
        ),
      );
      for (const { text } of replies) match(text, /a needle/);
      if (HAS_PROC) ok((await searchProcesses(victim)).length <= 2);
    });
  },
  "three endless searches hold the others up for a time, never for good": async (victim) => {
    await inBait(victim, async (folder) => {
      const endless = Array.from(
        { length: 3 },
        () =>
          ask(
            victim,
            { tool: "agentOS_fs_search", input: { path: folder, query: ENDLESS, regex: true } },
            30_000,
          ),
      );
      await wait(200);
      const honest = await ask(
        victim,
        { tool: "agentOS_fs_search", input: { path: join(folder, "honest"), query: "needle" } },
        30_000,
      );
      ok(!honest.isError || /^search\.timeout/.test(honest.text), honest.text);
      for (const reply of await Promise.all(endless)) requireRefusal(reply, /^search\.timeout/);
      match((await search(victim, join(folder, "honest"), "needle")).text, /a needle/);
    });
  },
  "a search process that is killed fails its own search alone, and the next one works": async (victim) => {
    if (!HAS_PROC) return;
    await inBait(victim, async (folder) => {
      for (let round = 0; round < 3; round++) {
        const running = search(victim, folder, ENDLESS, { regex: true });
        await wait(700);
        const killed = await searchProcesses(victim);
        ok(killed.length > 0);
        for (const pid of killed) Deno.kill(pid, "SIGKILL");
        requireRefusal(await running, /^search\.failed/);
        match((await search(victim, join(folder, "honest"), "needle")).text, /a needle/);
      }
      // Stopped is not ended: whoever stops one does not get the server to wait for good.
      const stopped = await searchProcesses(victim);
      for (const pid of stopped) Deno.kill(pid, "SIGSTOP");
      try {
        const reply = await search(victim, join(folder, "honest"), "needle");
        ok(!reply.isError || /^search\.(timeout|failed)/.test(reply.text), reply.text);
      } finally {
        for (const pid of stopped) {
          try {
            Deno.kill(pid, "SIGCONT");
          } catch {
            // The server has ended it.
          }
        }
      }
      match((await search(victim, join(folder, "honest"), "needle")).text, /a needle/);
    });
  },
  "a search process holds no secret, and ends with its server": async (victim) => {
    if (!HAS_PROC) return;
    const key = "sk-or-a-key-of-the-user";
    let left: readonly number[];
    {
      await using other = await victim.another({
        env: () => ({ OPENROUTER_API_KEY: key, AGENTOS_TOKEN: key }),
      });
      await search(other, other.home.root, "needle");
      left = await searchProcesses(other);
      ok(left.length > 0);
      const token = await other.server.token();
      for (const pid of left) {
        for (const file of ["environ", "cmdline"]) {
          const text = await Deno.readTextFile(`/proc/${pid}/${file}`);
          ok(!text.includes(key) && !text.includes(token), `/proc/${pid}/${file}`);
        }
      }
    }
    for (const pid of left) equal(await readProcess(pid), undefined, `${pid} outlived its server`);
  },
});
