/**
 * `agentos service` and the real systemd: every line of the unit is one that it knows, and a user's manager starts,
 * watches, stops and forgets the compiled executable.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { MANAGERS } from "../../src/service/mod.ts";
import { freePort } from "../free_port.ts";
import { findExecutable } from "./agentos.ts";
import { runProgram } from "./program.ts";
import { CAN_RUN_USER_SYSTEMD, makeSystemdUser, type SystemdUser } from "./user_systemd.ts";

const HAS_ANALYZE = await runProgram({ path: "systemd-analyze", args: ["--version"], cwd: "/", env: {} })
  .then(({ code }) => code === 0, () => false);

/** Folders with everything in their name that systemd could take for its own. */
const ODD_NAMES = [
  "plain",
  "with space",
  "100%s %h",
  "$HOME ${PATH}",
  `it's "quoted"`,
  "back\\slash\\n",
  "ünï – 字",
];

Deno.test(
  "systemd understands every line of the unit, whatever paths are in it",
  { ignore: !HAS_ANALYZE },
  async () => {
    const folder = await Deno.makeTempDir({ prefix: "agentos-unit-" });
    try {
      await Deno.mkdir(join(folder, "runtime"), { mode: 0o700 });
      const executable = join(folder, "a b 100%", "agentos$x");
      await Deno.mkdir(join(executable, ".."));
      await Deno.copyFile("/bin/true", executable);
      const paths = ODD_NAMES.map((name) => join(folder, name));
      const place = { home: folder, configFolder: folder, stateFolder: folder, uid: 0, user: "" };
      const unit = MANAGERS.systemd.render({
        executable,
        args: ["serve", ...paths.map((path) => `--root=${path}`)],
        environment: { PATH: paths.join(":") },
        walls: { writable: paths, readOnly: paths, privateTmp: true },
      }, place);
      const file = join(folder, "agentos.service");
      const verify = async (text: string): Promise<{ code: number; said: string }> => {
        await Deno.writeTextFile(file, text);
        const { code, stdout, stderr } = await runProgram({
          path: "systemd-analyze",
          args: ["verify", "--user", "--man=no", file],
          cwd: folder,
          env: { HOME: folder, XDG_RUNTIME_DIR: join(folder, "runtime") },
        });
        return { code, said: stdout + stderr };
      };
      assert.deepEqual(await verify(unit), { code: 0, said: "" });
      // What it would say of a line that it does not know.
      assert.match((await verify(`${unit}\n[Service]\nProtectEverything=yes\n`)).said, /ProtectEverything/);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);

/** Puts a copy of the executable into the user's home, under a path with a space, and answers where they see it. */
async function copyExecutable(user: SystemdUser): Promise<string> {
  const folder = join(user.home, "bin dir");
  await Deno.mkdir(folder);
  const { uid, gid } = await Deno.stat(user.home);
  await Deno.chown(folder, uid, gid);
  const path = join(folder, "agentos");
  await Deno.copyFile(await findExecutable(), path);
  await Deno.chmod(path, 0o755);
  return "/home/ada/bin dir/agentos";
}

/** Shell functions for the scripts below. */
const PRELUDE = `
set -u
say() { printf '%s\\n' "$*"; }
main_pid() { systemctl --user show agentos --property=MainPID --value; }
expect() { want=$1; shift; "$@"; got=$?; [ "$got" = "$want" ] || { say "FAILED ($got): $*"; exit 1; }; }
await() { for try in $(seq 100); do "$@" >/dev/null 2>&1 && return; sleep 0.1; done; say "NEVER: $*"; exit 1; }
`;

Deno.test(
  "a user's systemd starts the service when it answers, again after a crash, and never after a mistake",
  {
    ignore: !CAN_RUN_USER_SYSTEMD,
  },
  async () => {
    await using user = await makeSystemdUser();
    const agentos = await copyExecutable(user);
    const { code, stdout, stderr } = await user.run(
      `${PRELUDE}
    mkdir -p "$HOME/work 100%" "$HOME/docs"
    expect 0 "$AGENTOS" service install --port "$PORT" --root "$HOME/work 100%" --read-only-root "$HOME/docs"
    expect 0 "$AGENTOS" service status
    say "type=$(systemctl --user show agentos --property=Type --value)"
    say "text=$(systemctl --user show agentos --property=StatusText --value)"
    say "enabled=$(systemctl --user is-enabled agentos)"

    before=$(main_pid)
    (unset XDG_RUNTIME_DIR; expect 0 "$AGENTOS" service install)
    [ "$before" = "$(main_pid)" ] && say "same process"

    kill -9 "$before"
    await "$AGENTOS" service status
    [ "$before" != "$(main_pid)" ] && say "another process"

    expect 0 "$AGENTOS" service stop
    expect 1 "$AGENTOS" service status
    say "stopped with $(systemctl --user show agentos --property=ExecMainStatus --value)"

    rmdir "$HOME/docs"
    expect 2 "$AGENTOS" service start
    sleep 3
    say "restarts=$(systemctl --user show agentos --property=NRestarts --value)"
    say "state=$(systemctl --user is-failed agentos) exit=$(systemctl --user show agentos --property=ExecMainStatus --value)"
    mkdir "$HOME/docs"
    expect 0 "$AGENTOS" service start

    mv "$AGENTOS" "$AGENTOS.moved"
    systemctl --user restart agentos
    "$AGENTOS.moved" service status
    expect 0 "$AGENTOS.moved" service install
    expect 0 "$AGENTOS.moved" service status
    mv "$AGENTOS.moved" "$AGENTOS"

    expect 0 "$AGENTOS" service uninstall
    expect 1 "$AGENTOS" service status
    expect 0 "$AGENTOS" service uninstall
    say "left: $(cd "$HOME" && find . -name '*agentos*' ! -path './.agentos*' ! -path './bin dir*')"
    `,
      { AGENTOS: agentos, PORT: String(freePort()) },
    );
    assert.equal(code, 0, stdout + stderr);
    for (
      const line of [
        /^type=notify$/m,
        /^text=Serving$/m,
        /^enabled=enabled$/m,
        /^same process$/m,
        /^another process$/m,
        /^stopped with 0$/m,
        /^restarts=0$/m,
        /^state=failed exit=2$/m,
        /^next {5}its executable is gone: run "agentos service install"/m,
        /^left: $/m,
      ]
    ) assert.match(stdout, line, stdout + stderr);
  },
);

Deno.test("behind the unit's walls tools write the roots, and what they start writes nothing else", {
  ignore: !CAN_RUN_USER_SYSTEMD,
}, async () => {
  await using user = await makeSystemdUser();
  const agentos = await copyExecutable(user);
  const { code, stdout, stderr } = await user.run(
    `${PRELUDE}
    git config --global user.name Ada && git config --global user.email ada@example.org
    git init --quiet "$HOME/work" && mkdir -p "$HOME/work/fixed" "$HOME/private"
    printf '#!/bin/sh\\ntouch "$HOME/private/hook"; echo "hook ended with $?" >"$HOME/work/hook"\\n' \\
      >"$HOME/work/.git/hooks/pre-commit"
    chmod 755 "$HOME/work/.git/hooks/pre-commit"
    expect 0 "$AGENTOS" service install --port "$PORT" --walls --allow-run git \\
      --root "$HOME/work" --read-only-root "$HOME/work/fixed" --trust-repo "$HOME/work"
    call() {
      printf '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"%s","arguments":%s}}' "$1" "$2" |
        curl -s "http://127.0.0.1:$PORT/mcp" -H "Authorization: Bearer $(cat "$HOME/.agentos/token")" \\
          -H 'content-type: application/json' -H 'accept: application/json, text/event-stream' -d @-
      echo
    }
    call agentOS_fs_write "{\\"path\\":\\"$HOME/work/a.txt\\",\\"content\\":\\"hi\\"}"
    call agentOS_git_commit "{\\"cwd\\":\\"$HOME/work\\",\\"message\\":\\"Add a\\"}"
    say "log: $(git -C "$HOME/work" log --format=%s)"
    say "$(cat "$HOME/work/hook")"
    [ -e "$HOME/private/hook" ] || say "nothing outside"
    call agentOS_fs_write "{\\"path\\":\\"$HOME/work/fixed/b.txt\\",\\"content\\":\\"hi\\"}"
    for folder in "$HOME" "$HOME/work" "$HOME/work/fixed" "$HOME/.agentos" /tmp; do
      say "$folder $(awk -v at="$folder" '$5 == at { print substr($6, 1, 2) }' "/proc/$(main_pid)/mountinfo" | tail -1)"
    done
    expect 0 "$AGENTOS" service uninstall
    `,
    { AGENTOS: agentos, PORT: String(freePort()) },
  );
  assert.equal(code, 0, stdout + stderr);
  for (
    const line of [
      /Created .*a\.txt/,
      /^log: Add a$/m,
      /^hook ended with 1$/m,
      /^nothing outside$/m,
      /path\.read_only/,
      /^\/home\/ada\/work rw$/m,
      /^\/home\/ada\/work\/fixed ro$/m,
      /^\/home\/ada\/\.agentos rw$/m,
      /^\/tmp rw$/m,
    ]
  ) assert.match(stdout, line, stdout + stderr);
});

const HAS_SSH_PARTS = await Deno.stat("/etc/ssh/ssh_config.d").then(
  ({ isDirectory }) => isDirectory,
  () => false,
);

Deno.test("where ssh would refuse its own configuration behind walls, the unit puts up none and says so", {
  ignore: !CAN_RUN_USER_SYSTEMD || !HAS_SSH_PARTS,
}, async () => {
  await using user = await makeSystemdUser();
  const agentos = await copyExecutable(user);
  const { code, stdout, stderr } = await user.run(
    `${PRELUDE}
    units="$HOME/.config/systemd/user"
    mkdir -p "$units" "$HOME/work"
    for walls in no yes; do
      printf '[Service]\\nType=oneshot\\nExecStart=ssh -G host\\nPrivateUsers=%s\\nStandardError=file:%s/ssh-%s\\n' \\
        "$walls" "$HOME" "$walls" >"$units/ssh-$walls.service"
    done
    systemctl --user daemon-reload
    expect 0 systemctl --user start ssh-no
    expect 1 systemctl --user start ssh-yes
    say "ssh: $(cat "$HOME/ssh-yes")"

    expect 0 "$AGENTOS" service install --port "$PORT" --root "$HOME/work"
    grep -q ProtectSystem "$units/agentos.service" || say "no walls"
    expect 0 "$AGENTOS" service install --port "$PORT" --root "$HOME/work" --allow-run npm
    grep -q ProtectSystem "$units/agentos.service" || say "what was decided stays"
    expect 0 "$AGENTOS" service install --walls --port "$PORT" --root "$HOME/work"
    expect 0 "$AGENTOS" service install
    grep -q ProtectSystem "$units/agentos.service" && say "what was asked for stays"
    expect 0 "$AGENTOS" service uninstall
    `,
    { AGENTOS: agentos, PORT: String(freePort()), SSH_PART: "Host *" },
  );
  assert.equal(code, 0, stdout + stderr);
  assert.match(stdout, /^ssh: Bad owner or permissions on \/etc\/ssh\/ssh_config\.d\/50-test\.conf/m);
  assert.match(stderr, /^notice: the unit puts no walls around files: .*50-test\.conf.* add --walls\.$/m);
  assert.match(stdout, /^no walls$/m);
  assert.match(stdout, /^what was decided stays$/m);
  assert.match(stdout, /^what was asked for stays$/m);
  assert.match(stderr, /^notice: behind the unit's walls git cannot push over SSH .* add --no-walls\.$/m);
});
