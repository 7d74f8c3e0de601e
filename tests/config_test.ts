/**
 * `agentos config` as its user meets it, beside what the story in `scripts/17-settings.txt` tells: modes, links, editors,
 * files that are broken, and what reaches a script.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { NAMES } from "../src/config/keys.ts";
import { findProgram, openSyncSandbox, type SyncSandbox } from "./sync_sandbox.ts";

const unix = { ignore: Deno.build.os === "windows" };

async function readConfig({ state }: SyncSandbox): Promise<string> {
  return await Deno.readTextFile(join(state, "config.toml"));
}

async function writeConfig({ state }: SyncSandbox, text: string): Promise<void> {
  await Deno.mkdir(state, { recursive: true, mode: 0o700 });
  await Deno.writeTextFile(join(state, "config.toml"), text);
}

/** An editor that does what `script` says to the file in `$1`. */
async function makeEditor({ bin }: SyncSandbox, script: string): Promise<void> {
  await Deno.writeTextFile(join(bin, "my-editor"), `#!/bin/sh\n${script}\n`);
  await Deno.chmod(join(bin, "my-editor"), 0o755);
}

/** The text that was kept beside the settings, which is taken away. */
async function takeKept({ state }: SyncSandbox): Promise<string> {
  const kept = [...Deno.readDirSync(state)].filter(({ name }) => name !== "config.toml");
  assert.equal(kept.length, 1);
  const path = join(state, kept[0]?.name ?? "");
  assert.equal(((await Deno.stat(path)).mode ?? 0) & 0o777, 0o600);
  const text = await Deno.readTextFile(path);
  await Deno.remove(path);
  return text;
}

Deno.test("config set makes the file for its user alone, and keeps it so", unix, async () => {
  await using sandbox = await openSyncSandbox();
  assert.equal((await sandbox.run("config", "set", "server.port", "9000")).code, 0);
  const file = join(sandbox.state, "config.toml");
  assert.equal(((await Deno.stat(file)).mode ?? 0) & 0o777, 0o600);
  await Deno.chmod(file, 0o644);
  assert.equal((await sandbox.run("config", "set", "server.port", "9001")).code, 0);
  assert.equal(((await Deno.stat(file)).mode ?? 0) & 0o777, 0o600);
  assert.deepEqual([...Deno.readDirSync(sandbox.state)].map(({ name }) => name), ["config.toml"]);
});

Deno.test(
  "config set writes through a link, as people have who keep their settings in a repository",
  unix,
  async () => {
    await using sandbox = await openSyncSandbox();
    await writeConfig(sandbox, "");
    const real = join(sandbox.userHome, "dotfiles.toml");
    await Deno.writeTextFile(real, "# mine\n");
    await Deno.remove(join(sandbox.state, "config.toml"));
    await Deno.symlink(real, join(sandbox.state, "config.toml"));
    assert.equal((await sandbox.run("config", "set", "server.port", "9000")).code, 0);
    assert.equal(await Deno.readTextFile(real), "# mine\n\n[server]\nport = 9000\n");
    assert.equal(await Deno.readLink(join(sandbox.state, "config.toml")), real);
  },
);

Deno.test(
  "a config.toml that cannot be read is named by every command, and waited for by none",
  unix,
  async () => {
    await using sandbox = await openSyncSandbox();
    await writeConfig(sandbox, "");
    const file = join(sandbox.state, "config.toml");
    const made = [
      ["it is a link to nothing", () => Deno.symlink("nowhere", file)],
      ["it is a link to nothing", () => Deno.symlink("config.toml", file)],
      [
        "it is no regular file",
        async () => await new Deno.Command(await findProgram("mkfifo"), { args: [file] }).output(),
      ],
    ] as const;
    for (const [reason, make] of made) {
      await Deno.remove(file);
      await make();
      for (const words of ["config get server.port", "config set server.port 9000", "sync check"]) {
        const { code, stderr } = await sandbox.runFor(20_000, ...words.split(" "));
        assert.equal(code, 2, `${words}: ${stderr}`);
        assert.ok(stderr.includes(`${file}: Cannot read the settings: ${reason}`), `${words}: ${stderr}`);
      }
    }
  },
);

Deno.test("config list names every setting; its JSON has the values that hold", async () => {
  await using sandbox = await openSyncSandbox({ env: { AGENTOS_PORT: "9999" } });
  await writeConfig(sandbox, "[server]\nport = 1\nlog_file = true\n");
  const { stdout } = await sandbox.run("config", "list");
  for (const name of NAMES) if (!name.includes("*")) assert.match(stdout, new RegExp(`^${name} `, "m"));
  const answer: { settings: { key: string; value: unknown; from: string }[] } = JSON.parse(
    (await sandbox.run("config", "list", "--json")).stdout,
  );
  const row = (key: string): unknown => answer.settings.find((setting) => setting.key === key);
  assert.deepEqual(row("server.port"), { key: "server.port", value: 9999, from: "AGENTOS_PORT" });
  assert.deepEqual(row("server.log_file"), {
    key: "server.log_file",
    value: true,
    from: `${join(sandbox.state, "config.toml")}:3`,
  });
  const { stdout: said, stderr } = await sandbox.run("config", "set", "server.port", "2");
  assert.equal(said, "server.port = 2\n");
  assert.match(stderr, /AGENTOS_PORT is set here, and goes before the file/);
});

Deno.test("config get answers a script: one item a line, JSON on request, exit 1 for nothing", async () => {
  await using sandbox = await openSyncSandbox();
  await writeConfig(sandbox, '[server]\nroots = ["/a b", "/c"]\n');
  assert.deepEqual(await sandbox.run("config", "get", "server.roots"), {
    code: 0,
    stdout: "/a b\n/c\n",
    stderr: "",
  });
  assert.equal((await sandbox.run("config", "get", "server.roots", "--json")).stdout, '["/a b","/c"]\n');
  assert.deepEqual(await sandbox.run("config", "get", "server.ext_dir"), { code: 1, stdout: "", stderr: "" });
});

Deno.test("config edit puts a right file in place and refuses a wrong one with its place", unix, async () => {
  await using sandbox = await openSyncSandbox({ env: { VISUAL: "'my-editor' --wait" } });
  await writeConfig(sandbox, "# mine\n[server]\nport = 1\n");
  await makeEditor(sandbox, `test "$1" = --wait && echo 'log_file = true' >> "$2"`);
  assert.deepEqual((await sandbox.run("config", "edit")).code, 0);
  assert.equal(await readConfig(sandbox), "# mine\n[server]\nport = 1\nlog_file = true\n");

  await makeEditor(sandbox, `echo 'log_fil = true' >> "$2"`);
  const wrong = await sandbox.run("config", "edit");
  assert.equal(wrong.code, 2);
  assert.match(
    wrong.stderr,
    /^error: (.*\/config\.toml\.\w+\.toml):5:1: There is no setting server\.log_fil\nhint: Did you mean server\.log_file\? What you wrote is kept in \1\.\n$/,
  );
  assert.match(await takeKept(sandbox), /\nlog_fil = true\n$/);
  assert.equal(await readConfig(sandbox), "# mine\n[server]\nport = 1\nlog_file = true\n");

  await makeEditor(sandbox, "exit 3");
  const failed = await sandbox.run("config", "edit");
  assert.equal(failed.code, 130);
  assert.match(failed.stderr, /The editor ended with exit code 3; nothing was changed/);

  await makeEditor(sandbox, ":");
  assert.match((await sandbox.run("config", "edit")).stderr, /nothing was changed/);
  await makeEditor(sandbox, `echo '# other' >> ${join(sandbox.state, "config.toml")}; echo '# me' >> "$2"`);
  const raced = await sandbox.run("config", "edit");
  assert.equal(raced.code, 2);
  assert.match(raced.stderr, /another program wrote it just now/);
  assert.match(raced.stderr, /What you wrote is kept in /);
  assert.match(await takeKept(sandbox), /# me\n$/);
  assert.ok((await readConfig(sandbox)).endsWith("# other\n"));
  assert.deepEqual([...Deno.readDirSync(sandbox.state)].map(({ name }) => name), ["config.toml"]);
});

Deno.test("an editor that nobody chose is not started where there is no terminal", unix, async () => {
  await using sandbox = await openSyncSandbox();
  await writeConfig(sandbox, "# mine\n");
  await Deno.writeTextFile(join(sandbox.bin, "nano"), "#!/bin/sh\necho started\n", { mode: 0o755 });
  await Deno.writeTextFile(join(sandbox.repo, "context-portfolio", "identity.md"), "# Identity\n");
  for (
    const [words, file] of [
      ["config edit", join(sandbox.state, "config.toml")],
      ["portfolio edit identity", join(sandbox.repo, "context-portfolio", "identity.md")],
    ] as const
  ) {
    const { code, stdout, stderr } = await sandbox.runFor(20_000, ...words.split(" "));
    assert.equal(code, 2, stderr);
    assert.equal(stdout, "");
    assert.match(stderr, /^error: Cannot open an editor: there is no terminal, and EDITOR is not set\n/);
    assert.ok(stderr.endsWith(`or change the file itself: ${file}\n`), stderr);
  }
  assert.deepEqual([...Deno.readDirSync(sandbox.state)].map(({ name }) => name), ["config.toml"]);
});

Deno.test("config set and unset may take two steps, and say what is missing in between", unix, async () => {
  await using sandbox = await openSyncSandbox();
  const provider = (key: string): string => `gateway.providers.a.${key}`;
  const begun = await sandbox.run("config", "set", provider("wire"), "chat");
  assert.equal(begun.code, 0, begun.stderr);
  assert.match(begun.stderr, /The provider "a" has no base_url yet; the server does not start before that/);
  const done = await sandbox.run("config", "set", provider("base_url"), "https://a.example/v1");
  assert.deepEqual([done.code, done.stderr], [0, ""]);
  const halved = await sandbox.run("config", "unset", provider("base_url"));
  assert.equal(halved.code, 0);
  assert.match(halved.stderr, /does not start with what is left: The provider "a" has no base_url\n/);
  assert.deepEqual((await sandbox.run("config", "unset", provider("wire"))).stderr, "");
});

Deno.test("config set refuses what it brings, and nothing for what was wrong before", unix, async () => {
  await using sandbox = await openSyncSandbox();
  const wrong = '[gateway]\nenabled = false\n\n[gateway.providers.a]\nbase_url = "http://a.example"\n';
  await writeConfig(sandbox, `[server]\nroots = ["/gone"]\n\n${wrong}`);
  assert.equal((await sandbox.run("config", "set", "server.port", "9000")).code, 0);
  assert.equal((await sandbox.run("config", "set", "gateway.providers.b.wire", "chat")).code, 0);
  const on = await sandbox.run("config", "set", "gateway.enabled", "true");
  assert.equal(on.code, 2);
  assert.match(on.stderr, /http:\/\/a\.example would send your key unencrypted/);
  assert.ok(
    (await readConfig(sandbox)).endsWith(
      'base_url = "http://a.example"\n\n[gateway.providers.b]\nwire = "chat"\n',
    ),
  );
  const turnedOn = await sandbox.run("config", "unset", "gateway.enabled");
  assert.equal(turnedOn.code, 0);
  assert.match(turnedOn.stderr, /does not start with what is left: http:\/\/a\.example would send/);
});

Deno.test(
  "one of two mistakes is mended by its own key, and the other is named where it stands now",
  unix,
  async () => {
    await using sandbox = await openSyncSandbox();
    const file = join(sandbox.state, "config.toml");
    const both = '[server]\nprot = 1\nport = "x"\n';
    await writeConfig(sandbox, both);
    const list = await sandbox.run("config", "list");
    assert.equal(list.code, 2);
    assert.match(
      list.stderr,
      /config\.toml:2:1: There is no setting server\.prot; line 3: server\.port must be .*\nhint: Did you mean server\.port\? Mend it with "agentos config edit"\.\n$/,
    );
    const port = "server.port must be a whole number from 0 to 65535";
    const unset = await sandbox.run("config", "unset", "server.prot");
    assert.equal(unset.code, 0, unset.stderr);
    assert.equal(unset.stderr, `agentos: a mistake stays in ${file}:2: ${port}\n`);
    assert.equal(await readConfig(sandbox), '[server]\nport = "x"\n');

    await writeConfig(sandbox, both);
    const set = await sandbox.run("config", "set", "server.port", "8787");
    assert.equal(set.code, 0, set.stderr);
    assert.equal(set.stderr, `agentos: a mistake stays in ${file}:2: There is no setting server.prot\n`);
    const other = await sandbox.run("config", "set", "server.log_file", "true");
    assert.equal(other.code, 0, other.stderr);
    assert.deepEqual(await sandbox.run("config", "unset", "server.prot"), {
      code: 0,
      stdout: "",
      stderr: "",
    });
    assert.equal(await readConfig(sandbox), "[server]\nport = 8787\nlog_file = true\n");
  },
);

Deno.test("a name with dots that stands without quotes is told how to stand", unix, async () => {
  await using sandbox = await openSyncSandbox();
  const key = (name: string): string => `gateway.limits.${name}.max_requests_per_minute`;
  const { code, stderr } = await sandbox.run("config", "set", key("moonshotai/kimi-k2.5"), "20");
  assert.equal(code, 2);
  const quoted = key('"moonshotai/kimi-k2.5"');
  assert.match(
    stderr,
    /^error: There is no setting gateway\.limits\.moonshotai.*: the dots in the name part it\n/,
  );
  assert.ok(stderr.endsWith(`all of it for the shell: '${quoted}'\n`), stderr);
  assert.equal((await sandbox.run("config", "set", quoted, "20")).code, 0);
  const provider = await sandbox.run("config", "get", "gateway.providers.my.own.wire");
  assert.match(provider.stderr, /'gateway\.providers\."my\.own"\.wire'\n$/);
  const nonsense = await sandbox.run("config", "get", "gateway.limits.a.b.c");
  assert.doesNotMatch(nonsense.stderr, /quotes/);
});

Deno.test("config edit takes no file that a server would refuse", unix, async () => {
  await using sandbox = await openSyncSandbox({ env: { VISUAL: "my-editor" } });
  await writeConfig(sandbox, "[server]\nport = 1\n");
  for (
    const [line, said] of [
      ["roots = ['/']", 'config.toml:3: Cannot use "/" as a root: it holds the whole system'],
      ["read_only_roots = ['/gone']", 'config.toml:3: The folder "/gone" is not there'],
      ["ext_dir = '/gone'", 'config.toml:3: The folder "/gone" is not there'],
      ["[gateway.providers.a]\nbase_url = 'http://a.example'", "config.toml:4: http://a.example would send"],
      ["[gateway.providers.a]\nwire = 'chat'", 'config.toml:4: The provider "a" has no base_url'],
    ] as const
  ) {
    await Deno.writeTextFile(join(sandbox.folder, "added"), `${line}\n`);
    await makeEditor(
      sandbox,
      `while IFS= read -r line; do echo "$line"; done < ${sandbox.folder}/added >> "$1"`,
    );
    const { code, stderr } = await sandbox.run("config", "edit");
    assert.equal(code, 2, stderr);
    assert.ok(stderr.replace(/\.\w{8}\.toml:/, ":").includes(said), stderr);
    assert.equal(await readConfig(sandbox), "[server]\nport = 1\n");
    assert.equal(await takeKept(sandbox), `[server]\nport = 1\n${line}\n`);
  }
});

for (
  const [what, text] of [["is not TOML", "[server\n"], ["is not UTF-8", "\xff"], [
    "has a wrong key",
    "x = 1\n",
  ]]
) {
  Deno.test(`a settings file that ${what} stops every command that needs it, with its place`, async () => {
    await using sandbox = await openSyncSandbox();
    await Deno.mkdir(sandbox.state, { mode: 0o700 });
    const file = join(sandbox.state, "config.toml");
    // An edit of another key goes on where the file can be read at all.
    const set = what === "has a wrong key" ? [] : [["config", "set", "server.port", "1"]];
    await Deno.writeFile(file, Uint8Array.from(text ?? "", (letter) => letter.charCodeAt(0)));
    for (
      const words of [["config", "list"], ...set, ["status"], ["sync", "check"]]
    ) {
      const { code, stderr } = await sandbox.run(...words);
      assert.equal(code, 2, `${words.join(" ")}: ${stderr}`);
      assert.match(stderr, /^error: (?:Cannot tell whether all is well: )?\//);
      assert.ok(stderr.includes(file), stderr);
    }
    assert.equal((await Deno.readFile(file)).length, text?.length);
  });
}
