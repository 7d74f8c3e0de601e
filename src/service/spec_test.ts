import assert from "node:assert/strict";
import {
  parseServeWords,
  planWalls,
  portIn,
  renderEnvironment,
  renderServeWords,
  saysAnything,
  secretsIn,
  type ServeWords,
} from "./spec.ts";

const NOTHING: ServeWords = {
  port: undefined,
  roots: undefined,
  readOnlyRoots: undefined,
  allowRun: undefined,
  trustedRepositories: undefined,
  repo: undefined,
  extensionFolder: undefined,
  logFormat: undefined,
  logFile: false,
  gateway: undefined,
};

Deno.test("renderServeWords() says what was said and nothing else", () => {
  assert.deepEqual(renderServeWords(NOTHING), ["serve"]);
  assert.deepEqual(
    renderServeWords({
      port: 9000,
      roots: ["/home/ada/a b", "/home/ada/c"],
      readOnlyRoots: ["/srv/docs"],
      allowRun: ["git", "npm"],
      trustedRepositories: ["/home/ada/c"],
      repo: "/home/ada/brain",
      extensionFolder: "/home/ada/ext",
      logFormat: "json",
      logFile: true,
      gateway: false,
    }),
    [
      "serve",
      "--port=9000",
      "--root=/home/ada/a b",
      "--root=/home/ada/c",
      "--read-only-root=/srv/docs",
      "--allow-run=git,npm",
      "--trust-repo=/home/ada/c",
      "--repo=/home/ada/brain",
      "--ext-dir=/home/ada/ext",
      "--log-format=json",
      "--log-file",
      "--no-gateway",
    ],
  );
});

Deno.test("portIn() finds the port in every kind of unit file", () => {
  assert.equal(portIn('ExecStart="/a" "serve" "--port=9000" "--root=/a"'), 9000);
  assert.equal(portIn("<string>--port=9001</string>"), 9001);
  assert.equal(portIn('<Arguments>--headless "C:\\a b.exe" serve --port=9002</Arguments>'), 9002);
  assert.equal(portIn('ExecStart="/a" "serve"'), undefined);
});

Deno.test("renderEnvironment() passes on absolute folders of PATH, and an SSH agent that stays", () => {
  const sources = {
    path: "/usr/bin:.:bin::/home/ada/.local/bin:/usr/bin",
    pathSeparator: ":",
    stateFolder: undefined,
    sshAgent: "/run/user/1000/keyring/ssh",
    runtimeFolder: "/run/user/1000",
    network: {},
  } as const;
  assert.deepEqual(renderEnvironment(sources, "linux"), {
    PATH: "/usr/bin:/home/ada/.local/bin",
    SSH_AUTH_SOCK: "/run/user/1000/keyring/ssh",
  });
  assert.deepEqual(
    renderEnvironment({ ...sources, stateFolder: "/srv/state", sshAgent: "/tmp/ssh-x/agent.1" }, "linux"),
    { PATH: "/usr/bin:/home/ada/.local/bin", AGENTOS_STATE: "/srv/state" },
  );
  assert.deepEqual(
    renderEnvironment({
      path: "C:\\Windows;D:tools;\\bin;C:\\Program Files\\Git\\cmd",
      pathSeparator: ";",
      stateFolder: undefined,
      sshAgent: undefined,
      runtimeFolder: undefined,
      network: {},
    }, "windows"),
    { PATH: "C:\\Windows;C:\\Program Files\\Git\\cmd" },
  );
});

Deno.test("a service reaches the network as its user does, but no unit holds a password", () => {
  const network = {
    HTTPS_PROXY: "http://proxy.example:3128",
    no_proxy: "localhost,.example",
    SSL_CERT_FILE: "/etc/ssl/own.pem",
    http_proxy: "http://ada:secret@proxy.example:3128",
    ALL_PROXY: "ada:secret@proxy.example",
  };
  assert.deepEqual(secretsIn(network), ["http_proxy", "ALL_PROXY"]);
  const sources = {
    path: undefined,
    pathSeparator: ":",
    stateFolder: undefined,
    sshAgent: undefined,
    runtimeFolder: undefined,
  } as const;
  assert.deepEqual(renderEnvironment({ ...sources, network }, "linux"), {
    HTTPS_PROXY: "http://proxy.example:3128",
    no_proxy: "localhost,.example",
    SSL_CERT_FILE: "/etc/ssl/own.pem",
  });
});

const WALLS = {
  executable: "/home/ada/.local/bin/agentos",
  roots: [{ path: "/home/ada/src", writable: true }, { path: "/home/ada/src/vendor", writable: false }],
  stateFolder: "/home/ada/.agentos",
  extensionFolder: undefined,
  allowRun: ["git"],
  home: "/home/ada",
  runtimeFolder: "/run/user/1000",
} as const;

Deno.test("planWalls() mirrors the roots, and leaves programs what they need of their own", () => {
  assert.deepEqual(planWalls(WALLS, "linux"), {
    writable: [
      "/home/ada/src",
      "/home/ada/.agentos",
      "/home/ada/.cache",
      "/home/ada/.gnupg",
      "/run/user/1000",
    ],
    readOnly: ["/home/ada/src/vendor"],
    privateTmp: true,
  });
  assert.deepEqual(planWalls({ ...WALLS, allowRun: [] }, "linux").writable, [
    "/home/ada/src",
    "/home/ada/.agentos",
  ]);
});

Deno.test("planWalls() keeps the real /tmp where something of the user's lies in it", () => {
  const roots = [{ path: "/tmp/scratch", writable: true }];
  const walls = planWalls({ ...WALLS, roots }, "linux");
  assert.equal(walls.privateTmp, false);
  assert.deepEqual(walls.writable.slice(-2), ["/tmp", "/var/tmp"]);
  const linked = [{ path: "/data/scratch", writable: true, aliases: ["/tmp/scratch"] }];
  assert.equal(planWalls({ ...WALLS, roots: linked }, "linux").privateTmp, false);
  assert.equal(planWalls({ ...WALLS, executable: "/tmp/agentos" }, "linux").privateTmp, false);
  assert.equal(planWalls({ ...WALLS, home: "/var/tmp/ada" }, "linux").privateTmp, false);
  assert.equal(
    planWalls({ ...WALLS, roots: [{ path: "/tmpfiles", writable: true }] }, "linux").privateTmp,
    true,
  );
});

Deno.test("parseServeWords() reads back what renderServeWords() wrote", () => {
  assert.deepEqual(parseServeWords(["/a/agentos", "serve"]), {});
  const flags = {
    port: 9000,
    root: ["/home/ada/a=b", "/home/ada/--repo=x"],
    readOnlyRoot: ["/srv/docs"],
    allowRun: ["git", "npm"],
    trustRepo: ["/home/ada/c"],
    repo: "/home/ada/brain",
    extDir: "/home/ada/ext",
    logFormat: "json",
    logFile: true,
    gateway: false,
  } as const;
  const words = renderServeWords({
    ...flags,
    roots: flags.root,
    readOnlyRoots: flags.readOnlyRoot,
    trustedRepositories: flags.trustRepo,
    extensionFolder: flags.extDir,
  });
  assert.deepEqual(parseServeWords(["/opt/deno", "run", "-A", "main.ts", ...words]), flags);
  assert.equal(saysAnything({}), false);
  for (const [name, value] of Object.entries(flags)) assert.ok(saysAnything({ [name]: value }), name);
});
