/**
 * The `agentos service` commands against managers that are scripts: what they are asked, what is written and what is
 * left alone. The real systemd is asked in `tests/e2e/service_test.ts`.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import config from "../deno.json" with { type: "json" };
import type { SERVE_FLAGS } from "../src/cli/serve_flags.ts";
import { openSyncSandbox, type SyncSandbox } from "./sync_sandbox.ts";

/** A home with managers that write down what they are asked. */
interface ServiceSandbox extends AsyncDisposable {
  readonly base: SyncSandbox;
  readonly unitFile: string;
  run(...args: readonly string[]): ReturnType<SyncSandbox["run"]>;
  /** What the managers were asked since the last call, a line each; questions for the state are left out. */
  asked(): string[];
  /** What `show` (or `print`) answers from now on. */
  answerState(text: string): void;
  /** The exit code of calls that hold this word. */
  fail(word: string, code: number): void;
}

async function openServiceSandbox(env: Readonly<Record<string, string>> = {}): Promise<ServiceSandbox> {
  const base = await openSyncSandbox({ env });
  const { bin, folder, userHome } = base;
  const log = join(folder, "asked");
  const state = join(folder, "state");
  Deno.writeTextFileSync(log, "");
  Deno.writeTextFileSync(state, "ActiveState=inactive\n");
  for (const program of ["systemctl", "launchctl", "schtasks", "powershell", "journalctl"]) {
    const script = `#!/bin/sh
printf '%s\\n' "${program} $*" >>'${log}'
for word in "$@"; do
  [ ! -e "${folder}/fails-$word" ] || { echo "the manager's reason" >&2; exit "$(/bin/cat "${folder}/fails-$word")"; }
done
case "${program} $*" in
  *ActiveState*|*Get-ScheduledTask*|"launchctl print gui/"*/*) /bin/cat '${state}' ;;
  "journalctl "*) echo "said by the service" ;;
esac
`;
    Deno.writeTextFileSync(join(bin, program), script, { mode: 0o755 });
  }
  return {
    base,
    unitFile: join(userHome, ".config/systemd/user/agentos.service"),
    run: (...args) => base.run("service", ...args),
    asked(): string[] {
      const lines = Deno.readTextFileSync(log).trimEnd().split("\n");
      Deno.writeTextFileSync(log, "");
      return lines.filter((line) => line !== "" && !/ActiveState|Get-Sched|--property=Version/.test(line));
    },
    answerState: (text) => Deno.writeTextFileSync(state, text),
    fail: (word, code) => Deno.writeTextFileSync(join(folder, `fails-${word}`), String(code)),
    [Symbol.asyncDispose]: () => base[Symbol.asyncDispose](),
  };
}

const RUNNING = "MainPID=4711\nExecMainStatus=0\nActiveState=active\n";

Deno.test("service install --print shows the unit and does nothing", async () => {
  await using sandbox = await openServiceSandbox();
  for (const manager of ["systemd", "launchd", "task-scheduler"]) {
    const { code, stdout, stderr } = await sandbox.run(
      "install",
      "--print",
      "--manager",
      manager,
      "--port",
      "9",
    );
    assert.equal(code, 0, stderr);
    assert.match(stdout, /Written by agentos service install, sha256 [0-9a-f]{64}/);
    assert.match(stdout, /--port=9/);
  }
  assert.deepEqual(sandbox.asked(), []);
  assert.deepEqual([...Deno.readDirSync(sandbox.base.userHome)], []);
});

Deno.test("service install writes, enables and starts once, and then leaves a current unit alone", async () => {
  await using sandbox = await openServiceSandbox();
  const root = join(sandbox.base.folder, "work 100%");
  Deno.mkdirSync(root);
  const first = await sandbox.run("install", "--port", "0", "--root", root);
  assert.equal(first.code, 0, first.stderr);
  assert.match(first.stdout, /^wrote {6}.*agentos\.service\nroots {6}.*work 100%\nportfolio {2}.*\n$/);
  assert.deepEqual(sandbox.asked(), [
    "systemctl --user daemon-reload",
    "systemctl --user enable agentos.service",
    "systemctl --user reset-failed agentos.service",
    "systemctl --user start agentos.service",
  ]);
  const unit = Deno.readTextFileSync(sandbox.unitFile);
  assert.ok(unit.includes(`"--root=${root.replaceAll("%", "%%")}"`), unit);
  assert.ok(unit.includes(`"--repo=${sandbox.base.repo}"`), unit);

  sandbox.answerState(RUNNING);
  const again = await sandbox.run("install");
  assert.match(again.stdout, /^unchanged /);
  assert.deepEqual(sandbox.asked(), []);
  assert.equal(Deno.readTextFileSync(sandbox.unitFile), unit);

  const other = await sandbox.run("install", "--port", "0");
  assert.match(other.stdout, /^replaced /);
  assert.deepEqual(sandbox.asked().at(-1), "systemctl --user restart agentos.service");
  assert.ok(!Deno.readTextFileSync(sandbox.unitFile).includes("--root"));
});

Deno.test("service install keeps the name that a root was given by, which agents know it by", async () => {
  await using sandbox = await openServiceSandbox();
  const [real, link] = ["real", "link"].map((name) => join(sandbox.base.folder, name));
  assert.ok(real && link);
  Deno.mkdirSync(real);
  Deno.symlinkSync(real, link);
  const { code, stderr } = await sandbox.run("install", "--port", "0", "--root", link);
  assert.equal(code, 0, stderr);
  const unit = Deno.readTextFileSync(sandbox.unitFile);
  assert.ok(unit.includes(`--root=${link}`), unit);
  assert.ok(!unit.includes(`--root=${real}`), unit);
});

Deno.test("service install leaves alone what agentos did not write, and what was edited, unless --force", async () => {
  await using sandbox = await openServiceSandbox();
  Deno.mkdirSync(join(sandbox.unitFile, ".."), { recursive: true });
  const mine = "[Service]\nExecStart=/bin/true\n";
  Deno.writeTextFileSync(sandbox.unitFile, mine);
  for (const command of ["install", "uninstall", "start", "stop", "restart"]) {
    const { code, stderr } = await sandbox.run(command);
    assert.match(
      stderr,
      /^error: ".*agentos\.service" was not written by agentos and is left alone\nhint: /m,
    );
    assert.equal(code, 2);
  }
  assert.equal(Deno.readTextFileSync(sandbox.unitFile), mine);

  Deno.removeSync(sandbox.unitFile);
  Deno.symlinkSync("/etc/hostname", sandbox.unitFile);
  assert.equal((await sandbox.run("install", "--port", "0", "--force")).code, 2);
  assert.equal(Deno.readLinkSync(sandbox.unitFile), "/etc/hostname");

  Deno.removeSync(sandbox.unitFile);
  assert.equal((await sandbox.run("install", "--port", "0")).code, 0);
  const edited = Deno.readTextFileSync(sandbox.unitFile) + "# mine\n";
  Deno.writeTextFileSync(sandbox.unitFile, edited);
  sandbox.asked();
  for (const command of ["install", "uninstall"]) {
    const { code, stderr } = await sandbox.run(command);
    assert.match(stderr, /was edited since agentos wrote it\nhint: Add --force /);
    assert.equal(code, 2);
  }
  assert.equal(Deno.readTextFileSync(sandbox.unitFile), edited);
  assert.deepEqual(sandbox.asked(), []);
  assert.equal((await sandbox.run("install", "--port", "0", "--force")).code, 0);
  assert.ok(!Deno.readTextFileSync(sandbox.unitFile).includes("# mine"));
});

Deno.test("every flag of serve that says how the server runs can be installed, and stays over an update", async () => {
  await using sandbox = await openServiceSandbox();
  const { folder, repo } = sandbox.base;
  const values: Readonly<Record<keyof typeof SERVE_FLAGS, string>> = {
    port: "--port=0",
    root: `--root=${folder}/user`,
    readOnlyRoot: `--read-only-root=${folder}/bin`,
    allowRun: "--allow-run=git",
    trustRepo: `--trust-repo=${folder}/user`,
    repo: `--repo=${repo}`,
    extDir: `--ext-dir=${folder}/bin`,
    logFormat: "--log-format=json",
    logFile: "--log-file",
    gateway: "--no-gateway",
  };
  for (const flag of Object.values(values)) {
    const print = async (...args: readonly string[]): Promise<string> => {
      const { code, stdout, stderr } = await sandbox.run("install", "--print", ...args);
      assert.equal(code, 0, stderr);
      return stdout;
    };
    assert.ok((await print(flag)).includes(`"${flag}"`), flag);
  }
  const all = Object.values(values).filter((flag) => !flag.startsWith(`--root=${folder}/user`));
  assert.equal((await sandbox.run("install", "--no-start", ...all)).code, 0);
  const unit = Deno.readTextFileSync(sandbox.unitFile);
  assert.match((await sandbox.run("install", "--no-start")).stdout, /^unchanged /);
  for (const flag of all) assert.ok(unit.includes(`"${flag}"`), flag);
});

Deno.test("service install passes on how the network is reached, and no password", async () => {
  await using sandbox = await openServiceSandbox({
    HTTPS_PROXY: "http://proxy.example:3128",
    http_proxy: "http://ada:hunter2@proxy.example:3128",
  });
  const { code, stderr } = await sandbox.run("install", "--port", "0");
  assert.equal(code, 0);
  assert.match(stderr, /^notice: http_proxy holds a password and stays out of the unit/m);
  const unit = Deno.readTextFileSync(sandbox.unitFile);
  assert.match(unit, /^Environment="HTTPS_PROXY=http:\/\/proxy\.example:3128"$/m);
  assert.doesNotMatch(unit, /hunter2/);
});

Deno.test("service uninstall takes away the unit and the folders that it leaves empty, and nothing else", async () => {
  await using sandbox = await openServiceSandbox();
  assert.equal((await sandbox.run("install", "--port", "0")).code, 0);
  sandbox.asked();
  const { code, stdout } = await sandbox.run("uninstall");
  assert.equal(code, 0);
  assert.match(stdout, /^removed /);
  assert.deepEqual(sandbox.asked(), [
    "systemctl --user disable --now agentos.service",
    "systemctl --user daemon-reload",
    "systemctl --user reset-failed agentos.service",
  ]);
  assert.deepEqual([...Deno.readDirSync(join(sandbox.base.userHome, ".config"))], []);
  const again = await sandbox.run("uninstall");
  assert.deepEqual([again.code, sandbox.asked()], [0, []]);
  assert.match(again.stdout, /^not installed/);
});

Deno.test("without a manager, every service command says so and how to run the server by hand", async () => {
  await using sandbox = await openServiceSandbox();
  sandbox.fail("--property=Version", 1);
  const { code, stderr } = await sandbox.run("install", "--port", "9000");
  assert.match(stderr, /^error: No service manager \(systemd\) answers here: .*the manager's reason$/m);
  assert.match(stderr, /^hint: Run the server by hand, .*main\.ts serve --port=9000 --repo=/m);
  assert.equal(code, 2);
  assert.throws(() => Deno.statSync(sandbox.unitFile), Deno.errors.NotFound);
  Deno.removeSync(join(sandbox.base.bin, "systemctl"));
  const without = await sandbox.run("status");
  assert.match(without.stderr, /^error: No service manager .*There is no systemctl on PATH$/m);
  assert.equal(without.code, 2);
});

Deno.test("service install says why a start failed, and passes the exit code of its own walls over", async () => {
  await using sandbox = await openServiceSandbox();
  sandbox.fail("start", 1);
  sandbox.answerState("MainPID=0\nExecMainStatus=2\nActiveState=failed\n");
  const failed = await sandbox.run("install", "--port", "0", "--walls");
  assert.match(
    failed.stderr,
    /^error: systemctl --user start agentos\.service ended with exit code 1: the manager/,
  );
  assert.equal(failed.code, 2);
  assert.match(Deno.readTextFileSync(sandbox.unitFile), /\nProtectSystem=strict\n/);

  // 226 is systemd's own: the namespaces could not be set up (systemd.exec(5)).
  sandbox.answerState("MainPID=0\nExecMainStatus=226\nActiveState=failed\n");
  const second = await sandbox.run("install", "--port", "0", "--walls");
  assert.match(second.stderr, /^notice: this system cannot put up the unit's walls \(exit code 226\)/m);
  assert.doesNotMatch(Deno.readTextFileSync(sandbox.unitFile), /ProtectSystem/);
  // What was learned stays.
  Deno.removeSync(join(sandbox.base.folder, "fails-start"));
  sandbox.answerState(RUNNING);
  assert.match((await sandbox.run("install", "--port", "0")).stdout, /^unchanged /);
});

Deno.test("service install starts nothing where the port is taken", async () => {
  await using sandbox = await openServiceSandbox();
  await using other = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => new Response("hi"),
  );
  const { code, stderr } = await sandbox.run("install", "--port", String(other.addr.port));
  assert.match(stderr, /^error: Port \d+ is in use by another program; nothing was installed$/m);
  assert.equal(code, 2);
  assert.throws(() => Deno.statSync(sandbox.unitFile), Deno.errors.NotFound);
});

Deno.test("service start, stop, restart, status and logs ask the manager, when there is something to ask for", async () => {
  await using sandbox = await openServiceSandbox();
  for (const command of ["start", "stop", "restart", "logs"]) {
    const { code, stderr } = await sandbox.run(command);
    assert.match(
      stderr,
      /^error: agentos is not installed as a service: .*\nhint: Run "agentos service install"\.$/m,
    );
    assert.equal(code, 2);
  }
  const absent = await sandbox.run("status");
  assert.equal(absent.code, 1);
  assert.match(absent.stdout, /^service {2}stopped \(systemd\)\nunit .*: not installed\n/);

  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => Response.json({ name: "agentos", version: "0.0.1" }),
  );
  const { port } = server.addr;
  assert.equal((await sandbox.run("install", "--no-start", "--port", String(port))).code, 0);
  sandbox.asked();
  for (const [command, call] of [["start", "start"], ["restart", "restart"], ["stop", "stop"]] as const) {
    assert.equal((await sandbox.run(command)).code, 0);
    assert.equal(sandbox.asked().at(-1), `systemctl --user ${call} agentos.service`);
  }
  sandbox.answerState(RUNNING);
  const running = await sandbox.run("status");
  assert.equal(running.code, 0);
  assert.match(
    running.stdout,
    new RegExp(
      `^service {2}running, process 4711 \\(systemd\\)\nunit .*agentos\\.service\n` +
        `server {3}version 0\\.0\\.1 on port ${port}\nnext {5}this is version .* "agentos service restart"\n$`,
    ),
  );
  const json = JSON.parse((await sandbox.run("status", "--json")).stdout);
  assert.deepEqual([json.serving, json.unit, json.port, json.state], [
    true,
    "outdated",
    port,
    { activity: "running", pid: 4711 },
  ]);
  sandbox.asked();
  const logs = await sandbox.run("logs", "-f", "-n", "7");
  assert.equal(logs.stdout, "said by the service\n");
  assert.deepEqual(sandbox.asked(), [
    "journalctl --user --unit=agentos.service --lines=7 --output=cat --follow",
  ]);
});

Deno.test("service install starts a server of another version again, when only the executable was replaced", async () => {
  await using sandbox = await openServiceSandbox();
  let version = "0.0.1";
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => Response.json({ name: "agentos", version }),
  );
  const port = String(server.addr.port);
  assert.equal((await sandbox.run("install", "--no-start", "--port", port)).code, 0);
  sandbox.answerState(RUNNING);
  sandbox.asked();
  const { code, stdout } = await sandbox.run("install");
  assert.equal(code, 0);
  assert.match(stdout, /^unchanged .*\nrestarted {2}with this version$/m);
  assert.equal(sandbox.asked().at(-1), "systemctl --user restart agentos.service");
  version = config.version;
  assert.doesNotMatch((await sandbox.run("install")).stdout, /restarted/);
  assert.deepEqual(sandbox.asked(), []);
});

Deno.test("service status tells when the walls are older than the settings", async () => {
  await using sandbox = await openServiceSandbox();
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => Response.json({ name: "agentos", version: "0.0.1" }),
  );
  const port = String(server.addr.port);
  assert.equal((await sandbox.run("install", "--no-start", "--walls", "--port", port)).code, 0);
  sandbox.answerState(RUNNING);
  assert.doesNotMatch((await sandbox.run("status")).stdout, /walls/);
  // Not below a folder for temporary files, which stays writable where a root lies in it.
  Deno.writeTextFileSync(join(sandbox.base.state, "config.toml"), '[server]\nroots = ["/srv"]\n');
  const { code, stdout } = await sandbox.run("status");
  assert.equal(code, 0);
  assert.match(
    stdout,
    /^next {5}its walls are older than your settings \(\/srv\): run "agentos service install"$/m,
  );
  assert.equal((await sandbox.run("install")).code, 0);
  assert.match(Deno.readTextFileSync(sandbox.unitFile), /^ReadWritePaths="-\/srv" /m);
  assert.doesNotMatch((await sandbox.run("status")).stdout, /walls/);
});

Deno.test("launchd and the Task Scheduler are asked in their own words", async () => {
  await using sandbox = await openServiceSandbox();
  const { userHome } = sandbox.base;
  const install = await sandbox.run("install", "--manager", "launchd", "--port", "0");
  assert.equal(install.code, 0, install.stderr);
  const label = `gui/${Deno.uid()}/agentos.serve`;
  const plist = join(userHome, "Library/LaunchAgents/agentos.serve.plist");
  assert.deepEqual(sandbox.asked().filter((line) => !line.startsWith("launchctl print")), [
    `launchctl bootout ${label}`,
    `launchctl enable ${label}`,
    `launchctl bootstrap gui/${Deno.uid()} ${plist}`,
    `launchctl bootstrap gui/${Deno.uid()} ${plist}`,
    `launchctl kickstart ${label}`,
  ]);
  sandbox.answerState("\tstate = running\n\tpid = 12\n");
  assert.match((await sandbox.run("install", "--manager", "launchd")).stdout, /^unchanged /);
  assert.equal((await sandbox.run("uninstall", "--manager", "launchd")).code, 0);
  assert.throws(() => Deno.statSync(plist), Deno.errors.NotFound);
  sandbox.asked();

  sandbox.answerState("3");
  const task = await sandbox.run("install", "--manager", "task-scheduler", "--port", "0");
  assert.equal(task.code, 0, task.stderr);
  const xml = `${userHome}/.agentos\\service\\agentos.xml`;
  assert.deepEqual(sandbox.asked().slice(1), [
    `schtasks /Create /TN agentos /XML ${xml} /F`,
    "schtasks /Run /TN agentos",
  ]);
  assert.match(
    new TextDecoder("utf-16le").decode(Deno.readFileSync(xml)),
    /<Arguments>--headless .* serve --port=0/,
  );
});

Deno.test("service logs prints the end of a log file, and follows it through its rotation", async () => {
  await using sandbox = await openServiceSandbox();
  assert.equal((await sandbox.run("install", "--manager", "launchd", "--port", "0")).code, 0);
  const log = join(sandbox.base.state, "logs/launchd.log");
  const early = await sandbox.run("logs", "--manager", "launchd");
  assert.match(early.stderr, /^error: The service has said nothing yet/);
  Deno.mkdirSync(join(log, ".."), { recursive: true });
  Deno.writeTextFileSync(log, Array.from({ length: 300 }, (_, line) => `line ${line} ä\n`).join(""));
  const last = await sandbox.run("logs", "--manager", "launchd", "--lines", "2");
  assert.equal(last.stdout, "line 298 ä\nline 299 ä\n");

  const child = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-A", "--quiet", join(import.meta.dirname ?? "", "../main.ts")],
      ...["service", "logs", "--manager", "launchd", "-f", "-n", "1"],
    ],
    clearEnv: true,
    env: { ...sandbox.base.env },
    stdout: "piped",
  }).spawn();
  let seen = "";
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const until = async (text: string): Promise<void> => {
    while (!seen.includes(text)) seen += (await reader.read()).value ?? assert.fail(seen);
  };
  await until("line 299 ä\n");
  Deno.writeTextFileSync(log, "added ü", { append: true });
  Deno.writeTextFileSync(log, " later\n", { append: true });
  await until("added ü later\n");
  Deno.renameSync(log, `${log}.1`);
  Deno.writeTextFileSync(log, "a new file\n");
  await until("a new file\n");
  child.kill("SIGTERM");
  await reader.cancel();
  await child.status;
});
