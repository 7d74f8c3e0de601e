/**
 * The service as a user unit of systemd. Pure.
 *
 * Sources: systemd.service(5), systemd.exec(5), systemd.syntax(7) and systemd.unit(5) of systemd 252; every line was
 * read by `systemd-analyze verify` and run by a real user manager of that version (tests/e2e/service_test.ts).
 *
 * @module
 */

import { AppError } from "../base/errors.ts";
import { FINAL_EXIT_CODES, type ServiceManager, type ServiceSpec, type ServiceState } from "./model.ts";
import { OPEN_SEAL } from "./seal.ts";
import { refuseControlCharacters } from "./words.ts";

const UNIT = "agentos.service";

/** The user's own systemd. */
export const SYSTEMD: ServiceManager = {
  id: "systemd",
  title: "systemd",
  unitFile: ({ configFolder }) => `${configFolder}/systemd/user/${UNIT}`,
  render: renderUnit,
  parseWords: (text) => unquoteAll(/^ExecStart=:?(.*)$/m.exec(text)?.[1] ?? ""),
  encode: (text) => new TextEncoder().encode(text),
  decode: (bytes) => new TextDecoder().decode(bytes),
  probe: () => systemctl("show", "--property=Version"),
  register: () => [systemctl("daemon-reload"), systemctl("enable", UNIT)],
  start: () => [{ ...systemctl("reset-failed", UNIT), mayFail: true }, systemctl("start", UNIT)],
  restart: () => [{ ...systemctl("reset-failed", UNIT), mayFail: true }, systemctl("restart", UNIT)],
  stop: () => [systemctl("stop", UNIT)],
  unregister: () => [systemctl("disable", "--now", UNIT)],
  afterRemoval: () => [
    systemctl("daemon-reload"),
    { ...systemctl("reset-failed", UNIT), mayFail: true },
  ],
  state: () => systemctl("show", UNIT, "--property=ActiveState,MainPID,ExecMainStatus"),
  parseState: ({ code, stdout }) => code === 0 ? parseShow(stdout) : { activity: "unknown" },
  logs: (_place, lines, follow) => ({
    kind: "program",
    call: {
      program: "journalctl",
      args: [
        "--user",
        `--unit=${UNIT}`,
        `--lines=${lines}`,
        "--output=cat",
        ...follow ? ["--follow"] : ["--no-pager"],
      ],
    },
  }),
  emptyFolders: ({ configFolder }) =>
    ["/user/default.target.wants", "/user", ""].map((below) => `${configFolder}/systemd${below}`),
};

/** What a unit's walls leave writable; undefined for a unit without walls. */
export function writableIn(unit: string): readonly string[] | undefined {
  const list = /^ReadWritePaths=(.*)$/m.exec(unit)?.[1];
  return list === undefined ? undefined : unquoteAll(list).map((path) => path.replace(/^-/, ""));
}

function unquoteAll(text: string): readonly string[] {
  return Array.from(
    text.matchAll(/"((?:\\.|[^"\\])*)"/g),
    ([, word = ""]) => word.replaceAll(/\\(.)/g, "$1").replaceAll("%%", "%"),
  );
}

function systemctl(...args: readonly string[]): { program: string; args: readonly string[] } {
  return { program: "systemctl", args: ["--user", ...args] };
}

/**
 * Directives that hold in a user's own systemd, ask for no privilege, and leave git, its hooks and npm whole.
 *
 * Left out on purpose: RestrictSUIDSGID (git gives the folders of a shared repository the setgid bit),
 * RestrictNamespaces and a filter of mounts and of ptrace (hooks run browsers and sanitizers), UMask (what tools make
 * has the user's own mode), MemoryDenyWriteExecute (V8 compiles while it runs), and whatever drops capabilities
 * (a user's systemd may not: the unit would end with 218/CAPABILITIES).
 */
const LIMITS = [
  "NoNewPrivileges=yes",
  "LockPersonality=yes",
  "RestrictRealtime=yes",
  "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK",
  "SystemCallArchitectures=native",
  "SystemCallFilter=~@clock @cpu-emulation @module @obsolete @raw-io @reboot @swap",
  "SystemCallErrorNumber=EPERM",
];

function renderUnit(spec: ServiceSpec): string {
  return [
    `# ${OPEN_SEAL}`,
    '# Change it with "agentos service install"; lines of your own belong into "systemctl --user edit agentos".',
    "[Unit]",
    "Description=AgentOS, the MCP server that this user's coding agents share",
    "StartLimitIntervalSec=60",
    "StartLimitBurst=5",
    "",
    "[Service]",
    "Type=notify",
    "NotifyAccess=main",
    `ExecStart=${renderCommand(spec)}`,
    ...Object.entries(spec.environment).map(([name, value]) => `Environment=${quote(`${name}=${value}`)}`),
    "",
    "# A crash is worth another try; what only its user can mend is not.",
    "Restart=on-failure",
    "RestartSec=2",
    `RestartPreventExitStatus=${FINAL_EXIT_CODES.join(" ")}`,
    "# The server ends what it started by itself, and lets running calls finish first.",
    "KillMode=mixed",
    "TimeoutStopSec=10",
    "",
    ...LIMITS,
    ...renderWalls(spec.walls),
    "",
    "[Install]",
    "WantedBy=default.target",
    "",
  ].join("\n");
}

function renderWalls(walls: ServiceSpec["walls"]): readonly string[] {
  if (walls === undefined) return [];
  const list = (paths: readonly string[]): string => paths.map((path) => quote(`-${path}`)).join(" ");
  return [
    "",
    "# Of the files, only these can be written. A user's systemd needs a user namespace for it; from 253 on it makes",
    "# one by itself, before that it passes the lines over in silence unless it is told to.",
    "PrivateUsers=yes",
    "ProtectSystem=strict",
    "ProtectHome=read-only",
    `PrivateTmp=${walls.privateTmp ? "yes" : "no"}`,
    `ReadWritePaths=${list(walls.writable)}`,
    ...walls.readOnly.length === 0 ? [] : [`ReadOnlyPaths=${list(walls.readOnly)}`],
  ];
}

/** The command line; systemd takes no quote and no backslash in a program's own path. */
function renderCommand({ executable, args }: ServiceSpec): string {
  if (/["'\\]/.test(executable)) {
    throw new AppError("config.invalid", `systemd cannot run "${executable}": its path holds a quote`, {
      hint: "Move the executable to a path without quotes and backslashes.",
    });
  }
  const words = [executable, ...args];
  // With the colon no variable is put in; without a dollar sign there is none, and older ones do not know the colon.
  return `${words.some((word) => word.includes("$")) ? ":" : ""}${words.map(quote).join(" ")}`;
}

function quote(word: string): string {
  refuseControlCharacters(word);
  const escaped = word.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("%", "%%");
  return `"${escaped}"`;
}

const ACTIVITIES: Readonly<Record<string, ServiceState["activity"]>> = {
  active: "running",
  activating: "starting",
  reloading: "running",
  deactivating: "stopping",
  inactive: "stopped",
  failed: "failed",
};

function parseShow(stdout: string): ServiceState {
  const fields = new Map(
    stdout.split("\n").map((line) => {
      const at = line.indexOf("=");
      return [line.slice(0, at), line.slice(at + 1)];
    }),
  );
  const pid = Number(fields.get("MainPID") ?? 0);
  const exitCode = Number(fields.get("ExecMainStatus") ?? 0);
  return {
    activity: ACTIVITIES[fields.get("ActiveState") ?? ""] ?? "unknown",
    ...pid > 0 ? { pid } : {},
    ...exitCode > 0 ? { exitCode } : {},
  };
}
