/**
 * A release put together for real, and its install script: what is checked, what is refused, and that nothing stays
 * behind when something is wrong.
 *
 * @module
 */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import config from "../../deno.json" with { type: "json" };
import { PROJECT_FOLDER } from "./install.ts";
import { type ProgramResult, runProgram } from "./program.ts";

const ASSET = `agentos-${config.version}-linux-x64.gz`;

/** Set while a test runs; every test below works on the same release, which takes some seconds to build. */
const FOLDER = await Deno.makeTempDir({ prefix: "agentos-release-" });
const RELEASE = join(FOLDER, "release");

globalThis.addEventListener("unload", () => {
  try {
    Deno.removeSync(FOLDER, { recursive: true });
  } catch {
    // Gone already.
  }
});

let built: Promise<ProgramResult> | undefined;

/** Builds the release, once. */
async function buildRelease(): Promise<ProgramResult> {
  built ??= runProgram({
    path: Deno.execPath(),
    args: ["run", "-A", "scripts/release.ts", "--snapshot", "--output", RELEASE],
    cwd: PROJECT_FOLDER,
    env: { HOME: Deno.env.get("HOME") ?? "", DENO_DIR: Deno.env.get("DENO_DIR") ?? "" },
    timeoutMs: 300_000,
  });
  return await built;
}

/** Installs into a home that is gone afterwards; `change` may spoil a copy of the release first. */
async function install(
  options: {
    readonly from?: string;
    readonly env?: Readonly<Record<string, string>>;
    change?(release: string): void | Promise<void>;
  },
  look: (result: ProgramResult, home: string, release: string) => Promise<void> | void,
): Promise<void> {
  await buildRelease();
  const folder = await Deno.makeTempDir({ dir: FOLDER });
  const home = join(folder, "home with space");
  const release = join(folder, "release");
  await Deno.mkdir(home);
  await Deno.mkdir(release);
  for await (const { name } of Deno.readDir(RELEASE)) {
    await Deno.link(join(RELEASE, name), join(release, name));
  }
  await options.change?.(release);
  const result = await runProgram({
    path: "sh",
    args: [join(release, "install.sh")],
    cwd: home,
    env: {
      HOME: home,
      TMPDIR: folder,
      ...options.from === undefined ? {} : { AGENTOS_FROM: options.from },
      ...options.env,
    },
  });
  await look(result, home, release);
  await Deno.remove(folder, { recursive: true });
}

/** Replaces a file of a release without touching the other copies. */
async function replace(path: string, bytes: Uint8Array): Promise<void> {
  await Deno.remove(path);
  await Deno.writeFile(path, bytes);
}

Deno.test("a release holds an executable, its checksums, its parts list, its notes and its install scripts", async () => {
  const { code, stdout, stderr } = await buildRelease();
  assert.equal(code, 0, stderr);
  assert.equal(stdout, `${RELEASE}\n`);
  const names = [...Deno.readDirSync(RELEASE)].map(({ name }) => name).toSorted();
  for (
    const name of [
      "NOTES.md",
      "SHA256SUMS",
      `agentos-${config.version}.cdx.json`,
      "install.ps1",
      "install.sh",
      ASSET,
    ]
  ) {
    assert.ok(names.includes(name), name);
  }
  // Each platform is there or is said to be left out.
  for (const platform of ["linux-x64", "linux-arm64", "macos-x64", "macos-arm64", "windows-x64"]) {
    const isThere = names.some((name) => name.startsWith(`agentos-${config.version}-${platform}.`));
    assert.equal(stderr.includes(`skipped ${platform}: `), !isThere, platform);
  }
  const sums = await Deno.readTextFile(join(RELEASE, "SHA256SUMS"));
  const listed = sums.trimEnd().split("\n").map((line) => line.split("  ")[1] ?? "");
  assert.deepEqual(listed, names.filter((name) => !["SHA256SUMS", "NOTES.md"].includes(name)));
  const check = await runProgram({
    path: "sha256sum",
    args: ["--check", "--quiet", "SHA256SUMS"],
    cwd: RELEASE,
    env: {},
  });
  assert.equal(check.code, 0, check.stderr);
  assert.ok((await Deno.readTextFile(join(RELEASE, "NOTES.md"))).includes("agentos serve"));
});

Deno.test("install.sh installs the release that it lies in, over an older one too", async () => {
  await install({}, async ({ code, stdout, stderr }, home, release) => {
    assert.equal(code, 0, stderr);
    const file = join(home, ".local/bin/agentos");
    assert.match(stdout, /^agentos .* is installed as .*\nNext: /);
    assert.match(stderr, /^notice: .*\.local\/bin is not on PATH/);
    assert.equal(((await Deno.stat(file)).mode ?? 0) & 0o777, 0o755);
    assert.deepEqual([...Deno.readDirSync(join(home, ".local/bin"))].map(({ name }) => name), ["agentos"]);
    await Deno.writeTextFile(file, "older");
    const again = await runProgram({
      path: "sh",
      args: [join(release, "install.sh")],
      cwd: home,
      env: { HOME: home, PATH: `${join(home, ".local/bin")}:${Deno.env.get("PATH")}` },
    });
    assert.deepEqual([again.code, again.stderr], [0, ""]);
    const version = await runProgram({ path: file, args: ["--version"], cwd: home, env: {} });
    assert.ok(version.stdout.startsWith(`agentos ${config.version} `));
  });
});

Deno.test("install.sh run from within the release's folder, as README says it, installs that release", () =>
  install({}, async (_result, home, release) => {
    await Deno.remove(join(home, ".local"), { recursive: true });
    const env = { HOME: home, TMPDIR: home };
    const { code, stderr } = await runProgram({ path: "sh", args: ["install.sh"], cwd: release, env });
    assert.equal(code, 0, stderr);
    assert.ok((await Deno.stat(join(home, ".local", "bin", "agentos"))).isFile);
    const piped = await runProgram({ path: "sh", args: ["-c", "sh <install.sh"], cwd: release, env });
    assert.equal(piped.code, 2);
    assert.match(piped.stderr, /^error: There is no release beside this script\n/);
  }));

Deno.test("install.sh downloads, and leaves nothing when the server has less than the release says", async () => {
  await buildRelease();
  let withheld = "";
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async ({ url }) => {
    const name = new URL(url).pathname.slice(1);
    if (name === withheld) return new Response("not found", { status: 404 });
    return new Response((await Deno.open(join(RELEASE, name))).readable);
  });
  const from = `http://127.0.0.1:${server.addr.port}`;
  await install({ from }, ({ code, stderr }, home) => {
    assert.equal(code, 0, stderr);
    assert.ok(Deno.statSync(join(home, ".local/bin/agentos")).isFile);
  });
  for (withheld of ["SHA256SUMS", ASSET]) {
    await install({ from }, ({ code, stderr }, home) => {
      assert.match(stderr, new RegExp(`^error: Cannot get ${from}/${withheld}$`, "m"));
      assert.equal(code, 2);
      assert.deepEqual([...Deno.readDirSync(home)], []);
    });
  }
});

const BAD: readonly {
  readonly what: string;
  readonly says: RegExp;
  readonly change?: (release: string) => Promise<void>;
  readonly env?: Readonly<Record<string, string>>;
}[] = [
  {
    what: "one byte is another",
    says: /is not what the release says: its SHA-256 is [0-9a-f]{64}, not [0-9a-f]{64}/,
    async change(release): Promise<void> {
      const bytes = await Deno.readFile(join(release, ASSET));
      bytes[1000] = (bytes[1000] ?? 0) ^ 1;
      await replace(join(release, ASSET), bytes);
    },
  },
  {
    what: "the file is cut short",
    says: /is not what the release says/,
    async change(release): Promise<void> {
      const bytes = await Deno.readFile(join(release, ASSET));
      await replace(join(release, ASSET), bytes.subarray(0, bytes.length - 1));
    },
  },
  {
    what: "the list names nothing for this machine",
    says: /^error: This release has nothing for linux-x64$/m,
    change: (release) =>
      replace(
        join(release, "SHA256SUMS"),
        new TextEncoder().encode(`${"0".repeat(64)}  agentos-1.0.0-beos.gz\n`),
      ),
  },
  {
    what: "the list is a web page",
    says: /^error: This release has nothing for linux-x64$/m,
    change: (release) => replace(join(release, "SHA256SUMS"), new TextEncoder().encode("<html>")),
  },
  {
    what: "the list names a file elsewhere",
    says: /^error: This release has nothing for linux-x64$/m,
    change: (release) =>
      replace(
        join(release, "SHA256SUMS"),
        new TextEncoder().encode(`${"0".repeat(64)}  agentos-1/../../x-linux-x64.gz\n`),
      ),
  },
  {
    what: "what is inside is no program",
    says: /^error: (Cannot unpack|This machine cannot run) agentos-/m,
    async change(release): Promise<void> {
      const gzipped = new Blob(["no program"]).stream().pipeThrough(new CompressionStream("gzip"));
      const bytes = new Uint8Array(await new Response(gzipped).arrayBuffer());
      await replace(join(release, ASSET), bytes);
      const sha256 = createHash("sha256").update(bytes).digest("hex");
      await replace(join(release, "SHA256SUMS"), new TextEncoder().encode(`${sha256}  ${ASSET}\n`));
    },
  },
  {
    what: "the address is not https",
    says: /^error: http:\/\/example\.org\/x is not safe/,
    env: { AGENTOS_FROM: "http://example.org/x" },
  },
  {
    what: "the folder holds no release",
    says: /^error: There is no release in \/nowhere$/m,
    env: { AGENTOS_FROM: "/nowhere" },
  },
];

for (const { what, says, change, env } of BAD) {
  Deno.test(`install.sh refuses, and leaves nothing, when ${what}`, () =>
    install({ ...change === undefined ? {} : { change }, ...env === undefined ? {} : { env } }, (
      { code, stdout, stderr },
      home,
    ) => {
      assert.match(stderr, says);
      assert.match(stderr, /\nhint: .*\.\n$/);
      assert.deepEqual([code, stdout], [2, ""]);
      assert.deepEqual([...Deno.readDirSync(home)], []);
    }));
}

Deno.test("the shell scripts hold nothing that shellcheck warns of", {
  ignore: !await runProgram({ path: "shellcheck", args: ["--version"], cwd: "/", env: {} }).then(
    () => true,
    () => false,
  ),
}, async () => {
  const { code, stdout } = await runProgram({
    path: "shellcheck",
    args: ["--severity=warning", "scripts/install.sh", "tests/e2e/user_systemd.sh", ".ci/run"],
    cwd: PROJECT_FOLDER,
    env: {},
  });
  assert.equal(code, 0, stdout);
});
