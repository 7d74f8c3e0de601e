/**
 * Attacks by another local process that changes the disk while the server works: folders and files swapped for links,
 * FIFOs and devices, and writers that get in each other's way.
 *
 * @module
 */

import { deepEqual, equal, ok } from "node:assert/strict";
import { join } from "node:path";
import {
  ask,
  type Call,
  inFolder,
  IS_ROOT,
  PART_OF_SECRET,
  requireUntouched,
  runSetup,
} from "./file_traps.ts";
import type { SwapOrder } from "./swap_worker.ts";
import { refuteSecret, startVictim, TARGETS, testAttacks, type ToolReply, type Victim } from "./victim.ts";

/** How long each race is run. */
const RACE_MS = 3_000;
/** Fewer swaps than this in a race would prove nothing; usually there are some hundred thousand. */
const LEAST_SWAPS = 1_000;

/** Swaps two names while `work` runs. */
async function whileSwapping(one: string, other: string, work: () => Promise<void>): Promise<void> {
  const worker = new Worker(new URL("./swap_worker.ts", import.meta.url), { type: "module" });
  const signals = new SharedArrayBuffer(8);
  const words = new Int32Array(signals);
  const done = new Promise<{ readonly swaps: number }>((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<{ readonly swaps: number }>): void => resolve(data);
    worker.onerror = (event): void => {
      event.preventDefault();
      reject(new Error(event.message));
    };
  });
  const order: SwapOrder = { one, other, signals };
  worker.postMessage(order);
  try {
    // A thread takes its time to start on a busy machine; the race begins when there are two to run it.
    const deadline = Date.now() + 60_000;
    while (Atomics.load(words, 1) === 0 && Date.now() < deadline) {
      await new Promise((resume) => setTimeout(resume, 10));
    }
    await work();
  } finally {
    Atomics.store(words, 0, 1);
    const { swaps } = await done;
    worker.terminate();
    ok(swaps >= LEAST_SWAPS, `only ${swaps} swaps`);
  }
}

/** Repeats calls, several at a time, until the race is over. Answers how many succeeded and how many were refused. */
async function repeat(
  victim: Victim,
  makeCall: (round: number) => Call,
  check: (reply: ToolReply) => void = () => {},
): Promise<{ readonly passed: number; readonly refused: number }> {
  const counts = { passed: 0, refused: 0 };
  const end = performance.now() + RACE_MS;
  let round = 0;
  await Promise.all(Array.from({ length: 4 }, async () => {
    while (performance.now() < end) {
      const reply = await ask(victim, makeCall(round++));
      refuteSecret(reply);
      check(reply);
      if (/^internal/.test(reply.text)) throw new Error(reply.text);
      counts[reply.isError ? "refused" : "passed"]++;
    }
  }));
  ok(counts.passed + counts.refused > 20, "there was a race");
  return counts;
}

/** A folder with an honest file of the secret's name, and beside it a link to the folder outside. */
async function makeTrap(victim: Victim, folder: string): Promise<{ inside: string; link: string }> {
  const [inside, link] = [join(folder, "inside"), join(folder, "link")];
  await Deno.mkdir(inside);
  await Deno.writeTextFile(join(inside, "secret.txt"), "an honest file\n");
  await Deno.symlink(victim.outside, link);
  return { inside, link };
}

/** One race of a tool against a folder that is swapped with a link to outside. */
function raceFolder(makeCall: (path: string, round: number) => Call): (victim: Victim) => Promise<void> {
  return (victim) =>
    inFolder(victim, async (folder) => {
      const { inside, link } = await makeTrap(victim, folder);
      await whileSwapping(inside, link, async () => {
        await repeat(victim, (round) => makeCall(inside, round), ({ raw }) => {
          // What an outside folder holds must not be seen either.
          ok(!raw.includes('"sizeBytes":30,'), raw);
        });
      });
      await requireUntouched(victim);
      const names = (await Array.fromAsync(Deno.readDir(inside), ({ name }) => name)).concat(
        await Array.fromAsync(Deno.readDir(folder), ({ name }) => name),
      );
      deepEqual(names.filter((name) => name.startsWith(".agentos-")), [], "temporary files were left");
    });
}

testAttacks("attacks by races", {
  "reading in a folder that is swapped with a link": raceFolder((path) => ({
    tool: "agentOS_fs_read",
    input: { path: join(path, "secret.txt") },
  })),
  "listing a folder that is swapped with a link": raceFolder((path) => ({
    tool: "agentOS_fs_list",
    input: { path, depth: 4, hidden: true },
  })),
  "searching a folder that is swapped with a link": raceFolder((path, round) => ({
    tool: "agentOS_fs_search",
    input: { path: round % 2 === 0 ? path : join(path, ".."), query: PART_OF_SECRET },
  })),
  "writing in a folder that is swapped with a link": raceFolder((path, round) => ({
    tool: "agentOS_fs_write",
    input: { path: join(path, round % 2 === 0 ? "secret.txt" : `new-${round}.txt`), content: "stolen" },
  })),
  "making folders in a folder that is swapped with a link": raceFolder((path, round) => ({
    tool: "agentOS_fs_write",
    input: { path: join(path, `new-${round}`, "deep", "file.txt"), content: "stolen", createDirs: true },
  })),
  "replacing in a folder that is swapped with a link": raceFolder((path, round) => ({
    tool: "agentOS_fs_replace",
    input: {
      path: join(path, "secret.txt"),
      oldText: round % 2 === 0 ? "secret" : "honest",
      newText: "stolen",
    },
  })),
  "committing in a folder that is swapped with a link to a repository outside": async (victim) => {
    const other = join(victim.home.folder, "other");
    await runSetup("git", "init", "--quiet", other);
    await Deno.writeTextFile(join(other, "secret.txt"), "not to be committed\n");
    try {
      await inFolder(victim, async (folder) => {
        const [inside, link] = [join(folder, "inside"), join(folder, "link")];
        await runSetup("git", "init", "--quiet", inside);
        await Deno.symlink(other, link);
        await whileSwapping(inside, link, async () => {
          await repeat(victim, (round) => ({
            tool: "agentOS_git_commit",
            input: { cwd: inside, message: `stolen ${round}` },
          }));
        });
      });
      const head = await new Deno.Command("git", {
        args: ["-C", other, "rev-parse", "--verify", "--quiet", "HEAD"],
        stdout: "null",
      }).output();
      equal(head.success, false, "something was committed outside the roots");
      deepEqual(
        (await Array.fromAsync(Deno.readDir(other), ({ name }) => name)).sort(),
        [".git", "secret.txt"],
      );
    } finally {
      await Deno.remove(other, { recursive: true });
    }
  },
  "a file that is swapped with a link": async (victim) => {
    await inFolder(victim, async (folder) => {
      const [file, link] = [join(folder, "file.txt"), join(folder, "link.txt")];
      await Deno.writeTextFile(file, "an honest file\n");
      await Deno.symlink(join(victim.outside, "secret.txt"), link);
      await whileSwapping(file, link, async () => {
        await repeat(victim, (round) => {
          const path = file;
          const calls: readonly Call[] = [
            { tool: "agentOS_fs_read", input: { path } },
            { tool: "agentOS_fs_search", input: { path, query: PART_OF_SECRET } },
            { tool: "agentOS_fs_replace", input: { path, oldText: "secret", newText: "stolen" } },
            { tool: "agentOS_fs_list", input: { path: folder } },
          ];
          return calls[round % calls.length] ?? { tool: "agentOS_fs_read", input: { path } };
        });
      });
      await requireUntouched(victim);
    });
  },
  // Reading only: nothing but a program of the same user can swap folders, and it could write the token itself.
  "a root's own subfolder that is swapped with the state folder's link gives no token": async (victim) => {
    await using inside = await victim.another({ flags: ({ home }) => ["--root", home] });
    const { home, state } = inside.home;
    const token = await inside.server.token();
    const [folder, link] = [join(home, "project"), join(home, "link")];
    await Deno.mkdir(folder);
    await Deno.writeTextFile(join(folder, "token"), "an honest file\n");
    await Deno.symlink(state, link);
    await whileSwapping(folder, link, async () => {
      const input = { path: join(folder, "token") };
      await repeat(
        inside,
        () => ({ tool: "agentOS_fs_read", input }),
        ({ raw }) => ok(!raw.includes(token), "the token came out"),
      );
    });
    equal(await inside.server.token(), token);
  },
  "fifty replaces of one file at once lose none, nor do twenty": async (victim) => {
    await inFolder(victim, async (folder) => {
      for (const count of [20, 50]) {
        const path = join(folder, `counted-${count}.txt`);
        const lines = Array.from({ length: count }, (_, index) => `line ${index};\n`);
        await Deno.writeTextFile(path, lines.join(""));
        const replies = await Promise.all(lines.map((_, index) =>
          ask(victim, {
            tool: "agentOS_fs_replace",
            input: { path, oldText: `line ${index};`, newText: `done ${index};` },
          })
        ));
        equal(replies.filter(({ isError }) => isError).length, 0);
        equal(await Deno.readTextFile(path), lines.join("").replaceAll("line", "done"));
      }
    });
  },
  "replaces through several names of one file lose none": async (victim) => {
    await inFolder(victim, async (folder) => {
      const path = join(folder, "file.txt");
      await Deno.symlink("file.txt", join(folder, "name"));
      await Deno.symlink(".", join(folder, "again"));
      const names = [
        path,
        join(folder, "name"),
        join(folder, "again", "file.txt"),
        `${folder}/./again/../file.txt`,
      ];
      const lines = Array.from({ length: 40 }, (_, index) => `line ${index};\n`);
      await Deno.writeTextFile(path, lines.join(""));
      await Promise.all(lines.map((_, index) =>
        ask(victim, {
          tool: "agentOS_fs_replace",
          input: {
            path: names[index % names.length],
            oldText: `line ${index};`,
            newText: `done ${index};`,
          },
        })
      ));
      equal(await Deno.readTextFile(path), lines.join("").replaceAll("line", "done"));
      ok((await Deno.lstat(join(folder, "name"))).isSymlink);
    });
  },
  "a reader never sees a part of a write": async (victim) => {
    await inFolder(victim, async (folder) => {
      const path = join(folder, "file.txt");
      const contents = ["a", "b"].map((letter) => letter.repeat(1_000_000));
      await Deno.writeTextFile(path, contents[0] ?? "");
      let stop = false;
      const reading = (async (): Promise<number> => {
        let reads = 0;
        for (; !stop; reads++) {
          const text = await Deno.readTextFile(path);
          ok(contents.includes(text), `a torn file of ${text.length} characters`);
        }
        return reads;
      })();
      try {
        await repeat(victim, (round) => ({
          tool: "agentOS_fs_write",
          input: { path, content: contents[round % 2] },
        }), ({ isError, text }) => ok(!isError, text));
      } finally {
        stop = true;
      }
      ok(await reading > 20);
    });
  },
  "writes and replaces of one file take turns, and ifSha256 lets one of many through": async (victim) => {
    await inFolder(victim, async (folder) => {
      const path = join(folder, "file.txt");
      await Deno.writeTextFile(path, "start\n");
      const read = await ask(victim, { tool: "agentOS_fs_read", input: { path } });
      const writes = await Promise.all(Array.from({ length: 20 }, (_, index) =>
        ask(victim, {
          tool: "agentOS_fs_write",
          input: { path, content: `writer ${index}\n`, ifSha256: read.data["sha256"] },
        })));
      equal(writes.filter(({ isError }) => !isError).length, 1);
      ok(writes.every(({ isError, text }) => !isError || /^file\.stale/.test(text)));
      const created = await Promise.all(Array.from({ length: 20 }, (_, index) =>
        ask(victim, {
          tool: "agentOS_fs_write",
          input: { path: join(folder, "new.txt"), content: `${index}`, ifSha256: "none" },
        })));
      equal(created.filter(({ isError }) => !isError).length, 1);
      // Another program's write between reading and writing is noticed.
      const before = await ask(victim, { tool: "agentOS_fs_read", input: { path } });
      await Deno.writeTextFile(path, "another program\n");
      const late = await ask(victim, {
        tool: "agentOS_fs_write",
        input: { path, content: "late\n", ifSha256: before.data["sha256"] },
      });
      ok(late.isError && /^file\.stale/.test(late.text), late.text);
      equal(await Deno.readTextFile(path), "another program\n");
      const mixed = await Promise.all(
        Array.from({ length: 30 }, (_, index) =>
          ask(
            victim,
            index % 2 === 0
              ? { tool: "agentOS_fs_write", input: { path, content: `whole ${index} and a needle\n` } }
              : {
                tool: "agentOS_fs_replace",
                input: { path, oldText: "needle", newText: `needle ${index}` },
              },
          )),
      );
      ok(mixed.every(({ isError, text }) => !isError || /^(file\.no_match|path\.changed)/.test(text)));
    });
  },
});

/**
 * Attacks that a runtime cannot be kept from, by name: each succeeds there, and nowhere else. They need a process that
 * already writes inside a root as the server's user, and what they win is time.
 */
const UNSTOPPABLE: readonly {
  readonly attack: string;
  /** As `/health` names it. */
  readonly runtime: RegExp;
  readonly why: string;
}[] = [{
  attack: "a file that is swapped with a FIFO",
  runtime: /2\.4\./,
  why: "node:fs of Deno 2.4 ignores O_NONBLOCK, so that opening the FIFO waits until somebody writes to it",
}];

// Each with a victim of its own: where it succeeds, the server is stuck.
for (const { name, program } of TARGETS) {
  for (const kind of IS_ROOT ? ["FIFO", "device"] : ["FIFO"]) {
    const attack = `a file that is swapped with a ${kind}`;
    Deno.test(`${attack}, against ${name}`, async () => {
      await using victim = await startVictim(program);
      const folder = await Deno.makeTempDir({ dir: victim.home.root });
      const [file, special] = [join(folder, "file.txt"), join(folder, "special")];
      await Deno.writeTextFile(file, "an honest file\n");
      if (kind === "FIFO") await runSetup("mkfifo", special);
      else await runSetup("mknod", special, "c", "1", "5");
      let isStuck = false;
      await whileSwapping(file, special, async () => {
        const end = performance.now() + RACE_MS;
        for (let round = 0; performance.now() < end && !isStuck; round++) {
          const call = round % 8 === 0
            ? { tool: "agentOS_fs_search", input: { path: folder, query: "needle" } }
            : { tool: "agentOS_fs_read", input: { path: file } };
          const reply = await victim.call(call.tool, call.input, AbortSignal.timeout(15_000))
            .catch(() => undefined);
          isStuck = reply === undefined;
          if (reply !== undefined) ok(!/^internal/.test(reply.text), reply.text);
        }
      });
      const succeeds = UNSTOPPABLE.some((one) => one.attack === attack && one.runtime.test(victim.deno));
      equal(isStuck, succeeds, `on ${victim.deno}`);
    });
  }
}
