import assert from "node:assert/strict";
import type { ProcessRequest } from "../base/process.ts";
import type { ToolSettings } from "../tools/define.ts";
import { runAllowed } from "./allowed_run.ts";

const unix = { ignore: Deno.build.os === "windows" };
const never = new AbortController().signal;
const environment = { PATH: Deno.env.get("PATH") ?? "" };

interface Place {
  readonly base: string;
  readonly settings: ToolSettings;
  request(cwd: string, args?: readonly string[]): ProcessRequest;
}

async function withPlace(body: (place: Place) => Promise<void>): Promise<void> {
  const base = Deno.realPathSync(await Deno.makeTempDir());
  try {
    for (const folder of ["root/inner", "read-only", "extension", "outside"]) {
      Deno.mkdirSync(`${base}/${folder}`, { recursive: true });
    }
    const settings: ToolSettings = {
      roots: [
        { path: `${base}/root`, writable: true },
        { path: `${base}/root/inner`, writable: false },
        { path: `${base}/read-only`, writable: false },
      ],
      forbidden: [],
      trustedRepositories: [],
      extensionFolder: `${base}/extension`,
      allowRun: ["sh"],
      platform: "linux",
      pathChecks: true,
    };
    const request = (cwd: string, args: readonly string[] = ["-c", "pwd -P"]): ProcessRequest => ({
      program: "sh",
      args,
      cwd,
      environment: "clean",
      env: {},
      timeoutMs: 30_000,
      maxOutputBytes: 1_000,
    });
    await body({ base, settings, request });
  } finally {
    await Deno.remove(base, { recursive: true });
  }
}

Deno.test("runAllowed() runs in writable roots and in the extension's folder", unix, async () => {
  await withPlace(async ({ base, settings, request }) => {
    for (const folder of [`${base}/root`, `${base}/extension`]) {
      const { stdout } = await runAllowed(request(folder), settings, environment, never);
      assert.equal(stdout, `${folder}\n`);
    }
  });
});

Deno.test(
  "runAllowed() refuses folders outside, read-only, missing, or behind a link that leads out",
  unix,
  async () => {
    await withPlace(async ({ base, settings, request }) => {
      Deno.symlinkSync(`${base}/outside`, `${base}/root/link`);
      const refused = [
        [`${base}/outside`, "path.outside_roots"],
        [`${base}/root/link`, "path.outside_roots"],
        [`${base}/root/../outside`, "path.outside_roots"],
        [`${base}/read-only`, "path.read_only"],
        [`${base}/root/inner`, "path.read_only"],
        [`${base}/nowhere`, "path.not_found"],
      ] as const;
      for (const [folder, code] of refused) {
        await assert.rejects(runAllowed(request(folder), settings, environment, never), { code }, folder);
      }
    });
  },
);

Deno.test("runAllowed() runs nothing that was not allowed, and says how to allow it", unix, async () => {
  await withPlace(async ({ base, settings, request }) => {
    const other = { ...request(`${base}/root`), program: "env" };
    await assert.rejects(runAllowed(other, settings, environment, never), {
      code: "process.not_allowed",
      hint: /--allow-run sh,env/,
    });
  });
});

Deno.test("runAllowed() never runs a program that a tool could have written", unix, async () => {
  await withPlace(async ({ base, settings, request }) => {
    Deno.writeTextFileSync(`${base}/root/sh`, "#!/bin/sh\necho hijacked\n", { mode: 0o755 });
    const hijacked = { PATH: `${base}/root:${environment.PATH}` };
    const script = ["-c", 'echo "$PATH"'];
    const { stdout } = await runAllowed(request(`${base}/root`, script), settings, hijacked, never);
    assert.equal(stdout, `${environment.PATH}\n`, "its own helpers are not looked for there either");
  });
});
