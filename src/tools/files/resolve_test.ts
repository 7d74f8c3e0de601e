import assert from "node:assert/strict";
import fc from "fast-check";
import { inTempFolder, testSettings } from "../../../tests/tool_context.ts";
import { AppError } from "../../base/errors.ts";
import type { ToolSettings } from "../define.ts";
import { resolveInRoots } from "./resolve.ts";

const onWindows = Deno.build.os === "windows";

/** The error that resolving ends with. */
function refusal(path: string, settings: ToolSettings, use: "read" | "write" = "read"): AppError {
  try {
    resolveInRoots(path, settings, { for: use });
  } catch (error) {
    assert.ok(error instanceof AppError, `${path}: ${error}`);
    return error;
  }
  assert.fail(`${path} was taken`);
}

function codes(paths: readonly string[], settings: ToolSettings, use: "read" | "write" = "read"): string[] {
  return paths.map((path) => refusal(path, settings, use).code);
}

/** A root with one file, and beside it a folder that nobody may reach. */
async function inWorld(test: (root: string, outside: string) => Promise<void> | void): Promise<void> {
  await inTempFolder(async (folder) => {
    const [root, outside] = [`${folder}/root`, `${folder}/outside`];
    Deno.mkdirSync(`${root}/sub`, { recursive: true });
    Deno.mkdirSync(`${outside}/dir`, { recursive: true });
    Deno.writeTextFileSync(`${root}/sub/file.txt`, "inside");
    Deno.writeTextFileSync(`${outside}/secret.txt`, "SECRET");
    Deno.writeTextFileSync(`${outside}/dir/secret.txt`, "SECRET");
    await test(root, outside);
  });
}

function unixTest(name: string, fn: () => Promise<void> | void): void {
  Deno.test({ name, ignore: onWindows, fn });
}

unixTest("resolveInRoots() answers the real path, its root and what is below", async () => {
  await inWorld((root) => {
    const settings = testSettings(root);
    for (const path of [`${root}/sub/file.txt`, "sub/file.txt", "./sub/../sub//file.txt"]) {
      const place = resolveInRoots(path, settings, { for: "read" });
      assert.deepEqual(place, {
        path: `${root}/sub/file.txt`,
        root: { path: root, writable: true },
        below: "sub/file.txt",
        kind: "file",
      });
    }
    assert.equal(resolveInRoots("", settings, { for: "read" }).kind, "folder");
    assert.equal(resolveInRoots("new/deep.txt", settings, { for: "write" }).kind, "missing");
    assert.equal(refusal("new.txt", settings).code, "path.not_found");
  });
});

unixTest("resolveInRoots() gives one answer for everything outside, there or not", async () => {
  await inWorld((root, outside) => {
    Deno.symlinkSync(`${outside}/secret.txt`, `${root}/absolute`);
    Deno.symlinkSync("../outside/secret.txt", `${root}/relative`);
    Deno.symlinkSync("relative", `${root}/chained`);
    Deno.symlinkSync("../outside/none.txt", `${root}/dangling`);
    Deno.symlinkSync("dangling", `${root}/chained-dangling`);
    Deno.symlinkSync("../outside/dir", `${root}/folder`);
    Deno.symlinkSync("/dev/zero", `${root}/zero`);
    Deno.symlinkSync("/proc/self/environ", `${root}/environ`);
    Deno.mkdirSync(`${root}-secret`);
    Deno.writeTextFileSync(`${root}-secret/x`, "SECRET");
    const paths = [
      "../outside/secret.txt",
      "../outside/none.txt",
      `${outside}/secret.txt`,
      `${outside}/none/deep.txt`,
      `${root}-secret/x`,
      `${root}-none/x`,
      "..",
      "/",
      "/etc/passwd",
      "/etc/none",
      "/root/none",
      "absolute",
      "relative",
      "chained",
      "dangling",
      "dangling/below",
      "chained-dangling",
      "folder",
      "folder/secret.txt",
      "folder/none.txt",
      "zero",
      "environ",
      "/proc/self/environ",
      "/proc/none",
      "/dev/null",
    ];
    for (const use of ["read", "write"] as const) {
      for (const path of paths) {
        const error = refusal(path, testSettings(root), use);
        assert.equal(error.code, "path.outside_roots", path);
        assert.match(error.message, / is outside the roots\.$/);
        assert.equal(error.hint, `Use a path inside a root: ${root}.`);
      }
    }
  });
});

unixTest("resolveInRoots() follows links that stay inside, and lets the real place decide", async () => {
  await inWorld((root) => {
    Deno.mkdirSync(`${root}/vendor`);
    Deno.writeTextFileSync(`${root}/vendor/lib.txt`, "");
    Deno.symlinkSync("sub/file.txt", `${root}/to-file`);
    Deno.symlinkSync("vendor", `${root}/to-vendor`);
    Deno.symlinkSync("../sub", `${root}/vendor/to-sub`);
    const settings = testSettings(root, {
      roots: [{ path: root, writable: true }, { path: `${root}/vendor`, writable: false }],
    });
    const at = (path: string): string => `${root}/${path}`;
    assert.equal(resolveInRoots(at("to-file"), settings, { for: "write" }).path, at("sub/file.txt"));
    assert.equal(
      resolveInRoots(at("to-vendor/lib.txt"), settings, { for: "read" }).path,
      at("vendor/lib.txt"),
    );
    assert.equal(resolveInRoots(at("vendor/to-sub/new"), settings, { for: "write" }).path, at("sub/new"));
    assert.deepEqual(
      codes([at("to-vendor/lib.txt"), at("to-vendor/new"), at("vendor/new")], settings, "write"),
      [
        "path.read_only",
        "path.read_only",
        "path.read_only",
      ],
    );
  });
});

unixTest("resolveInRoots() refuses to write through a link to nothing", async () => {
  await inWorld((root) => {
    Deno.symlinkSync("sub/none.txt", `${root}/dangling`);
    Deno.symlinkSync("none", `${root}/dangling-folder`);
    assert.deepEqual(codes(["dangling", "dangling-folder/x"], testSettings(root), "write"), [
      "path.not_found",
      "path.not_found",
    ]);
    assert.deepEqual(codes(["dangling"], testSettings(root)), ["path.not_found"]);
  });
});

unixTest("resolveInRoots() ends where links go in a circle", async () => {
  await inWorld((root) => {
    Deno.symlinkSync("self", `${root}/self`);
    Deno.symlinkSync("b", `${root}/a`);
    Deno.symlinkSync("a", `${root}/b`);
    assert.deepEqual(codes(["self", "a", "a/x"], testSettings(root)), [
      "path.invalid",
      "path.invalid",
      "path.invalid",
    ]);
  });
});

unixTest("resolveInRoots() keeps the server's own folder from everyone", async () => {
  await inWorld((root) => {
    Deno.mkdirSync(`${root}/.agentos`);
    Deno.writeTextFileSync(`${root}/.agentos/token`, "TOKEN");
    Deno.symlinkSync(".agentos/token", `${root}/innocent`);
    const settings = testSettings(root, { forbidden: [`${root}/.agentos`] });
    for (const use of ["read", "write"] as const) {
      const hidden = [".agentos", ".agentos/token", ".agentos/none", ".agentos/token/x", "innocent"];
      const found = codes(hidden, settings, use);
      assert.deepEqual(found, Array(hidden.length).fill("path.protected"), use);
    }
  });
});

unixTest("resolveInRoots() refuses the kernel's folders even below a root", () => {
  const settings = testSettings(undefined, { roots: [{ path: "/", writable: true }] });
  assert.deepEqual(
    codes(["/proc/self/environ", "/dev/zero", "/sys", "/proc/none"], settings),
    Array(4).fill("path.protected"),
  );
});

unixTest("resolveInRoots() lets nobody write git's own files, by whatever name", async () => {
  await inWorld((root) => {
    Deno.mkdirSync(`${root}/.git/hooks`, { recursive: true });
    Deno.symlinkSync(".git/hooks", `${root}/hooks`);
    const paths = [
      ".git/config",
      ".git/hooks/pre-commit",
      ".GIT/config",
      "hooks/pre-commit",
      "sub/.git",
      "sub/.git/x",
      "git~1/config",
      ".git./x",
    ];
    assert.deepEqual(codes(paths, testSettings(root), "write"), Array(paths.length).fill("path.protected"));
    Deno.writeTextFileSync(`${root}/.git/config`, "");
    assert.equal(resolveInRoots(".git/config", testSettings(root), { for: "read" }).kind, "file");
    assert.equal(resolveInRoots(".gitignore", testSettings(root), { for: "write" }).kind, "missing");
  });
});

unixTest("resolveInRoots() tells FIFOs, sockets and devices by looking", async () => {
  await inWorld(async (root) => {
    assert.ok((await new Deno.Command("mkfifo", { args: [`${root}/fifo`] }).output()).success);
    const listener = Deno.listen({ transport: "unix", path: `${root}/socket` });
    try {
      for (const use of ["read", "write"] as const) {
        assert.deepEqual(codes(["fifo", "socket"], testSettings(root), use), [
          "path.not_a_file",
          "path.not_a_file",
        ]);
      }
    } finally {
      listener.close();
    }
  });
});

unixTest("resolveInRoots() says when a file stands where a folder should", async () => {
  await inWorld((root) => {
    assert.deepEqual(codes(["sub/file.txt/x"], testSettings(root)), ["path.not_a_folder"]);
    assert.deepEqual(codes(["sub/file.txt/x/y"], testSettings(root), "write"), ["path.not_a_folder"]);
  });
});

unixTest("resolveInRoots() never answers a path whose real place is outside", async () => {
  await inWorld((root, outside) => {
    Deno.symlinkSync("../outside", `${root}/out`);
    Deno.symlinkSync(".", `${root}/here`);
    Deno.symlinkSync("sub", `${root}/in`);
    Deno.symlinkSync("..", `${root}/sub/up`);
    Deno.symlinkSync("../..", `${root}/sub/upup`);
    Deno.symlinkSync("../none", `${root}/gone`);
    Deno.symlinkSync(`${root}/sub`, `${outside}/back`);
    const names = fc.constantFrom(
      ...[
        "..",
        ".",
        "",
        "out",
        "here",
        "in",
        "up",
        "upup",
        "gone",
        "back",
        "sub",
        "file.txt",
        "dir",
        "secret.txt",
        "root",
        "outside",
        "new",
      ],
    );
    const prefix = fc.constantFrom("", "/", `${root}/`, `${outside}/`, "./");
    let taken = 0;
    fc.assert(
      fc.property(
        prefix,
        fc.array(names, { maxLength: 7 }),
        fc.constantFrom("read", "write"),
        (start, rest, use) => {
          let place;
          try {
            place = resolveInRoots(start + rest.join("/"), testSettings(root), { for: use });
          } catch (error) {
            assert.ok(error instanceof AppError, String(error));
            return;
          }
          taken++;
          assert.ok(place.path === root || place.path.startsWith(`${root}/`), place.path);
          if (place.kind !== "missing") assert.equal(Deno.realPathSync(place.path), place.path);
          else assert.throws(() => Deno.lstatSync(place.path));
        },
      ),
      { numRuns: 3_000 },
    );
    assert.ok(taken > 100, `only ${taken} paths were taken`);
  });
});
