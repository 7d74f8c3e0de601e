/**
 * The service as a scheduled task of Windows that starts when its user logs on. Pure.
 *
 * Sources: "Task Scheduler Schema" and "schtasks" on Microsoft Learn, read 2026-11; never run there (see
 * CONTRIBUTING.md). `conhost --headless` keeps the console window away.
 *
 * @module
 */

import type { ServiceManager, ServicePlace, ServiceSpec, ServiceState } from "./model.ts";
import { OPEN_SEAL } from "./seal.ts";
import {
  escapeXml,
  quoteForWindows,
  refuseControlCharacters,
  splitWindowsLine,
  unescapeXml,
} from "./words.ts";

const TASK = "agentos";

/** Windows' Task Scheduler. */
export const TASK_SCHEDULER: ServiceManager = {
  id: "task-scheduler",
  title: "the Task Scheduler",
  unitFile,
  render: renderTask,
  parseWords: (text) =>
    splitWindowsLine(unescapeXml(/<Arguments>--headless ([^<]*)<\/Arguments>/.exec(text)?.[1] ?? "")),
  encode: encodeUtf16,
  decode: (bytes) => new TextDecoder("utf-16le").decode(bytes),
  probe: () => ({ program: "schtasks", args: ["/Query", "/FO", "CSV", "/NH"] }),
  register: (place) => [schtasks("/Create", "/XML", unitFile(place), "/F")],
  start: () => [schtasks("/Run")],
  restart: () => [{ ...schtasks("/End"), mayFail: true }, schtasks("/Run")],
  stop: () => [schtasks("/End")],
  unregister: () => [{ ...schtasks("/End"), mayFail: true }, schtasks("/Delete", "/F")],
  afterRemoval: () => [],
  // schtasks answers in the user's language; the cmdlet's state is a number.
  state: () => ({
    program: "powershell",
    args: [
      "-NoProfile",
      "-NonInteractive",
      "-Command",
      `[int](Get-ScheduledTask -TaskName '${TASK}' -TaskPath '\\' -ErrorAction Stop).State`,
    ],
  }),
  parseState: ({ code, stdout }) =>
    code === 0 ? { activity: STATES[stdout.trim()] ?? "unknown" } : { activity: "stopped" },
  logs: ({ stateFolder }) => ({ kind: "file", path: `${stateFolder}\\logs\\agentos.log` }),
  emptyFolders: ({ stateFolder }) => [`${stateFolder}\\service`],
};

/** `StateEnum` of the MSFT_ScheduledTask class. */
const STATES: Readonly<Record<string, ServiceState["activity"]>> = {
  "1": "stopped", // disabled
  "2": "starting", // queued
  "3": "stopped", // ready
  "4": "running",
};

function schtasks(verb: string, ...args: readonly string[]): { program: string; args: readonly string[] } {
  return { program: "schtasks", args: [verb, "/TN", TASK, ...args] };
}

/** The Task Scheduler keeps a copy of its own; this is what it was given. */
function unitFile({ stateFolder }: ServicePlace): string {
  return `${stateFolder}\\service\\agentos.xml`;
}

function renderTask({ executable, args }: ServiceSpec, place: ServicePlace): string {
  const words = [executable, ...args];
  words.forEach(refuseControlCharacters);
  const commandLine = ["--headless", ...words].map(quoteForWindows).join(" ");
  return [
    '<?xml version="1.0" encoding="UTF-16"?>',
    `<!-- ${OPEN_SEAL} -->`,
    '<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">',
    "  <RegistrationInfo>",
    "    <Description>AgentOS, the MCP server that this user's coding agents share</Description>",
    "  </RegistrationInfo>",
    "  <Triggers>",
    // Without the name it would start for every user, and only an administrator may ask for that.
    `    <LogonTrigger><Enabled>true</Enabled><UserId>${escapeXml(place.user)}</UserId></LogonTrigger>`,
    "  </Triggers>",
    "  <Principals>",
    '    <Principal id="Author">',
    `      <UserId>${escapeXml(place.user)}</UserId>`,
    "      <LogonType>InteractiveToken</LogonType>",
    "      <RunLevel>LeastPrivilege</RunLevel>",
    "    </Principal>",
    "  </Principals>",
    "  <Settings>",
    "    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>",
    "    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>",
    "    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>",
    "    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>",
    "    <Priority>5</Priority>",
    "    <RestartOnFailure><Interval>PT1M</Interval><Count>5</Count></RestartOnFailure>",
    "  </Settings>",
    '  <Actions Context="Author">',
    "    <Exec>",
    "      <Command>%SystemRoot%\\System32\\conhost.exe</Command>",
    `      <Arguments>${escapeXml(commandLine)}</Arguments>`,
    `      <WorkingDirectory>${escapeXml(place.home)}</WorkingDirectory>`,
    "    </Exec>",
    "  </Actions>",
    "</Task>",
    "",
  ].join("\r\n");
}

/** schtasks takes UTF-16 with its byte order mark. */
function encodeUtf16(text: string): Uint8Array {
  const bytes = new Uint8Array(2 + text.length * 2);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, 0xfeff, true);
  for (let at = 0; at < text.length; at++) view.setUint16(2 + at * 2, text.charCodeAt(at), true);
  return bytes;
}
