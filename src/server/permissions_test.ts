import assert from "node:assert/strict";
import { computeGrant, renderGrant, toKernelRules, toWorkerPermissions } from "./permissions.ts";
import { NO_GATEWAY } from "./gateway/settings.ts";
import type { ServerSettings } from "./settings.ts";

const settings: ServerSettings = {
  port: 8787,
  version: "1.2.3",
  startedAtMs: 0,
  stateFolder: "/home/me/.agentos",
  repo: "/home/me/brain",
  portfolio: { kind: "repo", folder: "/home/me/brain/context-portfolio" },
  log: { format: "text", file: false },
  tools: {
    roots: [{ path: "/home/me/code", writable: true }, { path: "/home/me/notes", writable: false }],
    forbidden: ["/home/me/.agentos"],
    trustedRepositories: [],
    extensionFolder: "/home/me/brain/clients/vscode",
    allowRun: ["git", "npm"],
    platform: "linux",
    pathChecks: true,
  },
  gateway: NO_GATEWAY,
};

function withTools(tools: Partial<ServerSettings["tools"]>): ServerSettings {
  return { ...settings, tools: { ...settings.tools, ...tools } };
}

Deno.test("toWorkerPermissions() gives the worker its folders and its port, and nothing else", () => {
  assert.deepEqual(toWorkerPermissions(computeGrant(settings)), {
    read: [
      "/home/me/code",
      "/home/me/notes",
      "/home/me/brain/context-portfolio",
      "/home/me/brain/clients/vscode",
      "/home/me/.agentos",
    ],
    write: ["/home/me/code", "/home/me/.agentos"],
    net: ["127.0.0.1:8787"],
    ffi: true,
    run: false,
    env: false,
    sys: false,
    import: false,
  });
});

Deno.test("toWorkerPermissions() asks for FFI only where there is a kernel wall to put up", () => {
  for (const platform of ["darwin", "windows"] as const) {
    assert.equal(toWorkerPermissions(computeGrant(withTools({ platform }))).ffi, false);
  }
});

Deno.test("toKernelRules() lets nothing be written but the writable roots, and the logs when there are any", () => {
  const rules = toKernelRules(computeGrant(settings), 4711);
  assert.deepEqual(rules.write, ["/home/me/code"]);
  assert.ok(rules.read.includes("/home/me/notes"));
  assert.ok(rules.read.includes("/home/me/.agentos"));
  assert.equal(rules.listenPort, 4711);
  const logging = { ...settings, log: { format: "json", file: true } } as const;
  assert.deepEqual(toKernelRules(computeGrant(logging), 1).write, [
    "/home/me/code",
    "/home/me/.agentos/logs",
  ]);
});

Deno.test("computeGrant() gives a reason for everything", () => {
  const { worker, supervisor, kernel } = computeGrant(settings);
  for (const group of [...Object.values(worker), ...Object.values(supervisor), ...Object.values(kernel)]) {
    for (const { what, why } of group) assert.ok(what !== "" && why !== "");
  }
});

Deno.test("the gateway adds its providers' hosts and ports, and no others", () => {
  const gateway = {
    ...NO_GATEWAY,
    providers: [
      { name: "openrouter", baseUrl: "https://openrouter.ai/api/v1", wire: "responses" },
      { name: "local", baseUrl: "http://127.0.0.1:11434/v1", wire: "responses" },
    ],
    proxies: ["proxy.example:3128"],
    systemFiles: ["/etc/resolv.conf"],
  } as const;
  const grant = computeGrant({ ...settings, gateway });
  const { net } = toWorkerPermissions(grant);
  assert.deepEqual(net, ["127.0.0.1:8787", "openrouter.ai:443", "127.0.0.1:11434", "proxy.example:3128"]);
  const rules = toKernelRules(grant, 4711);
  assert.deepEqual(rules.connectPorts, [53, 443, 3128, 11434]);
  assert.ok(rules.read.includes("/etc/resolv.conf"));
  assert.match(renderGrant({ ...settings, gateway }), /net {4}openrouter\.ai:443 +gateway: openrouter/);
  assert.deepEqual(toKernelRules(computeGrant(settings), 4711).connectPorts, []);
});

Deno.test("renderGrant() is a table that a person can read", () => {
  assert.equal(
    renderGrant(settings),
    `The worker answers requests. Deno's permissions give it:
  read   /home/me/code                     root
  read   /home/me/notes                    read-only root
  read   /home/me/brain/context-portfolio  context portfolio
  read   /home/me/brain/clients/vscode     VSCode extension
  read   /home/me/.agentos                 state folder: token and database
  write  /home/me/code                     root
  write  /home/me/.agentos                 state folder: token and database
  net    127.0.0.1:8787                    listen, on this machine only
  ffi    libc                              put up the kernel wall; given back right after
  and nothing else: no programs, no environment, no other address.

The supervisor runs programs for it, and checks each request:
  run    git  asked for by tools; in a writable root or the extension only
  run    npm  asked for by tools; in a writable root or the extension only

Where the kernel has Landlock, it holds the worker to this from the first request on, links and races included:
  read   /home/me/notes                    read-only root
  read   /home/me/brain/context-portfolio  context portfolio
  read   /home/me/brain/clients/vscode     VSCode extension
  read   /home/me/.agentos                 state folder: token and database
  read   /etc/localtime                    runtime
  read   /usr/share/zoneinfo               runtime
  read   /dev/urandom                      runtime
  read   /dev/null                         runtime
  write  /home/me/code                     root
  net    port 8787                         listen; no connection to anywhere`,
  );
});

Deno.test("renderGrant() says which wall holds a folder inside another, and what is missing", () => {
  const nested = withTools({
    roots: [{ path: "/home/me", writable: true }, { path: "/home/me/notes", writable: false }],
  });
  assert.match(
    renderGrant(nested),
    /"\/home\/me\/notes" is read-only inside a writable root: only the tools' path/,
  );
  assert.match(renderGrant(nested), /The state folder lies inside the root "\/home\/me"/);
  assert.match(renderGrant(withTools({ roots: [] })), /No root is named, so the fs and git tools refuse/);
  assert.match(renderGrant(withTools({ platform: "darwin" })), /This system has no Landlock/);
  assert.match(renderGrant(withTools({ allowRun: [] })), /run {4}nothing/);
});
