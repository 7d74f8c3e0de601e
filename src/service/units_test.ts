import assert from "node:assert/strict";
import fc from "fast-check";
import { MANAGERS } from "./mod.ts";
import { writableIn } from "./systemd.ts";
import type { ServicePlace, ServiceSpec } from "./model.ts";

const PLACE: ServicePlace = {
  home: "/home/ada",
  configFolder: "/home/ada/.config",
  stateFolder: "/home/ada/.agentos",
  uid: 1000,
  user: "ada",
};

const SPEC: ServiceSpec = {
  executable: "/home/ada/.local/bin/agentos",
  args: ["serve", "--root=/home/ada/src"],
  environment: { PATH: "/usr/bin:/bin" },
  walls: undefined,
};

/** A word with everything that some syntax takes for its own. */
const ODD = `/srv/a b/100%/"q"/it's/$HOME/\\x/ünï/<&>`;

Deno.test("the systemd unit says how to start, when to start again, and what is forbidden", () => {
  const { systemd } = MANAGERS;
  const text = systemd.render(SPEC, PLACE);
  assert.equal(
    text,
    `# Written by agentos service install, sha256 ${"0".repeat(64)}
# Change it with "agentos service install"; lines of your own belong into "systemctl --user edit agentos".
[Unit]
Description=AgentOS, the MCP server that this user's coding agents share
StartLimitIntervalSec=60
StartLimitBurst=5

[Service]
Type=notify
NotifyAccess=main
ExecStart="/home/ada/.local/bin/agentos" "serve" "--root=/home/ada/src"
Environment="PATH=/usr/bin:/bin"

# A crash is worth another try; what only its user can mend is not.
Restart=on-failure
RestartSec=2
RestartPreventExitStatus=2 130
# The server ends what it started by itself, and lets running calls finish first.
KillMode=mixed
TimeoutStopSec=10

NoNewPrivileges=yes
LockPersonality=yes
RestrictRealtime=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
SystemCallArchitectures=native
SystemCallFilter=~@clock @cpu-emulation @module @obsolete @raw-io @reboot @swap
SystemCallErrorNumber=EPERM

[Install]
WantedBy=default.target
`,
  );
  assert.equal(systemd.unitFile(PLACE), "/home/ada/.config/systemd/user/agentos.service");
});

Deno.test("the systemd unit escapes what systemd would take apart", () => {
  const text = MANAGERS.systemd.render({
    executable: "/srv/a b/100%/agentos",
    args: [ODD],
    environment: { PATH: ODD },
    walls: { writable: [ODD, "/home/ada/src"], readOnly: ["/home/ada/src/vendor"], privateTmp: true },
  }, PLACE);
  const odd = String.raw`/srv/a b/100%%/\"q\"/it's/$HOME/\\x/ünï/<&>`;
  for (
    const line of [
      `ExecStart=:"/srv/a b/100%%/agentos" "${odd}"`,
      `Environment="PATH=${odd}"`,
      "PrivateUsers=yes",
      "ProtectSystem=strict",
      "ProtectHome=read-only",
      "PrivateTmp=yes",
      `ReadWritePaths="-${odd}" "-/home/ada/src"`,
      'ReadOnlyPaths="-/home/ada/src/vendor"',
    ]
  ) assert.ok(text.includes(`\n${line}\n`), `${line}\nnot in\n${text}`);
  assert.deepEqual(writableIn(text), [ODD, "/home/ada/src"]);
  assert.equal(writableIn(MANAGERS.systemd.render(SPEC, PLACE)), undefined);
});

Deno.test("systemd is never given a program whose path it cannot run, or a line break", () => {
  for (const executable of [`/a'b/agentos`, `/a"b/agentos`, `/a\\b/agentos`, "/a\nb/agentos"]) {
    assert.throws(() => MANAGERS.systemd.render({ ...SPEC, executable }, PLACE), { code: "config.invalid" });
  }
  assert.throws(() => MANAGERS.systemd.render({ ...SPEC, args: ["serve", "--root=/a\nUser=root"] }, PLACE), {
    code: "config.invalid",
  });
});

Deno.test("what systemctl answers is understood", () => {
  const { parseState } = MANAGERS.systemd;
  const state = (stdout: string): ReturnType<typeof parseState> => parseState({ code: 0, stdout });
  assert.deepEqual(state("MainPID=4711\nExecMainStatus=0\nActiveState=active\n"), {
    activity: "running",
    pid: 4711,
  });
  assert.deepEqual(state("MainPID=0\nExecMainStatus=2\nActiveState=failed\n"), {
    activity: "failed",
    exitCode: 2,
  });
  assert.deepEqual(state("MainPID=0\nExecMainStatus=0\nActiveState=inactive\n"), { activity: "stopped" });
  assert.deepEqual(state("ActiveState=new-in-300\n"), { activity: "unknown" });
  assert.deepEqual(parseState({ code: 1, stdout: "" }), { activity: "unknown" });
});

Deno.test("the launchd agent starts at log-on and again after a crash", () => {
  const { launchd } = MANAGERS;
  const place = { ...PLACE, home: "/Users/ada", stateFolder: "/Users/ada/.agentos" };
  assert.equal(launchd.unitFile(place), "/Users/ada/Library/LaunchAgents/agentos.serve.plist");
  assert.equal(
    launchd.render({ ...SPEC, args: ["serve", `--root=${ODD}`] }, place),
    `<?xml version="1.0" encoding="UTF-8"?>
<!-- Written by agentos service install, sha256 ${"0".repeat(64)} -->
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key><string>agentos.serve</string>
  <key>ProgramArguments</key>
  <array>
    <string>/home/ada/.local/bin/agentos</string>
    <string>serve</string>
    <string>--root=/srv/a b/100%/&quot;q&quot;/it's/$HOME/\\x/ünï/&lt;&amp;&gt;</string>
  </array>
  <key>EnvironmentVariables</key>
  <dict>
    <key>PATH</key><string>/usr/bin:/bin</string>
  </dict>
  <key>WorkingDirectory</key><string>/Users/ada</string>
  <key>RunAtLoad</key><true/>
  <key>KeepAlive</key><dict><key>SuccessfulExit</key><false/></dict>
  <key>ThrottleInterval</key><integer>30</integer>
  <key>ExitTimeOut</key><integer>10</integer>
  <key>ProcessType</key><string>Interactive</string>
  <key>StandardOutPath</key><string>/dev/null</string>
  <key>StandardErrorPath</key><string>/Users/ada/.agentos/logs/launchd.log</string>
</dict>
</plist>
`,
  );
  assert.deepEqual(launchd.register(place).map(({ args }) => args.join(" ")), [
    "bootout gui/1000/agentos.serve",
    "enable gui/1000/agentos.serve",
    "bootstrap gui/1000 /Users/ada/Library/LaunchAgents/agentos.serve.plist",
  ]);
});

Deno.test("what launchctl answers is understood", () => {
  const { parseState } = MANAGERS.launchd;
  const print = (state: string): string =>
    `gui/501/agentos.serve = {\n\tactive count = 1\n\tpath = /Users/ada/Library/x.plist\n${state}\n}\n`;
  assert.deepEqual(
    parseState({
      code: 0,
      stdout: print("\tstate = running\n\tpid = 4711\n\tlast exit code = (never exited)"),
    }),
    { activity: "running", pid: 4711 },
  );
  assert.deepEqual(parseState({ code: 0, stdout: print("\tstate = not running\n\tlast exit code = 2") }), {
    activity: "failed",
    exitCode: 2,
  });
  assert.deepEqual(parseState({ code: 0, stdout: print("\tstate = not running\n\tlast exit code = 0") }), {
    activity: "stopped",
  });
  assert.deepEqual(parseState({ code: 113, stdout: "" }), { activity: "stopped" });
});

const WINDOWS: ServicePlace = {
  home: "C:\\Users\\Jörg",
  configFolder: "",
  stateFolder: "C:\\Users\\Jörg\\.agentos",
  uid: 0,
  user: "BÜRO\\Jörg & Co",
};

Deno.test("the scheduled task starts at its user's log-on, without a window, and is never ended by the clock", () => {
  const task = MANAGERS["task-scheduler"];
  const text = task.render({
    ...SPEC,
    executable: "C:\\Program Files\\agentos\\agentos.exe",
    args: ["serve", "--root=D:\\Code & more\\"],
  }, WINDOWS);
  assert.ok(text.startsWith('<?xml version="1.0" encoding="UTF-16"?>\r\n<!-- Written by agentos'), text);
  assert.ok(!/[^\r]\n/.test(text));
  for (
    const line of [
      "    <LogonTrigger><Enabled>true</Enabled><UserId>BÜRO\\Jörg &amp; Co</UserId></LogonTrigger>",
      "      <RunLevel>LeastPrivilege</RunLevel>",
      "    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>",
      "      <Command>%SystemRoot%\\System32\\conhost.exe</Command>",
      "      <Arguments>--headless &quot;C:\\Program Files\\agentos\\agentos.exe&quot; serve " +
      "&quot;--root=D:\\Code &amp; more\\\\&quot;</Arguments>",
      "      <WorkingDirectory>C:\\Users\\Jörg</WorkingDirectory>",
    ]
  ) assert.ok(text.includes(`\r\n${line}\r\n`), `${line}\nnot in\n${text}`);
  assert.equal(task.unitFile(WINDOWS), "C:\\Users\\Jörg\\.agentos\\service\\agentos.xml");
  assert.deepEqual([...task.encode("aü").slice(0, 6)], [0xff, 0xfe, 0x61, 0, 0xfc, 0]);
  assert.equal(task.decode(task.encode(text)), text);
});

Deno.test("what the Task Scheduler answers is understood in every language", () => {
  const { parseState } = MANAGERS["task-scheduler"];
  const activities = ["1", "2", "3\r\n", "4\r\n", "9"].map((stdout) =>
    parseState({ code: 0, stdout }).activity
  );
  assert.deepEqual(activities, ["stopped", "starting", "stopped", "running", "unknown"]);
  assert.equal(parseState({ code: 1, stdout: "" }).activity, "stopped");
});

for (const [id, manager] of Object.entries(MANAGERS)) {
  Deno.test(`${id} reads back the words that its unit starts`, () => {
    assert.deepEqual(manager.parseWords("nonsense"), []);
    const word = fc.string({ unit: fc.constantFrom("a", " ", '"', "\\", "ü", "%", "$", "<", "&", "'", "=") });
    fc.assert(fc.property(fc.array(word), (args) => {
      const spec = { ...SPEC, args: ["serve", ...args] };
      const words = manager.parseWords(manager.render(spec, PLACE));
      assert.deepEqual(words, [spec.executable, ...spec.args]);
    }));
  });

  Deno.test(`${id} can be asked for everything that the commands ask of a manager`, () => {
    const place = id === "task-scheduler" ? WINDOWS : PLACE;
    assert.equal(manager.id, id);
    const calls = [
      manager.probe(place),
      manager.state(place),
      ...manager.register(place),
      ...manager.start(place),
      ...manager.restart(place),
      ...manager.stop(place),
      ...manager.unregister(place),
      ...manager.afterRemoval(place),
    ];
    for (const { program, args } of calls) {
      assert.match(program, /^[a-z]+$/);
      assert.ok(args.length > 0 && args.every((word) => word !== "" && !/[\r\n]/.test(word)));
    }
    assert.ok(manager.start(place).some(({ mayFail }) => !mayFail));
    const source = manager.logs(place, 5, false);
    assert.ok(
      source.kind === "file" ? source.path.startsWith(place.stateFolder) : source.call.args.length > 0,
    );
  });
}
