/**
 * Whole stories of commands, as text files that read like a terminal: `scripts/*.txt`.
 *
 * A script is a run of steps, each with the lines that follow it up to the next:
 *
 *     == home PATH          puts a file into the client's home (CODEX_HOME)
 *     == repo PATH          puts a file into the home repo
 *     == state PATH         puts a file into the state folder
 *     == after PATH         what a file of the home must hold now
 *     == kept PATH          what a file of the state folder must hold now
 *     == pulled PATH        what a file that was pulled into the repo must hold now
 *     == tree               the files that the home must hold now, one a line
 *     $ agentos WORDS       runs; the lines are all that it says (stdout, then stderr), `[2]` is its exit code
 *     $ rm home|repo|bin PATH  removes a file, a folder or a program
 *     $ replace home|repo|state PATH: OLD => NEW
 *     $ install codex VERSION
 *     $ commit              commits the repo as it is
 *     $ other repo          goes on with a copy of the repo in another folder
 *
 * Lines before the first step say what the story is about. Folders, run ids and the name of a home's record are shown as `$USER`, `$REPO`, `ID` and `HOME`.
 * `UPDATE=1 deno test -A tests/scripts_test.ts` writes what was said and found into the scripts; read the difference.
 *
 * @module
 */

import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { runGit } from "./e2e/program.ts";
import { openSyncSandbox, snapshot, type SyncSandbox } from "./sync_sandbox.ts";

const FOLDER = join(import.meta.dirname ?? ".", "scripts");
const IS_UPDATE = Deno.env.get("UPDATE") === "1";

interface Step {
  /** The whole first line. */
  readonly head: string;
  readonly body: string;
}

function parseScript(text: string): { readonly about: string; readonly steps: readonly Step[] } {
  const [about = "", ...parts] = text.split(/^(?=\$ |== )/m);
  const steps = parts.map((part) => {
    const at = part.indexOf("\n");
    return { head: part.slice(0, at), body: part.slice(at + 1).replace(/\n\n$/, "\n").replace(/^\n$/, "") };
  });
  return { about, steps };
}

function renderScript(about: string, steps: readonly Step[]): string {
  return about + steps.map(({ head, body }) => `${head}\n${body}`).join("\n");
}

/** A story while it is played. */
interface Stage {
  readonly sandbox: SyncSandbox;
  repo: string;
}

function shorten({ sandbox, repo }: Stage, text: string): string {
  return text.replaceAll(sandbox.userHome, "$USER").replaceAll(repo, "$REPO").replaceAll(
    sandbox.folder,
    "$FOLDER",
  )
    .replace(/\d{8}T\d{6,9}Z-[0-9a-f]{4}/g, "ID")
    .replace(/codex-[0-9a-f]{8}\.json/g, "codex-HOME.json");
}

function placeOf({ sandbox, repo }: Stage, place: string): string {
  switch (place) {
    case "home":
      return sandbox.home;
    case "repo":
      return repo;
    case "state":
      return sandbox.state;
    case "bin":
      return sandbox.bin;
    default:
      throw new Error(`no such place: ${place}`);
  }
}

/** A path whose last part may be `*`: the only file there. */
function findFile(folder: string, path: string): string {
  if (!path.endsWith("/*")) return join(folder, path);
  const parent = join(folder, path.slice(0, -2));
  const [only, ...others] = [...Deno.readDirSync(parent)];
  if (only === undefined || others.length > 0) throw new Error(`not one file in ${parent}`);
  return join(parent, only.name);
}

/** Plays one step and answers its lines as they should be. */
async function play(stage: Stage, { head, body }: Step): Promise<string> {
  const [sign = "", verb = "", ...words] = head.split(" ");
  const rest = words.join(" ");
  if (sign === "==") {
    switch (verb) {
      case "home":
      case "state":
      case "repo": {
        const file = join(placeOf(stage, verb), rest);
        // The state folder is refused when others may write to it.
        await Deno.mkdir(dirname(file), { recursive: true, ...(verb === "state" ? { mode: 0o700 } : {}) });
        await Deno.writeTextFile(file, body);
        return body;
      }
      case "after":
        return shorten(stage, await Deno.readTextFile(join(stage.sandbox.home, rest)));
      case "kept":
        return shorten(stage, await Deno.readTextFile(join(stage.sandbox.state, rest)));
      case "pulled":
        return shorten(stage, await Deno.readTextFile(join(stage.repo, "clients", "codex", "runtime", rest)));
      case "tree":
        return Object.keys(snapshot(stage.sandbox.home)).sort().map((path) => `${path}\n`).join("");
    }
    throw new Error(`no such step: ${head}`);
  }
  switch (verb) {
    case "agentos": {
      const { code, stdout, stderr } = await stage.sandbox.runWith(stage.repo, ...words);
      return shorten(stage, `${stdout}${stderr}${code === 0 ? "" : `[${code}]\n`}`);
    }
    case "rm":
      await Deno.remove(join(placeOf(stage, words[0] ?? ""), words[1] ?? ""), { recursive: true });
      return "";
    case "replace": {
      const { place, path, old, text } =
        /^(?<place>\w+) (?<path>\S+): (?<old>.+) => (?<text>.+)$/.exec(rest)?.groups ?? {};
      const file = findFile(placeOf(stage, place ?? ""), path ?? "");
      const before = await Deno.readTextFile(file);
      assert.ok(before.includes(old ?? ""), `${file} does not hold ${old}`);
      await Deno.writeTextFile(file, before.replace(old ?? "", () => text ?? ""));
      return "";
    }
    case "install": {
      const file = join(stage.sandbox.bin, words[0] ?? "");
      await Deno.writeTextFile(file, `#!/bin/sh\necho ${words[0]}-cli ${words[1]}\n`);
      await Deno.chmod(file, 0o755);
      return "";
    }
    case "commit": {
      const env = { ...stage.sandbox.env, GIT_CONFIG_GLOBAL: "/dev/null" };
      const identity = ["-c", "user.name=Ada Example", "-c", "user.email=ada@example.org"];
      await runGit(stage.repo, env, "init", "--quiet");
      await runGit(stage.repo, env, "add", "-A");
      await runGit(stage.repo, env, ...identity, "commit", "--quiet", "--allow-empty", "-m", "As it is");
      return "";
    }
    case "other": {
      const other = join(stage.sandbox.folder, "other-repo");
      for (const [path, text] of Object.entries(snapshot(stage.repo))) {
        if (path.endsWith("/")) await Deno.mkdir(join(other, path), { recursive: true });
        else await Deno.writeFile(join(other, path), Uint8Array.from(text, (letter) => letter.charCodeAt(0)));
      }
      stage.repo = other;
      return "";
    }
  }
  throw new Error(`no such step: ${head}`);
}

const names = (await Array.fromAsync(Deno.readDir(FOLDER))).map(({ name }) => name).sort();

for (const name of names) {
  const file = join(FOLDER, name);
  const text = await Deno.readTextFile(file);
  const { about, steps } = parseScript(text);
  Deno.test(`${name}: ${about.split("\n", 1)[0]}`, async () => {
    await using sandbox = await openSyncSandbox();
    const stage: Stage = { sandbox, repo: sandbox.repo };
    const played: Step[] = [];
    for (const step of steps) {
      const body = await play(stage, step);
      played.push({ ...step, body });
      if (!IS_UPDATE) assert.equal(body, step.body, `${name}: ${step.head} (UPDATE=1 rewrites the script)`);
    }
    if (IS_UPDATE) await Deno.writeTextFile(file, renderScript(about, played));
    else assert.equal(renderScript(about, played), text);
  });
}
