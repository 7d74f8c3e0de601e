import assert from "node:assert/strict";
import { freePort } from "../../tests/free_port.ts";
import type { SettingFlags } from "./settings.ts";

const unix = { ignore: Deno.build.os === "windows" };

interface Running {
  readonly child: Deno.ChildProcess;
  readonly base: string;
  readonly url: string;
  /** Everything that was printed so far. */
  printed(): string;
  /** Waits until the text was printed. */
  until(text: string | RegExp): Promise<void>;
}

/** Starts the test program on a free port with one root, runs the body, and leaves nothing behind. */
async function withServer(
  flags: SettingFlags,
  body: (server: Running) => Promise<void>,
  pulseMs = 10_000,
): Promise<void> {
  const base = Deno.realPathSync(await Deno.makeTempDir());
  Deno.mkdirSync(`${base}/root`);
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      "--no-check",
      new URL("./supervisor_test_main.ts", import.meta.url).href,
      JSON.stringify({ port: 0, root: [`${base}/root`], ...flags }),
      String(pulseMs),
      `${base}/resolv.conf`,
    ],
    env: { AGENTOS_STATE: `${base}/state`, NO_COLOR: "1" },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  let text = "";
  const read = (async (): Promise<void> => {
    for await (const chunk of child.stderr.pipeThrough(new TextDecoderStream())) text += chunk;
  })();
  const until = async (wanted: string | RegExp): Promise<void> => {
    for (let attempt = 0; attempt < 1_000; attempt++) {
      if (typeof wanted === "string" ? text.includes(wanted) : wanted.test(text)) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error(`Never printed: ${wanted}\nprinted: ${text}`);
  };
  try {
    await until(/listens on|"listening"|^\S+\.\S+: /m);
    const port = /127\.0\.0\.1:(\d+)|"port":(\d+)/.exec(text);
    const url = `http://127.0.0.1:${port?.[1] ?? port?.[2]}`;
    await body({ child, base, url, printed: () => text, until });
  } finally {
    try {
      child.kill("SIGKILL");
    } catch {
      // It ended by itself.
    }
    await child.status;
    await read;
    await Deno.remove(base, { recursive: true });
  }
}

async function ask(url: string): Promise<string> {
  return await (await fetch(url)).text();
}

Deno.test(
  "a worker is replaced when the system replaces its list of name servers",
  { ignore: Deno.build.os !== "linux" },
  async () => {
    await withServer({}, async ({ base, url, until }) => {
      await until("listens on");
      Deno.writeTextFileSync(`${base}/resolv.conf`, "nameserver 192.0.2.1\n");
      await until("resolv.conf was replaced");
      await until("again");
      assert.equal(await (await fetch(url)).text(), "hello");
    }, 100);
  },
);

Deno.test("supervise() starts a new worker on the same port after a crash, and says why", unix, async () => {
  await withServer({}, async ({ url, until, printed }) => {
    assert.equal(await ask(url), "hello");
    assert.equal(await ask(`${url}/crash`), "soon");
    await until("answers again");
    assert.match(printed(), /The worker crashed: RangeError: crashed as asked/);
    assert.match(printed(), /starts in 100 ms/);
    assert.equal(await ask(url), "hello");
    await ask(`${url}/crash`);
    await until(/starts in 200 ms[^]*answers again/);
    assert.equal(await ask(url), "hello");
  });
});

for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
  Deno.test(`supervise() finishes what runs on ${signal}, then ends with 0`, unix, async () => {
    await withServer({}, async ({ url, child, until }) => {
      const slow = ask(`${url}/slow`);
      await ask(url);
      child.kill(signal);
      await until(`${signal}: finishing`);
      assert.equal(await slow, "done");
      assert.equal((await child.status).code, 0);
      await assert.rejects(fetch(url), TypeError);
    });
  });
}

/** Has the server run a program that sleeps for a minute. */
async function runSleeper({ url, base }: Running): Promise<{ running: Promise<string>; pid: number }> {
  const script = "echo $$ > pid.tmp; mv pid.tmp pid; exec sleep 60";
  const query = new URLSearchParams(["sh", "-c", script].map((arg) => ["arg", arg]));
  const running = ask(`${url}/run?${query}`).catch(() => "cut off");
  for (;;) {
    const pid = Number(await Deno.readTextFile(`${base}/root/pid`).catch(() => "0"));
    if (pid !== 0) return { running, pid };
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function assertGone(pid: number): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    try {
      Deno.kill(pid, "SIGCONT");
    } catch {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.fail("the program still runs");
}

Deno.test("supervise() stops the programs that still run and ends within five seconds", unix, async () => {
  await withServer({ allowRun: ["sh"] }, async (server) => {
    const { child, until } = server;
    const { running, pid } = await runSleeper(server);
    const asked = performance.now();
    child.kill("SIGTERM");
    await until("finishing");
    assert.equal((await child.status).code, 0);
    assert.ok(performance.now() - asked < 8_000);
    assert.match(await running, /tool\.cancelled|cut off/);
    await assertGone(pid);
  });
});

Deno.test("supervise() ends at once at the second signal, with what it runs", unix, async () => {
  await withServer({ allowRun: ["sh"] }, async (server) => {
    const { child, until } = server;
    const { running, pid } = await runSleeper(server);
    child.kill("SIGTERM");
    await until("finishing");
    child.kill("SIGINT");
    assert.equal((await child.status).code, 130);
    assert.equal(await running, "cut off");
    await assertGone(pid);
  });
});

Deno.test("serveUntilSignal() names the agentos that holds the port, and ends with 2", unix, async () => {
  await withServer({}, async ({ url }) => {
    const port = Number(new URL(url).port);
    await withServer({ port }, async ({ child, printed }) => {
      assert.equal((await child.status).code, 2);
      assert.match(
        printed(),
        /serve\.port_taken: Port \d+ is taken by another agentos: version 9\.9\.9, repo \/home\/of\/it/,
      );
    });
  });
});

Deno.test("serveUntilSignal() says when another program holds the port", unix, async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  try {
    await withServer({ port: listener.addr.port }, async ({ child, printed }) => {
      assert.equal((await child.status).code, 2);
      assert.match(printed(), /serve\.port_taken: Port \d+ is taken by another program/);
    });
  } finally {
    listener.close();
  }
});

Deno.test("the worker holds no right but to its folders", unix, async () => {
  await withServer({}, async ({ url, base }) => {
    Deno.writeTextFileSync(`${base}/secret.txt`, "secret");
    Deno.symlinkSync(`${base}/secret.txt`, `${base}/root/link.txt`);
    const { wall } = await (await fetch(`${url}/health`)).json();
    const query = new URLSearchParams({ outside: `${base}/secret.txt`, link: `${base}/root/link.txt` });
    const done = await (await fetch(`${url}/try?${query}`)).json();
    assert.deepEqual(done, wall.state === "on" ? [] : ["readThroughLink", "writeState"]);
  });
});

Deno.test("the supervisor runs only what is allowed, where it is allowed", unix, async () => {
  await withServer({ allowRun: ["echo"] }, async ({ url, base }) => {
    const ran = await (await fetch(`${url}/run?arg=echo&arg=hi`)).json();
    assert.equal(ran.stdout, "hi\n");
    const refused = await (await fetch(`${url}/run?arg=sh`)).json();
    assert.equal(refused.code, "process.not_allowed");
    const outside = await (await fetch(`${url}/run?arg=echo&cwd=${base}`)).json();
    assert.equal(outside.code, "path.outside_roots");
  });
});

Deno.test("supervise() replaces a worker that hangs, or ends for a new process to do so", unix, async () => {
  await withServer({}, async ({ url, child, until, printed }) => {
    const hanging = ask(`${url}/hang`).catch(() => "cut off");
    await until("The worker crashed: it no longer answers");
    await until(/answers again|only a new process can replace it/);
    if (printed().includes("answers again")) assert.equal(await ask(url), "hello");
    else assert.equal((await child.status).code, 70);
    assert.equal(await hanging, "cut off");
  }, 200);
});

Deno.test("supervise() speaks JSON lines when asked to", unix, async () => {
  await withServer({ logFormat: "json" }, async ({ printed, until }) => {
    await until("\n");
    const { message, port, level } = JSON.parse(printed().split("\n")[0] ?? "");
    assert.equal(message, "listening");
    assert.equal(level, "INFO");
    assert.ok(port > 0);
  });
});

Deno.test("a flood that uses up every file costs its connections, not the server", {
  ignore: Deno.build.os !== "linux",
}, async () => {
  await withServer({ port: freePort() }, async ({ url, child, until, printed }) => {
    const port = Number(new URL(url).port);
    await limitFiles(child.pid, 200);
    const flood: Deno.Conn[] = [];
    for (let count = 0; count < 400; count++) {
      const connection = await Deno.connect({ hostname: "127.0.0.1", port }).catch(() => undefined);
      if (connection === undefined) break;
      flood.push(connection);
    }
    for (const connection of flood) connection.close();
    await until("Every connection was dropped");
    for (let attempt = 0;; attempt++) {
      const answer = await ask(url).catch((error: Error) => error.message);
      if (answer === "hello") break;
      assert.ok(attempt < 100, answer);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    assert.doesNotMatch(printed(), /crashed/);
  });
});

/** Lowers the number of files that a running process may hold (util-linux prlimit). */
async function limitFiles(pid: number, count: number): Promise<void> {
  const { success } = await new Deno.Command("prlimit", { args: [`--pid=${pid}`, `--nofile=${count}`] })
    .output();
  assert.ok(success);
}
