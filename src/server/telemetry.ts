/**
 * What clients' hooks report: a portfolio file that was read, a command that was run, the project they work on.
 *
 * Nothing here causes anything but a row in the ledger, since any program of this machine can post it. The answer
 * never repeats what was sent.
 *
 * @module
 */

import { z } from "zod";
import { AppError } from "../base/errors.ts";
import type { Ledger } from "./ledger.ts";
import type { Projects } from "./projects.ts";

/** One line of visible text. What is stored here is shown on terminals and pages later. */
function text(maxLength: number): z.ZodString {
  return z.string().min(1).max(maxLength).regex(
    /^[^\p{Cc}\p{Cs}\u2028\u2029]*$/u,
    "holds control characters",
  );
}

const client = text(100).optional();
const project = text(200).optional();

const scalar = z.union([z.string().max(1000), z.number(), z.boolean(), z.null()]);

const BODIES = {
  "/portfolio-read": z.strictObject({ file: text(512), client, project }),
  "/command-log": z.strictObject({
    command: text(1000),
    client,
    project,
    /** A line, a list, or named arguments. Stored as JSON, which escapes what is not visible. */
    args: z.union([z.string().max(4000), z.array(scalar).max(64), z.record(z.string().max(100), scalar)])
      .optional(),
    /** ISO 8601 with a zone, or milliseconds since 1970. */
    at: z.union([z.iso.datetime({ offset: true }), z.number().int().nonnegative()]).optional(),
  }),
  "/set-project": z.strictObject({ project: text(200), path: text(4096).optional(), client }),
} as const;

/** Serialised arguments beyond this are refused. */
const MAX_ARGS_LENGTH = 4096;

/** A clock may be wrong by this much. */
const MAX_AHEAD_MS = 24 * 60 * 60 * 1000;

/** Where telemetry is posted to. */
export type TelemetryPath = keyof typeof BODIES;

/** The documented paths. */
export const TELEMETRY_PATHS: readonly TelemetryPath[] = ["/portfolio-read", "/command-log", "/set-project"];

/** What a report is written to. */
export interface TelemetryStore {
  readonly ledger: Ledger;
  readonly projects: Projects;
}

/**
 * Takes a report.
 *
 * @param now milliseconds since 1970
 * @throws {AppError} http.bad_request naming every wrong field, never its value
 */
export function acceptReport(path: TelemetryPath, body: unknown, store: TelemetryStore, now: number): void {
  const { ledger, projects } = store;
  switch (path) {
    case "/portfolio-read": {
      const report = check(BODIES[path], body);
      ledger.recordPortfolioRead({
        file: report.file,
        at: now,
        via: "report",
        client: report.client,
        project: report.project ?? projects.of(report.client),
      });
      return;
    }
    case "/command-log": {
      const report = check(BODIES[path], body);
      ledger.recordCommand({
        command: report.command,
        args: renderArgs(report.args),
        at: readTime(report.at, now),
        client: report.client,
        project: report.project ?? projects.of(report.client),
      });
      return;
    }
    case "/set-project": {
      const report = check(BODIES[path], body);
      const record = { project: report.project, path: report.path, client: report.client, at: now };
      projects.set(record);
      ledger.recordProject(record);
      return;
    }
  }
}

function check<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  body: unknown,
): z.output<typeof schema> {
  const checked = schema.safeParse(body);
  if (checked.success) return checked.data;
  const fields = checked.error.issues.map((issue) => {
    // A name that is not ours came from outside and is not repeated.
    if (issue.code === "unrecognized_keys") return "unknown fields";
    const [field] = issue.path;
    return field === undefined ? "the body is not an object" : `${String(field)}: ${describe(issue)}`;
  });
  throw badFields([...new Set(fields)].join("; "));
}

function describe(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "invalid_type":
      return `a ${issue.expected} is needed`;
    case "too_big":
      return `at most ${issue.maximum}`;
    case "too_small":
      return "must not be empty or negative";
    case "invalid_format":
      return issue.format === "regex" ? "must be one line of visible text" : "has a form that is not taken";
    default:
      return "has a form that is not taken";
  }
}

function renderArgs(args: unknown): string | undefined {
  if (args === undefined) return undefined;
  const rendered = JSON.stringify(args);
  if (rendered.length > MAX_ARGS_LENGTH) throw badFields(`args: at most ${MAX_ARGS_LENGTH} as JSON`);
  return rendered;
}

function readTime(at: string | number | undefined, now: number): number {
  if (at === undefined) return now;
  const time = typeof at === "number" ? at : Date.parse(at);
  if (time > now + MAX_AHEAD_MS) throw badFields("at: lies in the future");
  return time;
}

function badFields(fields: string): AppError {
  return new AppError("http.bad_request", `Cannot take this report: ${fields}.`);
}
