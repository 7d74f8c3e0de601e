/**
 * The rows of COMMANDS for `agentos usage`: data, and one literal `import()` each.
 *
 * @module
 */

import { BY_KEYS, REPORTS } from "../usage/model.ts";
import { type Command, defineCommand } from "./define.ts";
import { parseDay, parseSpan, parseText } from "./values.ts";

/** The usage commands. */
export const USAGE_COMMANDS: readonly Command[] = [
  defineCommand({
    path: ["usage"],
    brief: "Say what the agents used, in tokens and dollars",
    description: [
      "Adds up what coding agents on this machine used, from their own logs: per day and model, the last 30 days.",
      "",
      `Reports: ${REPORTS.join(", ")}; "doctor" says what may make the numbers incomplete.`,
      "--by groups the table, with a sum for each group; --json and --csv have a row per client, provider and model in each.",
      "Works offline: prices are compiled in, yours in ~/.agentos/prices.toml come first, and what has no price shows as —.",
      "What was read is kept in ~/.agentos/agentos.db, so that history stays when an agent deletes its logs.",
      "It runs no program and writes nothing else; the network it uses with --refresh-prices alone.",
    ].join("\n"),
    needs: ["read", "write", "env"],
    alsoNeeds: { refreshPrices: ["net"] },
    parameters: {
      flags: {
        client: {
          kind: "parsed",
          parse: parseText,
          optional: true,
          variadic: ",",
          placeholder: "ID",
          brief: "Only these clients, for example codex or claude",
        },
        since: {
          kind: "parsed",
          parse: parseDay,
          optional: true,
          placeholder: "DAY",
          brief: "From this day on, YYYY-MM-DD",
        },
        until: {
          kind: "parsed",
          parse: parseDay,
          optional: true,
          placeholder: "DAY",
          brief: "Up to this day, YYYY-MM-DD",
        },
        last: {
          kind: "parsed",
          parse: parseSpan,
          optional: true,
          placeholder: "SPAN",
          brief: "The last 7d, 2w, 3m or 1y (default: 30d)",
        },
        by: { kind: "enum", values: BY_KEYS, optional: true, variadic: ",", brief: "Group by these instead" },
        model: {
          kind: "parsed",
          parse: parseText,
          optional: true,
          variadic: ",",
          placeholder: "NAME",
          brief: "Only these models, named as in the log",
        },
        project: {
          kind: "parsed",
          parse: parseText,
          optional: true,
          variadic: true,
          placeholder: "DIR",
          brief: "Only work in this folder or below; a folder's name alone does too",
        },
        session: {
          kind: "parsed",
          parse: parseText,
          optional: true,
          variadic: ",",
          placeholder: "ID",
          brief: "Only sessions whose id begins like this",
        },
        timezone: {
          kind: "parsed",
          parse: parseText,
          optional: true,
          placeholder: "ZONE",
          brief: "Whose days count, as Europe/Berlin (default: this machine's)",
        },
        json: { kind: "boolean", optional: true, withNegated: false, brief: "Answer one JSON document" },
        csv: { kind: "boolean", optional: true, withNegated: false, brief: "Answer CSV" },
        cost: { kind: "boolean", optional: true, brief: "Show costs (default)" },
        ledger: {
          kind: "boolean",
          optional: true,
          brief: "Keep and use what was read before (default); --no-ledger answers from the files alone",
        },
        live: {
          kind: "boolean",
          optional: true,
          withNegated: false,
          brief: "Keep the answer on the terminal up to date until Ctrl-C",
        },
        refreshPrices: {
          kind: "parsed",
          parse: parseText,
          optional: true,
          placeholder: "FILE|URL",
          brief: "First take prices from a file or an https address, and keep them in ~/.agentos",
        },
        explain: {
          kind: "parsed",
          parse: parseText,
          optional: true,
          placeholder: "SESSION",
          brief: "Say of each line of a session whether it counts, and why",
        },
      },
      positional: {
        kind: "array",
        parameter: {
          parse: parseText,
          placeholder: "REPORT",
          brief: [...REPORTS, "doctor"].join(", "),
          proposeCompletions: () => [...REPORTS, "doctor"],
        },
        maximum: 1,
      },
    },
    load: () => import("../commands/usage.ts"),
  }),
];
