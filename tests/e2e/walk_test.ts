/**
 * The whole way of a user, from an empty HOME with nothing but the executable on PATH to a HOME without agentos: init,
 * service, sync, the real Codex calling tools, usage, a new token, and everything taken away again. It runs under a real
 * systemd of the user's own; what is left in the end is what README says.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { z } from "zod";
import { freePort } from "../free_port.ts";
import { snapshot } from "../sync_sandbox.ts";
import { findExecutable } from "./agentos.ts";
import { findCodex } from "./codex.ts";
import { startFakeModel } from "./fake_model.ts";
import { CAN_RUN_USER_SYSTEMD, makeSystemdUser } from "./user_systemd.ts";

const NAMESPACE = "mcp__agentOS_portfolio";

/** The way, step by step; each step's output stands below its line. */
const WALK = `
set -u
step() { printf '\\n== %s\\n' "$*"; }
must() { "$@" || { printf 'FAILED (%s): %s\\n' "$?" "$*"; exit 1; }; }
answers() { want=$1; shift; "$@"; got=$?; [ "$got" = "$want" ] || { printf 'FAILED (%s, not %s): %s\\n' "$got" "$want" "$*"; exit 1; }; }
codex_session() { must codex exec --skip-git-repo-check --json --profile planner "Follow the script."; }

step before
answers 1 agentos status
answers 1 agentos service status

step init
must agentos init "$HOME/agentos-home" --root "$HOME/src" --yes
# The one thing that this user does otherwise: their model is somewhere else.
must sed -i "s|^base_url = .*|base_url = \\"$MODEL\\"|" "$HOME/agentos-home/clients/codex/config-fragment.toml"

step service
must agentos config set server.port "$PORT"
must agentos service install
must agentos service status

step push
must agentos sync push
must agentos sync check
agentos status

step codex
cd "$HOME/src"
codex_session

step usage
must agentos usage --json

step rotate
old=$(cat "$HOME/.agentos/token")
must agentos token rotate
[ "$old" != "$(cat "$HOME/.agentos/token")" ] && echo "another token"
must agentos sync check

step codex again
codex_session

step clean
must agentos sync clean --yes --no-deploy
must agentos service uninstall
answers 1 agentos service status
`;

Deno.test("from an empty HOME to a tool call and back, and nothing is left but what README says", {
  ignore: !CAN_RUN_USER_SYSTEMD,
}, async () => {
  await using user = await makeSystemdUser({ asRoot: true });
  const bin = join(user.folder, "bin");
  await Deno.mkdir(bin);
  await Deno.symlink(await findExecutable(), join(bin, "agentos"));
  await Deno.symlink(await findCodex(), join(bin, "codex"));
  await Deno.mkdir(join(user.home, "src"));
  await Deno.writeTextFile(join(user.home, "src", "notes.md"), "# Notes\n\nThe answer is 42.\n");
  const before = snapshot(user.home);

  const model = startFakeModel((outputs) =>
    outputs.length > 0 ? { say: outputs.map(({ text }) => text).join("\n") } : {
      calls: [
        { namespace: NAMESPACE, name: "list_portfolio_files", arguments: {} },
        { namespace: NAMESPACE, name: "agentOS_fs_read", arguments: { path: "/home/ada/src/notes.md" } },
      ],
    }
  );
  try {
    const { code, stdout, stderr } = await user.run(WALK, {
      PATH: `${bin}:${Deno.env.get("PATH") ?? ""}`,
      PORT: String(freePort()),
      MODEL: model.baseUrl,
      OPENROUTER_API_KEY: "sk-or-not-a-real-key",
    }, 240_000);
    assert.equal(code, 0, stdout + stderr);
    assert.deepEqual(model.scriptErrors, []);
    const steps = readSteps(stdout);
    assert.deepEqual([...steps.keys()], [
      "before",
      "init",
      "service",
      "push",
      "codex",
      "usage",
      "rotate",
      "codex again",
      "clean",
    ]);
    assert.match(steps.get("service") ?? "", /^serving .*\/mcp/m);
    for (const step of ["codex", "codex again"]) {
      const said = steps.get(step) ?? "";
      assert.match(said, /The answer is 42/, `${step}: ${said}\n${stderr}`);
      assert.match(said, /identity/, step);
    }
    const usage = Usage.parse(JSON.parse(steps.get("usage") ?? ""));
    // Two responses of a hundred in and ten out, as the scripted model counts them.
    assert.deepEqual(usage.totals, { ...usage.totals, responses: 2, inputTokens: 200, outputTokens: 20 });
    assert.match(steps.get("rotate") ?? "", /^another token$/m);
  } finally {
    await model.close();
  }

  const left = Object.entries(snapshot(user.home)).filter(([path, bytes]) => before[path] !== bytes);
  assert.deepEqual(Object.keys(before).filter((path) => !Object.hasOwn(snapshot(user.home), path)), []);
  const others = left.filter(([path]) => !/^(\.agentos|agentos-home)\//.test(path));
  // What Codex keeps for itself is its own; nothing in its settings, memories and skills is ours.
  const elsewhere = others.filter(([path]) => !path.startsWith(".codex/")).map(([path]) => path);
  assert.deepEqual(elsewhere, [".config/", ".config/environment.d/"]);
  const settings = others.filter(([path]) =>
    /^\.codex\/([^/]*\.(toml|md)|memories\/|skills\/(?!\.system))/.test(path)
  );
  for (const [path, bytes] of settings) assert.doesNotMatch(bytes, /agentos/i, path);
});

/** What is read of `agentos usage --json`. */
const Usage = z.looseObject({
  totals: z.looseObject({ responses: z.number(), inputTokens: z.number(), outputTokens: z.number() }),
});

function readSteps(stdout: string): ReadonlyMap<string, string> {
  return new Map(
    stdout.split(/^== /m).slice(1).map((part) => {
      const end = part.indexOf("\n");
      return [part.slice(0, end), part.slice(end + 1).trim()];
    }),
  );
}
