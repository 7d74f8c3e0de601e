/**
 * Errors that a user provokes on the command line: the source tree runs as a process, and `--debug` tells the code.
 *
 * @module
 */

import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { replaceFile } from "../../src/sync/replace_file.ts";
import { withLock } from "../../src/sync/apply.ts";
import { runGit, runProgram } from "../e2e/program.ts";
import { openSyncSandbox, type SyncSandbox } from "../sync_sandbox.ts";
import { failing, type Provocations, rename, type Said, sayError } from "./provocation.ts";

const MAIN = new URL("../../main.ts", import.meta.url).pathname;

/** Runs a command after `prepare` made its world. */
function command(
  words: readonly string[],
  prepare: (sandbox: SyncSandbox) => unknown = () => {},
  env: Readonly<Record<string, string>> = {},
): () => Promise<Said> {
  return async () => {
    await using sandbox = await openSyncSandbox({ env });
    await prepare(sandbox);
    return await say(sandbox, words);
  };
}

async function say(sandbox: SyncSandbox, words: readonly string[]): Promise<Said> {
  const { stderr, code } = await sandbox.run(...words, "--debug");
  return parse(stderr, code, sandbox);
}

function parse(stderr: string, code: number, sandbox: SyncSandbox): Said {
  const found = /^error: ([^]*?)\n(?:usage: [^]*?\n)?hint: ([^\n]*)\ncode: (\S+)$/m.exec(stderr);
  const [, sentence = "", hint = "", errorCode = ""] = found ?? assert.fail(`exit ${code}: ${stderr}`);
  const names = {
    [sandbox.userHome]: "$HOME",
    [sandbox.repo]: "$REPO",
    [sandbox.folder]: "$FOLDER",
    [Deno.execPath()]: "$DENO",
    [MAIN]: "$MAIN",
  };
  return { code: errorCode, sentence: rename(sentence, names), hint: rename(hint, names) };
}

async function write(path: string, text: string, mode = 0o644): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await Deno.writeTextFile(path, text);
  await Deno.chmod(path, mode);
}

async function writeSource(
  { repo }: SyncSandbox,
  text = '[mcp_servers.a]\nurl = "{{SERVER_URL}}"\n',
): Promise<void> {
  await write(join(repo, "clients", "codex", "config-fragment.toml"), text);
}

/** A home that was pushed to once. */
async function push(sandbox: SyncSandbox): Promise<void> {
  await writeSource(sandbox);
  const { code, stderr } = await sandbox.run("sync", "push", "--codex-version", "0.169.0");
  assert.equal(code, 0, stderr);
}

async function changeRecord({ state }: SyncSandbox, change: (text: string) => string): Promise<void> {
  const folder = join(state, "applied");
  for (const { name } of [...Deno.readDirSync(folder)]) {
    await Deno.writeTextFile(join(folder, name), change(await Deno.readTextFile(join(folder, name))));
  }
}

async function pull(sandbox: SyncSandbox): Promise<void> {
  await push(sandbox);
  const env = { ...sandbox.env, GIT_CONFIG_GLOBAL: "/dev/null" };
  await runGit(sandbox.repo, env, "init", "--quiet");
  assert.equal((await sandbox.run("sync", "pull")).code, 0);
}

const UNIT = ".config/systemd/user/agentos.service";

/** The unit as agentos writes it, put in place by hand, and a systemd that starts nothing. */
async function writeUnit(sandbox: SyncSandbox, change: (unit: string) => string): Promise<void> {
  const { stdout, stderr } = await sandbox.run("service", "install", "--print", "--manager", "systemd");
  assert.match(stdout, /\[Unit\]/, stderr);
  await write(join(sandbox.userHome, UNIT), change(stdout));
  const script = '#!/bin/sh\ncase "$*" in *start*) echo "Not today." >&2; exit 1;; esac\n';
  await write(join(sandbox.bin, "systemctl"), script, 0o755);
}

/** By code. */
export const COMMAND_PROVOCATIONS: Provocations = {
  "cli.usage": command(["serv"]),
  "cli.output": async () => {
    await using sandbox = await openSyncSandbox();
    const { stderr, code } = await runProgram({
      path: "/bin/sh",
      args: [
        "-c",
        `exec "$@" > /dev/full`,
        "sh",
        Deno.execPath(),
        "run",
        "-A",
        MAIN,
        "help",
        "--debug",
      ],
      cwd: sandbox.userHome,
      env: sandbox.env,
    });
    return parse(stderr, code, sandbox);
  },
  "cli.interrupted": command(
    ["config", "edit"],
    ({ bin }) => write(join(bin, "ed"), "#!/bin/sh\nexit 3\n", 0o755),
    {
      EDITOR: "ed",
    },
  ),
  "status.broken": command(
    ["status", "--port", "1"],
    ({ state }) => write(join(state, "config.toml"), "[server]\nprot = 1\n"),
  ),
  "config.invalid": command(
    ["config", "list"],
    ({ state }) => write(join(state, "config.toml"), "[server]\nport = 70000\n"),
  ),
  "state.unusable": command(["serve", "--print-permissions"], ({ state }) => write(state, "")),
  "token.unsafe": command(
    ["token", "show", "--yes"],
    ({ state }) => write(join(state, "token"), "x".repeat(43)),
  ),
  "repo.not_found": command(["serve", "--print-permissions", "--repo", "nowhere"]),
  "serve.host_refused": command(["serve", "--host", "0.0.0.0"]),
  "serve.port_taken": async () => {
    await using sandbox = await openSyncSandbox();
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    try {
      const port = String(listener.addr.port);
      // Who asks the other program who it is gets no answer.
      void (async (): Promise<void> => {
        for await (const connection of listener) connection.close();
      })();
      const { code, sentence, hint } = await say(sandbox, ["serve", "--port", port]);
      return { code, sentence: sentence.replaceAll(port, "PORT"), hint: hint.replaceAll(port, "PORT") };
    } finally {
      listener.close();
    }
  },
  "service.no_manager": command(["service", "install"]),
  "service.not_installed": command(["service", "start"]),
  "service.foreign": command(["service", "start"], ({ userHome }) => write(join(userHome, UNIT), "[Unit]\n")),
  "service.edited": command(
    ["service", "uninstall"],
    (sandbox) => writeUnit(sandbox, (unit) => unit.replace("[Unit]", "[Unit]\nDocumentation=man:mine")),
  ),
  "service.failed": command(["service", "start"], (sandbox) => writeUnit(sandbox, (unit) => unit)),
  "completions.foreign": command(
    ["completions", "install", "--shell", "fish"],
    ({ userHome }) => write(join(userHome, ".config/fish/completions/agentos.fish"), "mine\n"),
  ),
  "completions.failed": command(
    ["completions", "install", "--shell", "fish"],
    ({ userHome }) =>
      Deno.mkdir(join(userHome, ".config/fish/completions/agentos.fish"), { recursive: true }),
  ),
  "portfolio.not_found": command(["portfolio", "show", "nobody"]),
  "file.write_failed": command(["init", "/dev/null"]),
  "process.not_found": command(["config", "edit"], () => {}, { EDITOR: "no-such-editor" }),
  "path.changed": command(["config", "edit"], async ({ bin, state }) => {
    await write(join(state, "config.toml"), "# mine\n");
    await write(
      join(bin, "ed"),
      `#!/bin/sh\necho '# theirs' >> '${join(state, "config.toml")}'\necho '# ours' >> "$1"\n`,
      0o755,
    );
  }, { EDITOR: "ed" }),
  "sync.source": command(
    ["sync", "push", "--codex-version", "0.169.0"],
    (sandbox) => writeSource(sandbox, "\na = '{{NOBODY}}'\n"),
  ),
  "sync.manifest": command(["sync", "check"], async (sandbox) => {
    await push(sandbox);
    await changeRecord(sandbox, () => "{");
  }),
  "sync.newer_manifest": command(["sync", "check"], async (sandbox) => {
    await push(sandbox);
    await changeRecord(
      sandbox,
      (text) => text.replace('"schema": 1', '"schema": 2').replace('"schema":1', '"schema":2'),
    );
  }),
  "sync.other_repo": command(["sync", "check", "--repo", "other"], async (sandbox) => {
    await push(sandbox);
    await Deno.mkdir(join(sandbox.userHome, "other", "clients"), { recursive: true });
  }),
  "sync.no_client": command(["sync", "check"], writeSource),
  "sync.no_folder": command(["sync", "check"], async (sandbox) => {
    await writeSource(sandbox);
    await Deno.writeTextFile(sandbox.home, "a file\n");
  }),
  "sync.locked": async () => {
    await using sandbox = await openSyncSandbox();
    await push(sandbox);
    return await withLock(sandbox.state, () => {}, () => say(sandbox, ["sync", "push"]));
  },
  "sync.changed": async () => {
    await using sandbox = await openSyncSandbox();
    const file = join(sandbox.userHome, "file");
    await Deno.writeTextFile(file, "theirs\n");
    const error = await failing(() => replaceFile(file, { before: "before\n", after: "ours\n" }));
    assert.equal(await Deno.readTextFile(file), "theirs\n");
    return sayError(error, { [sandbox.userHome]: "$HOME" });
  },
  "sync.refused": command(["sync", "push"], async (sandbox) => {
    await push(sandbox);
    const file = join(sandbox.home, "config.toml");
    await Deno.writeTextFile(file, (await Deno.readTextFile(file)).replace("8787", "9999"));
  }),
  "sync.secret": command(["sync", "pull"], async (sandbox) => {
    await push(sandbox);
    const file = join(sandbox.home, "config.toml");
    const text = await Deno.readTextFile(file);
    await Deno.writeTextFile(
      file,
      text.replace("[mcp_servers.a]", `[mcp_servers.a]\nkey = "sk-${"a1".repeat(20)}"`),
    );
  }),
  "sync.dirty": command(["sync", "pull"], async (sandbox) => {
    await pull(sandbox);
    const file = join(sandbox.repo, "clients", "codex", "runtime", "config.toml");
    await Deno.writeTextFile(file, "# not committed\n");
  }),
  "sync.unknown_backup": command(["sync", "undo", "yesterday"], push),
  "sync.write_failed": async () => {
    await using sandbox = await openSyncSandbox();
    const file = join(sandbox.userHome, "no-folder", "file");
    return sayError(await failing(() => replaceFile(file, { before: undefined, after: "" })), {
      [sandbox.userHome]: "$HOME",
    });
  },
};
