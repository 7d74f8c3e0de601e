/**
 * The service as a launchd agent of macOS. Pure.
 *
 * Sources: launchd.plist(5) and launchctl(1) of macOS 14, read 2026-11; never run there (see CONTRIBUTING.md).
 *
 * @module
 */

import type { ServiceManager, ServicePlace, ServiceSpec, ServiceState } from "./model.ts";
import { OPEN_SEAL } from "./seal.ts";
import { escapeXml, refuseControlCharacters, unescapeXml } from "./words.ts";

const LABEL = "agentos.serve";

/** The user's own launchd. */
export const LAUNCHD: ServiceManager = {
  id: "launchd",
  title: "launchd",
  unitFile,
  render: renderPlist,
  parseWords: (text) =>
    Array.from(
      (/<key>ProgramArguments<\/key>\s*<array>(.*?)<\/array>/s.exec(text)?.[1] ?? "")
        .matchAll(/<string>([^<]*)<\/string>/g),
      ([, word = ""]) => unescapeXml(word),
    ),
  encode: (text) => new TextEncoder().encode(text),
  decode: (bytes) => new TextDecoder().decode(bytes),
  probe: (place) => launchctl("print", domain(place)),
  register: (place) => [
    { ...launchctl("bootout", target(place)), mayFail: true },
    launchctl("enable", target(place)),
    launchctl("bootstrap", domain(place), unitFile(place)),
  ],
  start: (place) => [
    // Loaded already, unless it was taken out by hand.
    { ...launchctl("bootstrap", domain(place), unitFile(place)), mayFail: true },
    launchctl("kickstart", target(place)),
  ],
  restart: (place) => [launchctl("kickstart", "-k", target(place))],
  stop: (place) => [launchctl("kill", "SIGTERM", target(place))],
  unregister: (place) => [{ ...launchctl("bootout", target(place)), mayFail: true }],
  afterRemoval: () => [],
  state: (place) => launchctl("print", target(place)),
  parseState: ({ code, stdout }) => code === 0 ? parsePrint(stdout) : { activity: "stopped" },
  logs: (place) => ({ kind: "file", path: logFile(place) }),
  emptyFolders: () => [],
};

function launchctl(...args: readonly string[]): { program: string; args: readonly string[] } {
  return { program: "launchctl", args };
}

function domain({ uid }: ServicePlace): string {
  return `gui/${uid}`;
}

function target(place: ServicePlace): string {
  return `${domain(place)}/${LABEL}`;
}

function unitFile({ home }: ServicePlace): string {
  return `${home}/Library/LaunchAgents/${LABEL}.plist`;
}

/** What the server says itself goes to its own, rotated log; this file takes what a start that failed has to say. */
function logFile({ stateFolder }: ServicePlace): string {
  return `${stateFolder}/logs/launchd.log`;
}

/**
 * launchd knows only "ended with 0" and everything else, so what the user must mend is tried again too, but not more
 * often than twice a minute.
 */
function renderPlist(spec: ServiceSpec, place: ServicePlace): string {
  const words = [spec.executable, ...spec.args];
  for (const word of [...words, ...Object.values(spec.environment)]) refuseControlCharacters(word);
  const string = (text: string): string => `<string>${escapeXml(text)}</string>`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<!-- ${OPEN_SEAL} -->`,
    '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">',
    '<plist version="1.0">',
    "<dict>",
    `  <key>Label</key>${string(LABEL)}`,
    "  <key>ProgramArguments</key>",
    "  <array>",
    ...words.map((word) => `    ${string(word)}`),
    "  </array>",
    "  <key>EnvironmentVariables</key>",
    "  <dict>",
    ...Object.entries(spec.environment).map(([name, value]) =>
      `    <key>${escapeXml(name)}</key>${string(value)}`
    ),
    "  </dict>",
    `  <key>WorkingDirectory</key>${string(place.home)}`,
    "  <key>RunAtLoad</key><true/>",
    "  <key>KeepAlive</key><dict><key>SuccessfulExit</key><false/></dict>",
    "  <key>ThrottleInterval</key><integer>30</integer>",
    "  <key>ExitTimeOut</key><integer>10</integer>",
    "  <key>ProcessType</key><string>Interactive</string>",
    "  <key>StandardOutPath</key><string>/dev/null</string>",
    `  <key>StandardErrorPath</key>${string(logFile(place))}`,
    "</dict>",
    "</plist>",
    "",
  ].join("\n");
}

function parsePrint(stdout: string): ServiceState {
  const field = (name: string): string | undefined =>
    new RegExp(`^\\s*${name} = (.*)$`, "m").exec(stdout)?.[1]?.trim();
  const pid = Number(field("pid"));
  const exitCode = Number(field("last exit code"));
  const failed = Number.isInteger(exitCode) && exitCode > 0;
  return {
    activity: field("state") === "running" ? "running" : failed ? "failed" : "stopped",
    ...Number.isInteger(pid) && pid > 0 ? { pid } : {},
    ...failed ? { exitCode } : {},
  };
}
