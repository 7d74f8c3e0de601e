/**
 * The grant: exactly what the worker and the supervisor may touch, and why. Pure; computed from settings before
 * the worker starts, printed by `agentos serve --print-permissions`.
 *
 * @module
 */

import { isInside, joinPath } from "../base/path_rules.ts";
import { authorityOf, isHostName, portOf } from "./gateway/settings.ts";
import type { KernelRules } from "./landlock.ts";
import type { ServerSettings } from "./settings.ts";

/** One thing that is granted, and what it is needed for. */
export interface Granted {
  readonly what: string;
  readonly why: string;
}

/** Everything that is granted to whom. What is not in it is denied. */
export interface Grant {
  /** Deno's permissions of the worker, which answers requests. */
  readonly worker: {
    readonly read: readonly Granted[];
    readonly write: readonly Granted[];
    readonly net: readonly Granted[];
    /** Given back when the kernel wall stands. */
    readonly ffi: readonly Granted[];
  };
  /** What the supervisor does when the worker asks. */
  readonly supervisor: {
    readonly run: readonly Granted[];
  };
  /** What the kernel still allows the worker, on Linux, whatever Deno allows. */
  readonly kernel: {
    readonly read: readonly Granted[];
    readonly write: readonly Granted[];
    readonly net: readonly Granted[];
  };
  /** The ports that the kernel lets the worker connect to; they stand in `kernel.net` too. */
  readonly connectPorts: readonly number[];
}

/** What a runtime on Linux reads at odd moments: the time zone, and random numbers. */
const runtimeFiles = ["/etc/localtime", "/usr/share/zoneinfo", "/dev/urandom", "/dev/null"];

/** Computes the grant. */
export function computeGrant(settings: ServerSettings): Grant {
  const { roots, platform, extensionFolder, allowRun } = settings.tools;
  const upstream = computeUpstream(settings.gateway);
  const state: Granted = { what: settings.stateFolder, why: "state folder: token and database" };
  const logs: Granted = { what: joinPath(settings.stateFolder, "logs", platform), why: "log files" };
  const writableRoots = roots.filter((root) => root.writable).map(({ path }) => ({
    what: path,
    why: "root",
  }));
  const readOnlyRoots = roots.filter((root) => !root.writable)
    .map(({ path }) => ({ what: path, why: "read-only root" }));
  const readOnly = [
    ...readOnlyRoots,
    ...settings.portfolio.kind === "repo"
      ? [{ what: settings.portfolio.folder, why: "context portfolio" }]
      : [],
    ...extensionFolder === undefined ? [] : [{ what: extensionFolder, why: "VSCode extension" }],
  ];
  return {
    worker: {
      read: [...writableRoots, ...readOnly, state],
      write: [...writableRoots, state],
      net: [{ what: `127.0.0.1:${settings.port}`, why: "listen, on this machine only" }, ...upstream.hosts],
      ffi: platform === "linux"
        ? [{ what: "libc", why: "put up the kernel wall; given back right after" }]
        : [],
    },
    supervisor: {
      run: allowRun.map((what) => ({
        what,
        why: "asked for by tools; in a writable root or the extension only",
      })),
    },
    kernel: {
      read: [
        ...readOnly,
        state,
        ...runtimeFiles.map((what) => ({ what, why: "runtime" })),
        ...settings.gateway.systemFiles.map((what) => ({ what, why: "gateway: looking up names" })),
      ],
      write: [...writableRoots, ...settings.log.file ? [logs] : []],
      net: [
        {
          what: `port ${settings.port}`,
          why: upstream.ports.length === 0 ? "listen; no connection to anywhere" : "listen",
        },
        ...upstream.ports.map(({ port, why }) => ({ what: `port ${port}`, why })),
      ],
    },
    connectPorts: upstream.ports.map(({ port }) => port),
  };
}

/** Where the gateway may connect to: hosts as Deno holds them, ports as the kernel does. */
function computeUpstream({ providers, proxies }: ServerSettings["gateway"]): {
  readonly hosts: readonly Granted[];
  readonly ports: readonly { readonly port: number; readonly why: string }[];
} {
  const proxied = proxies.map((what) => ({ what, why: "gateway: the proxy that the environment names" }));
  const ports = new Map<number, string>();
  for (const { name, baseUrl } of providers) ports.set(portOf(baseUrl), `connect, for the gateway: ${name}`);
  for (const { what } of proxied) {
    ports.set(Number(what.replace(/^.*:/, "")), "connect, for the gateway: the proxy");
  }
  // A long answer to the question for an address comes over TCP (RFC 7766).
  if (providers.some(({ baseUrl }) => isHostName(new URL(baseUrl).hostname))) {
    ports.set(53, "connect, for the gateway: looking up names");
  }
  return {
    hosts: [
      ...providers.map(({ name, baseUrl }) => ({ what: authorityOf(baseUrl), why: `gateway: ${name}` })),
      ...proxied,
    ],
    ports: [...ports].map(([port, why]) => ({ port, why })).toSorted((left, right) => left.port - right.port),
  };
}

/** The grant as the runtime takes it. */
export function toWorkerPermissions(grant: Grant): Deno.PermissionOptionsObject {
  return {
    read: paths(grant.worker.read),
    write: paths(grant.worker.write),
    net: paths(grant.worker.net),
    ffi: grant.worker.ffi.length > 0,
    run: false,
    env: false,
    sys: false,
    import: false,
  };
}

/**
 * The grant as the kernel takes it.
 *
 * @param listenPort the port that was bound
 */
export function toKernelRules(grant: Grant, listenPort: number): KernelRules {
  const { kernel: { read, write }, connectPorts } = grant;
  return { read: paths(read), write: paths(write), listenPort, connectPorts };
}

/** The grant as a person reads it. */
export function renderGrant(settings: ServerSettings): string {
  const { worker, supervisor, kernel } = computeGrant(settings);
  const { platform, roots } = settings.tools;
  const lines = [
    "The worker answers requests. Deno's permissions give it:",
    ...table({ read: worker.read, write: worker.write, net: worker.net, ffi: worker.ffi }),
    "  and nothing else: no programs, no environment, no other address.",
    "",
    "The supervisor runs programs for it, and checks each request:",
    ...table({ run: supervisor.run }),
    "",
    ...platform === "linux"
      ? [
        "Where the kernel has Landlock, it holds the worker to this from the first request on, links and races included:",
        ...table({ read: kernel.read, write: kernel.write, net: kernel.net }),
      ]
      : ["This system has no Landlock: Deno's permissions and the tools' own path checks are the walls."],
  ];
  if (roots.length === 0) {
    lines.push("", "No root is named, so the fs and git tools refuse. Name one: agentos serve --root DIR");
  }
  const innerRoots = roots.filter((root) =>
    !root.writable &&
    roots.some((other) => other.writable && isInside(root.path, other.path, platform))
  );
  const innerState = roots.filter((root) => isInside(settings.stateFolder, root.path, platform));
  for (const { path } of innerRoots) {
    lines.push("", `"${path}" is read-only inside a writable root: only the tools' path checks hold that.`);
  }
  for (const { path } of innerState) {
    lines.push(
      "",
      `The state folder lies inside the root "${path}": only the tools' path checks keep them out of it.`,
    );
  }
  return lines.join("\n");
}

function paths(granted: readonly Granted[]): string[] {
  return [...new Set(granted.map(({ what }) => what))];
}

function table(groups: Readonly<Record<string, readonly Granted[]>>): string[] {
  const rows = Object.entries(groups).flatMap(([kind, granted]) =>
    granted.length === 0
      ? [{ kind, what: "nothing", why: "" }]
      : granted.map(({ what, why }) => ({ kind, what, why }))
  );
  const width = Math.max(...rows.map(({ what }) => what.length));
  return rows.map(({ kind, what, why }) => `  ${kind.padEnd(5)}  ${what.padEnd(width)}  ${why}`.trimEnd());
}
