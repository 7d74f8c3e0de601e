/**
 * The one error class and the table of everything a user can be told.
 *
 * A thrown `AppError` is something its reader can act on; anything else that is thrown is a bug. The table
 * decides how the same failure is shown on the three edges: exit code (command line), HTTP status (server),
 * `isError` text (MCP tools). This file imports nothing.
 *
 * @module
 */

/** How one kind of failure is rendered: `exit` on the command line, `http` on the server, `hint` by default. */
export interface ErrorKind {
  readonly exit: 2 | 70 | 130;
  readonly http: number;
  /** The next step, when the place that throws has no better one. */
  readonly hint: string;
}

/** Every error code. Exit 2: the user can fix it; 70: our bug; 130: interrupted. 1 is kept for "the answer is no". */
export const ERRORS = {
  "cli.usage": { exit: 2, http: 400, hint: 'Run "agentos --help".' },
  "cli.output": { exit: 2, http: 500, hint: "Send the output to a place with free space." },
  "cli.interrupted": { exit: 130, http: 503, hint: "Run the command again." },
  "internal": {
    exit: 70,
    http: 500,
    hint: "This is a bug in agentos; run again with --debug and report it.",
  },

  "status.broken": { exit: 2, http: 500, hint: 'See the details with "agentos doctor".' },
  "config.invalid": { exit: 2, http: 500, hint: "Correct the named setting and run again." },
  "state.unusable": {
    exit: 2,
    http: 500,
    hint: "Check the free space, and the folder's owner and mode, or set AGENTOS_STATE.",
  },
  "token.unsafe": { exit: 2, http: 500, hint: "Run the chmod command shown and start again." },
  "repo.not_found": {
    exit: 2,
    http: 500,
    hint: "Name the folder that holds context-portfolio/ with --repo.",
  },

  "serve.port_taken": { exit: 2, http: 500, hint: "Stop the other program or choose another --port." },
  "serve.host_refused": { exit: 2, http: 500, hint: "Leave --host out: agentos serves 127.0.0.1 only." },
  "serve.worker_failed": { exit: 70, http: 500, hint: "See the log above; report it if it happens again." },

  "service.no_manager": { exit: 2, http: 500, hint: 'Run the server by hand: "agentos serve".' },
  "service.not_installed": { exit: 2, http: 404, hint: 'Run "agentos service install".' },
  "service.foreign": {
    exit: 2,
    http: 409,
    hint: "Move that file away, or keep it and start the server your way.",
  },
  "service.edited": {
    exit: 2,
    http: 409,
    hint: 'Add --force to give your edits up, or move them into "systemctl --user edit agentos".',
  },
  "service.failed": {
    exit: 2,
    http: 500,
    hint: 'See "agentos service logs" and "agentos service status".',
  },

  "completions.foreign": { exit: 2, http: 409, hint: "Move that file away and run again." },
  "completions.failed": {
    exit: 2,
    http: 500,
    hint: "Check the free space, and the owner and the mode of the file and its folder.",
  },

  "http.unauthorized": { exit: 2, http: 401, hint: 'Send "Authorization: Bearer <token>".' },
  "http.forbidden": { exit: 2, http: 403, hint: "Call from this machine, not from a web page." },
  "http.not_found": {
    exit: 2,
    http: 404,
    hint: "Tools: POST /mcp. Models: POST /openrouter/v1/responses, /gateway/NAME/v1/responses.",
  },
  "http.method": { exit: 2, http: 405, hint: "Use POST." },
  "http.media_type": { exit: 2, http: 415, hint: 'Send "Content-Type: application/json".' },
  "http.too_large": { exit: 2, http: 413, hint: "Send a smaller body." },
  "http.timeout": { exit: 2, http: 408, hint: "Send the whole request at once." },
  "http.bad_request": { exit: 2, http: 400, hint: "Correct the named fields." },

  "gateway.request": { exit: 2, http: 400, hint: "Correct the request; the model was not asked." },
  "gateway.no_key": { exit: 2, http: 401, hint: "Set the variable that holds the provider's key." },
  "gateway.unknown_provider": { exit: 2, http: 404, hint: "Name the provider in config.toml." },
  "gateway.limit": { exit: 2, http: 429, hint: "Wait, or change the limit in config.toml." },
  "gateway.upstream": { exit: 2, http: 502, hint: "Check the network and the provider's address." },
  "gateway.busy": { exit: 2, http: 503, hint: "Ask again in a moment." },
  "gateway.silent": { exit: 2, http: 504, hint: "Ask again; the provider said nothing for too long." },

  "tool.input": { exit: 2, http: 400, hint: "Correct the named arguments and call again." },
  "tool.cancelled": { exit: 130, http: 499, hint: "Call again if the answer is still wanted." },

  "path.invalid": { exit: 2, http: 400, hint: "Give an absolute path inside a root." },
  "path.no_roots": { exit: 2, http: 403, hint: "Start the server with --root DIR or set AGENTOS_FS_ROOTS." },
  "path.outside_roots": {
    exit: 2,
    http: 403,
    hint: "Use a path inside a root, or start the server with another --root.",
  },
  "path.read_only": {
    exit: 2,
    http: 403,
    hint: "Start the server with --root instead of --read-only-root for this folder.",
  },
  "path.protected": { exit: 2, http: 403, hint: "Do this by hand: no tool may do it." },
  "path.not_found": {
    exit: 2,
    http: 404,
    hint: "List the folder with agentOS_fs_list to see what is there.",
  },
  "path.not_a_file": { exit: 2, http: 400, hint: "Name a regular file." },
  "path.not_a_folder": { exit: 2, http: 400, hint: "Name a folder." },
  "path.exists": { exit: 2, http: 409, hint: "Choose another path." },
  "path.denied": { exit: 2, http: 403, hint: "Check the owner and the mode of the file." },
  "path.changed": { exit: 2, http: 409, hint: "The path changed while it was used; call again." },

  "file.too_large": { exit: 2, http: 413, hint: "Ask for a range of lines." },
  "file.binary": { exit: 2, http: 415, hint: "This tool works on text." },
  "file.encoding": { exit: 2, http: 415, hint: "Convert the file to UTF-8 first." },
  "file.stale": {
    exit: 2,
    http: 409,
    hint: "Read the file again and repeat the change on what it holds now.",
  },
  "file.no_match": { exit: 2, http: 409, hint: "Read the file again and copy the text exactly." },
  "file.ambiguous": { exit: 2, http: 409, hint: "Add surrounding lines to oldText, or set expectedCount." },
  "file.write_failed": {
    exit: 2,
    http: 500,
    hint: "Check the free space and the folder's mode; the old file is untouched.",
  },

  "search.pattern": { exit: 2, http: 400, hint: "Correct the pattern, or search for the literal text." },
  "search.failed": { exit: 70, http: 500, hint: "Call again; report it if it happens again." },
  "search.timeout": { exit: 2, http: 504, hint: "Narrow path or glob, or simplify the pattern." },

  "portfolio.not_found": {
    exit: 2,
    http: 404,
    hint: 'Call list_portfolio_files for the names, or run "agentos portfolio list".',
  },

  "git.not_a_repository": {
    exit: 2,
    http: 400,
    hint: "Give the top folder of a git work tree inside a root.",
  },
  "git.untrusted": { exit: 2, http: 403, hint: "Trust the repository with agentos serve --trust-repo DIR." },
  "git.locked": {
    exit: 2,
    http: 409,
    hint: "Another git is at work in this repository; call again when it is done.",
  },
  "git.conflict": { exit: 2, http: 409, hint: "Finish or abort it by hand, then commit." },
  "git.failed": { exit: 2, http: 500, hint: "Read git's message and run the command by hand." },
  "git.auth": {
    exit: 2,
    http: 502,
    hint: "Log in once by hand (git push), or add a credential helper or SSH key.",
  },
  "git.rejected": { exit: 2, http: 409, hint: "Pull and merge first, then push again." },

  "process.not_allowed": { exit: 2, http: 403, hint: "Start the server with --allow-run PROGRAM." },
  "process.not_found": { exit: 2, http: 500, hint: "Install the program or put it on the server's PATH." },
  "process.timeout": { exit: 2, http: 504, hint: "Run it by hand to see what it waits for." },

  "extension.not_found": {
    exit: 2,
    http: 404,
    hint: "Name the extension's folder with --ext-dir or AGENTOS_EXT_DIR.",
  },
  "extension.failed": { exit: 2, http: 500, hint: "Read the output and correct the extension." },

  "sync.source": { exit: 2, http: 500, hint: "Correct the named file in the repo and push again." },
  "sync.manifest": {
    exit: 2,
    http: 500,
    hint: "Move the file away; the next push then treats every file as yours until you adopt it.",
  },
  "sync.newer_manifest": { exit: 2, http: 500, hint: "Update agentos." },
  "sync.other_repo": {
    exit: 2,
    http: 409,
    hint: 'Take the home over with "agentos sync push --takeover".',
  },
  "sync.no_client": { exit: 2, http: 404, hint: "Install the client, or name its home with --home." },
  "sync.no_folder": { exit: 2, http: 409, hint: "Move it away, or name another home with --home." },
  "sync.locked": { exit: 2, http: 409, hint: "Wait for the other agentos to finish and run again." },
  "sync.changed": {
    exit: 2,
    http: 409,
    hint: "Run the command again: the file was rewritten while it was being pushed.",
  },
  "sync.refused": {
    exit: 2,
    http: 409,
    hint: 'Keep your version with "agentos sync push --take home", or the repo\'s with "--take repo".',
  },
  "sync.secret": { exit: 2, http: 409, hint: "Take the secret out of the named file; nothing was copied." },
  "sync.dirty": { exit: 2, http: 409, hint: "Commit or stash the changes in the repo first." },
  "sync.unknown_backup": { exit: 2, http: 404, hint: 'List the backups with "agentos sync undo --list".' },
  "sync.write_failed": {
    exit: 2,
    http: 500,
    hint: "Check the free space and the folder's mode; the old file is untouched.",
  },
} as const satisfies Record<string, ErrorKind>;

/** A key of {@link ERRORS}. */
export type ErrorCode = keyof typeof ERRORS;

/** Where in a file the trouble stands; lines and columns count from 1. */
export interface ErrorPlace {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
}

/** True for the name of one of {@link ERRORS}. */
export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === "string" && Object.hasOwn(ERRORS, value);
}

/** What may accompany a message: a better next step than the table's, the place, and what was caught. */
export interface ErrorDetails {
  readonly hint?: string;
  readonly where?: ErrorPlace;
  readonly cause?: unknown;
}

/** A failure that its reader can act on: a code to branch on, a sentence, a next step. */
export class AppError extends Error {
  override readonly name = "AppError";
  readonly code: ErrorCode;
  readonly hint: string;
  readonly where: ErrorPlace | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.hint = details.hint ?? ERRORS[code].hint;
    this.where = details.where;
  }
}

/** Renders a place as `file:line:column`, leaving out what is not known. */
export function renderPlace(place: ErrorPlace): string {
  const line = place.line === undefined ? "" : `:${place.line}`;
  const column = place.line === undefined || place.column === undefined ? "" : `:${place.column}`;
  return `${place.file}${line}${column}`;
}

/** What was thrown, in words: an error's message, or the thing itself. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
