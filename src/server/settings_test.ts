import assert from "node:assert/strict";
import { mergeRoots, readSettings, type SettingFlags, type SettingSources } from "./settings.ts";

const unix = { ignore: Deno.build.os === "windows" };

/** A temporary home with a few folders; `read` reads settings there. */
interface Home {
  readonly base: string;
  read(flags: SettingFlags, env?: Readonly<Record<string, string>>): ReturnType<typeof readSettings>;
}

async function withHome(body: (home: Home) => Promise<void>): Promise<void> {
  const base = Deno.realPathSync(await Deno.makeTempDir());
  try {
    for (const folder of ["home", "code/inner", "notes", "brain/context-portfolio", "brain/clients/vscode"]) {
      Deno.mkdirSync(`${base}/${folder}`, { recursive: true });
    }
    const read: Home["read"] = (flags, env = {}) => {
      const sources: SettingSources = {
        env: (name) => env[name],
        cwd: `${base}/code`,
        home: `${base}/home`,
        version: "1.2.3",
      };
      return readSettings(flags, sources);
    };
    await body({ base, read });
  } finally {
    await Deno.remove(base, { recursive: true });
  }
}

Deno.test(
  "readSettings() without flags serves the embedded portfolio on port 8787, with no roots",
  unix,
  async () => {
    await withHome(async ({ base, read }) => {
      const { settings, notices } = await read({});
      assert.deepEqual(notices, []);
      assert.equal(settings.port, 8787);
      assert.equal(settings.stateFolder, `${base}/home/.agentos`);
      assert.deepEqual(settings.portfolio, { kind: "embedded" });
      assert.deepEqual(settings.tools.roots, []);
      assert.deepEqual(settings.tools.forbidden, [settings.stateFolder]);
      assert.deepEqual(settings.tools.allowRun, ["git", "npm", "code"]);
      assert.equal(settings.tools.extensionFolder, undefined);
      assert.equal(settings.tools.pathChecks, true);
    });
  },
);

Deno.test(
  "readSettings() serves the embedded portfolio beside a home repo that only deploys",
  unix,
  async () => {
    await withHome(async ({ base, read }) => {
      Deno.mkdirSync(`${base}/deploys/clients`, { recursive: true });
      const { settings } = await read({ repo: `${base}/deploys` });
      assert.equal(settings.repo, `${base}/deploys`);
      assert.deepEqual(settings.portfolio, { kind: "embedded" });
    });
  },
);

Deno.test("readSettings() takes flags before the environment", unix, async () => {
  await withHome(async ({ base, read }) => {
    const env = {
      AGENTOS_PORT: "1234",
      AGENTOS_FS_ROOTS: `${base}/notes:${base}/code`,
      AGENTOS_REPO: `${base}/brain`,
      AGENTOS_STATE: `${base}/state`,
    };
    const named = (await read({}, env)).settings;
    assert.equal(named.port, 1234);
    assert.equal(named.stateFolder, `${base}/state`);
    assert.equal(named.repo, `${base}/brain`);
    assert.equal(named.tools.extensionFolder, `${base}/brain/clients/vscode`);
    assert.deepEqual(named.tools.roots, [
      { path: `${base}/notes`, writable: true },
      { path: `${base}/code`, writable: true },
    ]);
    const flagged =
      (await read({ port: 0, root: [`${base}/code`], readOnlyRoot: [`${base}/notes`] }, env)).settings;
    assert.equal(flagged.port, 0);
    assert.deepEqual(flagged.tools.roots, [
      { path: `${base}/code`, writable: true },
      { path: `${base}/notes`, writable: false },
    ]);
  });
});

Deno.test("readSettings() resolves the links of a root once and for all", unix, async () => {
  await withHome(async ({ base, read }) => {
    Deno.symlinkSync(`${base}/code`, `${base}/link`);
    const { settings } = await read({ root: [`${base}/link/inner/`] });
    assert.deepEqual(settings.tools.roots, [
      { path: `${base}/code/inner`, writable: true, aliases: [`${base}/link/inner`] },
    ]);
  });
});

Deno.test(
  "readSettings() keeps the names that a root was given by, where they lead to it",
  unix,
  async () => {
    await withHome(async ({ base, read }) => {
      Deno.symlinkSync(`${base}/code`, `${base}/link`);
      Deno.symlinkSync(`${base}/code/inner`, `${base}/notes/inner`);
      const rootsOf = async (root: readonly string[], env = {}): Promise<unknown> =>
        (await read({ root }, env)).settings.tools.roots;
      assert.deepEqual(await rootsOf([`${base}/link`, `${base}/code`, `${base}/link//`]), [
        { path: `${base}/code`, writable: true, aliases: [`${base}/link`] },
      ]);
      // As text this is the folder `notes`, and for the system it is `code`.
      assert.deepEqual(await rootsOf([`${base}/notes/inner/..`]), [{ path: `${base}/code`, writable: true }]);
      const here = Deno.realPathSync(".");
      Deno.symlinkSync(here, `${base}/here`);
      assert.deepEqual(await rootsOf(["."], { PWD: `${base}/here` }), [
        { path: here, writable: true, aliases: [`${base}/here`] },
      ]);
      assert.deepEqual(await rootsOf(["."], { PWD: `${base}/link` }), [{ path: here, writable: true }]);
    });
  },
);

Deno.test(
  "readSettings() refuses roots that are missing, files, the whole disk, or the token's folder",
  unix,
  async () => {
    await withHome(async ({ base, read }) => {
      Deno.writeTextFileSync(`${base}/file`, "");
      const refused = [`${base}/nowhere`, `${base}/file`, "/", `${base}/home/.agentos`];
      for (const root of refused) {
        await assert.rejects(read({ root: [root] }), { code: "config.invalid" }, root);
      }
      await assert.rejects(read({}, { AGENTOS_FS_ROOTS: `${base}/nowhere` }), {
        message: /nowhere" of AGENTOS_FS_ROOTS is not there/,
      });
      const { settings } = await read({ root: [`${base}/home`] });
      assert.equal(settings.tools.roots.length, 1, "a folder around the state folder may be a root");
    });
  },
);

Deno.test("readSettings() refuses to listen for other machines", unix, async () => {
  await withHome(async ({ read }) => {
    for (const host of ["0.0.0.0", "::", "192.168.1.2", "example.org"]) {
      await assert.rejects(read({ host }), { code: "serve.host_refused" }, host);
    }
    for (const host of ["127.0.0.1", "localhost"]) assert.ok((await read({ host })).settings);
  });
});

Deno.test(
  "readSettings() trusts what flag, variable and config name, and tells of folders that are gone",
  unix,
  async () => {
    await withHome(async ({ base, read }) => {
      Deno.mkdirSync(`${base}/home/.agentos`, { mode: 0o700 });
      Deno.mkdirSync(`${base}/home/mine`);
      Deno.writeTextFileSync(`${base}/home/.agentos/config.toml`, '[git]\ntrusted = ["~/mine", "/gone"]\n');
      const env = { AGENTOS_GIT_TRUSTED: `${base}/notes` };
      const { settings, notices } = await read({ trustRepo: [`${base}/code`] }, env);
      assert.deepEqual(settings.tools.trustedRepositories, [
        `${base}/code`,
        `${base}/notes`,
        `${base}/home/mine`,
      ]);
      assert.equal(notices.length, 1);
      assert.match(notices[0] ?? "", /"\/gone" of .*config\.toml:2 is not there; it is not trusted/);
      await assert.rejects(read({ trustRepo: ["/gone"] }), { code: "config.invalid" });
    });
  },
);

Deno.test("readSettings() says where config.toml is wrong", unix, async () => {
  await withHome(async ({ base, read }) => {
    const file = `${base}/home/.agentos/config.toml`;
    Deno.mkdirSync(`${base}/home/.agentos`, { mode: 0o700 });
    Deno.writeTextFileSync(file, '[git]\ntrusted = ["a"\n[x]\n');
    await assert.rejects(read({}), (error: { code: string; where: { file: string; line: number } }) => {
      assert.equal(error.code, "config.invalid");
      assert.equal(error.where.file, file);
      assert.ok(error.where.line >= 2);
      return true;
    });
    const wrong = ['[git]\ntrusted = "a"', '[git]\ntrusted = ["relative"]', "[something.else]\nkey = 1\n"];
    for (const text of wrong) {
      Deno.writeTextFileSync(file, text);
      await assert.rejects(read({}), { code: "config.invalid" }, text);
    }
    Deno.writeTextFileSync(file, `# mine\n[server]\nroots = ["${base}/nowhere"]\n`);
    await assert.rejects(read({}), {
      code: "config.invalid",
      message: `The folder "${base}/nowhere" of ${file}:3 is not there`,
    });
  });
});

Deno.test(
  "readSettings() takes the environment before config.toml, and that before the defaults",
  unix,
  async () => {
    await withHome(async ({ base, read }) => {
      Deno.mkdirSync(`${base}/home/.agentos`, { mode: 0o700 });
      Deno.mkdirSync(`${base}/home/mine`);
      Deno.writeTextFileSync(
        `${base}/home/.agentos/config.toml`,
        `repo = "${base}/brain"\n[server]\nport = 4321\nroots = ["~/mine"]\nread_only_roots = ["${base}/notes"]\n` +
          'allow_run = ["git"]\nlog_format = "json"\nlog_file = true\n',
      );
      const { settings } = await read({});
      assert.equal(settings.port, 4321);
      assert.equal(settings.repo, `${base}/brain`);
      assert.equal(settings.tools.extensionFolder, `${base}/brain/clients/vscode`);
      assert.deepEqual(settings.tools.roots, [
        { path: `${base}/home/mine`, writable: true },
        { path: `${base}/notes`, writable: false },
      ]);
      assert.deepEqual(settings.tools.allowRun, ["git"]);
      assert.deepEqual(settings.log, { format: "json", file: true });

      const env = { AGENTOS_PORT: "1234", AGENTOS_FS_ROOTS: `${base}/code` };
      const named = (await read({ allowRun: ["npm"] }, env)).settings;
      assert.equal(named.port, 1234);
      assert.deepEqual(named.tools.roots, [
        { path: `${base}/code`, writable: true },
        { path: `${base}/notes`, writable: false },
      ]);
      assert.deepEqual(named.tools.allowRun, ["npm"]);
      assert.equal((await read({ port: 1 }, env)).settings.port, 1);
    });
  },
);

Deno.test("readSettings() takes bare program names only", unix, async () => {
  await withHome(async ({ read }) => {
    assert.deepEqual((await read({ allowRun: ["git", " npm", "git"] })).settings.tools.allowRun, [
      "git",
      "npm",
    ]);
    for (const program of ["/bin/sh", "./x", "-c"]) {
      await assert.rejects(read({ allowRun: [program] }), { code: "config.invalid" }, program);
    }
  });
});

Deno.test("mergeRoots() lets read-only win over writable for the same folder", () => {
  const roots = [{ path: "/a", writable: true }, { path: "/b", writable: false }, {
    path: "/a",
    writable: false,
  }];
  assert.deepEqual(mergeRoots(roots), [{ path: "/a", writable: false }, { path: "/b", writable: false }]);
  const named = [
    { path: "/a", writable: true, aliases: ["/x"] },
    { path: "/a", writable: false, aliases: ["/y"] },
    { path: "/a", writable: true },
  ];
  assert.deepEqual(mergeRoots(named), [{ path: "/a", writable: false, aliases: ["/x", "/y"] }]);
});
