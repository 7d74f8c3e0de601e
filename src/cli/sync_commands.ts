/**
 * The rows of COMMANDS for `agentos sync …`: data, and one literal `import()` each.
 *
 * @module
 */

import { ENTRY_KINDS } from "../sync/model.ts";
import { type Command, defineCommand } from "./define.ts";
import { parseClientVersion, parsePort, parseText } from "./values.ts";

const COMMON_FLAGS = {
  client: {
    kind: "parsed",
    parse: parseText,
    optional: true,
    variadic: ",",
    placeholder: "ID",
    brief: "Only these clients (default: all that have something to sync)",
  },
  home: {
    kind: "parsed",
    parse: parseText,
    optional: true,
    placeholder: "DIR",
    brief: "The client's home (CODEX_HOME; ~/.codex)",
  },
  repo: {
    kind: "parsed",
    parse: parseText,
    optional: true,
    placeholder: "DIR",
    brief: "The home repo (AGENTOS_REPO; else found upwards, else the copy in the executable)",
  },
  port: {
    kind: "parsed",
    parse: parsePort,
    optional: true,
    placeholder: "PORT",
    brief: "The server's port that is deployed (AGENTOS_PORT; 8787)",
  },
  only: {
    kind: "enum",
    values: ENTRY_KINDS,
    optional: true,
    variadic: ",",
    brief: "Only these parts",
  },
  json: { kind: "boolean", optional: true, withNegated: false, brief: "Answer one JSON document" },
  quiet: { kind: "boolean", optional: true, withNegated: false, brief: "Answer nothing but the exit code" },
} as const;

const DIFF_FLAG = {
  diff: { kind: "boolean", optional: true, withNegated: false, brief: "Show unified diffs, secrets masked" },
} as const;

const CHANGE_FLAGS = {
  ...COMMON_FLAGS,
  ...DIFF_FLAG,
  dryRun: {
    kind: "boolean",
    optional: true,
    withNegated: false,
    brief: "Say what would be done, and do nothing",
  },
  takeover: {
    kind: "boolean",
    optional: true,
    withNegated: false,
    brief: "Take over a home that another repo keeps in step",
  },
  clientVersion: {
    kind: "parsed",
    parse: parseClientVersion,
    optional: true,
    variadic: true,
    placeholder: "ID=X.Y.Z",
    brief: "Deploy for this version instead of the installed one; also --<id>-version X.Y.Z",
  },
  agentsMd: {
    kind: "boolean",
    optional: true,
    brief: "Keep a block in AGENTS.md that points to the memories",
  },
  hook: {
    kind: "boolean",
    optional: true,
    brief: 'Deploy a pre-session hook that runs "agentos sync check --hook"',
  },
  gateway: {
    kind: "boolean",
    optional: true,
    brief: "Let the client ask for models through the server's gateway",
  },
} as const;

/** The sync commands, in the order of the help text. */
export const SYNC_COMMANDS: readonly Command[] = [
  defineCommand({
    path: ["sync", "push"],
    brief: "Make each client's home what the repo wants",
    description: [
      "Writes our part of each client's config, its profiles, memories and skills, and keeps everything else byte for byte.",
      "",
      "What is safe is done without asking. What would cost an edit of yours is left alone and named, exit code 2:",
      "keep yours with --take home, take the repo's with --take repo, or join both with --merge.",
      'Everything replaced is backed up: "agentos sync undo" puts it back.',
    ].join("\n"),
    needs: ["read", "write", "env", "run", "sys"],
    parameters: {
      flags: {
        ...CHANGE_FLAGS,
        merge: {
          kind: "boolean",
          optional: true,
          withNegated: false,
          brief: "Join your edits with the repo's news where both leave the other's lines alone",
        },
        take: {
          kind: "enum",
          values: ["repo", "home"],
          optional: true,
          brief: "Where both changed, whose version stays",
        },
      },
    },
    load: () => import("../commands/sync/push.ts"),
  }),
  defineCommand({
    path: ["sync", "check"],
    brief: "Say whether each home is as the repo wants it",
    description: [
      "Reads and compares; it has given up the rights to write, to run programs and to use the network. (With --hook it",
      "first tries the server's own port, where a client asks for its models through the server.)",
      "",
      "Exit code 0: in sync. 1: something drifted. 2: a file is broken, so it cannot be told.",
    ].join("\n"),
    needs: ["read", "net", "env"],
    parameters: {
      flags: {
        ...COMMON_FLAGS,
        ...DIFF_FLAG,
        hook: {
          kind: "parsed",
          parse: parseText,
          optional: true,
          placeholder: "CLIENT",
          brief:
            "For a pre-session hook: one line when something drifted, nothing otherwise, never a failure",
        },
      },
    },
    load: () => import("../commands/sync/check.ts"),
  }),
  defineCommand({
    path: ["sync", "pull"],
    brief: "Copy what a home holds of ours into the repo, for inspection",
    description: [
      "Writes clients/<id>/runtime/ in the home repo: only what the last push wrote, as it stands now, tokens put back.",
      "",
      "Nothing is copied when a file holds what looks like a secret, or would replace a change that is not committed.",
    ].join("\n"),
    needs: ["read", "write", "env", "run", "sys"],
    parameters: {
      flags: {
        ...COMMON_FLAGS,
        dryRun: {
          kind: "boolean",
          optional: true,
          withNegated: false,
          brief: "Say what would be written, and do nothing",
        },
        force: {
          kind: "boolean",
          optional: true,
          withNegated: false,
          brief: "Replace changes that are not committed",
        },
      },
    },
    load: () => import("../commands/sync/pull.ts"),
  }),
  defineCommand({
    path: ["sync", "clean"],
    brief: "Take everything of ours out of a home, then deploy afresh",
    description: [
      "Removes what the record of the last push names and nobody edited since, and gives your bytes back.",
      "",
      "It shows what it would remove and asks first; --yes goes on without asking, --no-deploy leaves it removed.",
    ].join("\n"),
    needs: ["read", "write", "env", "run", "sys"],
    parameters: {
      flags: {
        ...CHANGE_FLAGS,
        yes: { kind: "boolean", optional: true, withNegated: false, brief: "Go on without asking" },
        deploy: { kind: "boolean", optional: true, brief: "Deploy the repo's version afterwards" },
      },
    },
    load: () => import("../commands/sync/clean.ts"),
  }),
  defineCommand({
    path: ["sync", "undo"],
    brief: "Put back what a push or clean replaced",
    description: [
      "Undoes one run, byte for byte; without an ID the newest. The last 20 runs are kept.",
      "",
      "A file that was changed since is left alone and named.",
    ].join("\n"),
    needs: ["read", "write", "env", "sys"],
    parameters: {
      flags: {
        list: {
          kind: "boolean",
          optional: true,
          withNegated: false,
          brief: "List the runs that can be undone",
        },
        json: {
          kind: "boolean",
          optional: true,
          withNegated: false,
          brief: "With --list: one JSON document",
        },
      },
      positional: {
        kind: "array",
        parameter: { parse: parseText, placeholder: "ID", brief: "A run from --list" },
        maximum: 1,
      },
    },
    load: () => import("../commands/sync/undo.ts"),
  }),
];
