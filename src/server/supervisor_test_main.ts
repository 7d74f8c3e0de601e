/**
 * The program that `supervisor_test.ts` runs: the real supervisor and worker around an application that
 * misbehaves when asked to. Its arguments are the flags of `agentos serve`, as JSON, how often the supervisor asks the
 * worker whether it lives, in milliseconds, and the list of name servers that is watched.
 *
 * @module
 */

import { AppError, ERRORS } from "../base/errors.ts";
import { openOutput } from "../cli/output.ts";
import { serveUntilSignal } from "./serve.ts";
import { readSettings, type SettingFlags } from "./settings.ts";
import { type OpenApp, startWorker } from "./worker.ts";

const openTestApp: OpenApp = ({ run, settings, wall }) =>
  Promise.resolve({
    async handle(request): Promise<Response> {
      const url = new URL(request.url);
      switch (url.pathname) {
        case "/health":
          return Response.json({ name: "agentos", version: "9.9.9", repo: "/home/of/it", wall: wall() });
        case "/crash":
          setTimeout(() => {
            throw new RangeError("crashed as asked");
          }, 0);
          return new Response("soon");
        case "/hang":
          for (;;);
        case "/slow":
          await new Promise((resolve) => setTimeout(resolve, 700));
          return new Response("done");
        case "/run": {
          const [program = "", ...args] = url.searchParams.getAll("arg");
          const cwd = url.searchParams.get("cwd") ?? settings.tools.roots[0]?.path ?? "/";
          try {
            const base = {
              cwd,
              environment: "clean",
              env: {},
              timeoutMs: 60_000,
              maxOutputBytes: 1_000,
            } as const;
            return Response.json(await run({ program, args, ...base }, request.signal));
          } catch (error) {
            if (!(error instanceof AppError)) throw error;
            return Response.json({ code: error.code, message: error.message }, {
              status: ERRORS[error.code].http,
            });
          }
        }
        case "/try": {
          // What the application may do by itself: nothing but its folders.
          const attempts: Record<string, () => unknown> = {
            env: () => Deno.env.get("HOME"),
            run: () => new Deno.Command("true").outputSync(),
            ffi: () => Deno.dlopen("libc.so.6", {}),
            readOutside: () => Deno.readTextFileSync(url.searchParams.get("outside") ?? ""),
            readThroughLink: () => Deno.readTextFileSync(url.searchParams.get("link") ?? ""),
            writeState: () => Deno.writeTextFileSync(`${settings.stateFolder}/planted`, "x"),
          };
          const done = Object.keys(attempts).filter((name) => {
            try {
              attempts[name]?.();
              return true;
            } catch {
              return false;
            }
          });
          return Response.json(done);
        }
        default:
          return new Response("hello");
      }
    },
    close: () => undefined,
  });

if ("WorkerGlobalScope" in globalThis) startWorker(openTestApp);
else {
  const flags: SettingFlags = JSON.parse(Deno.args[0] ?? "{}");
  const output = openOutput(true);
  try {
    const { settings } = await readSettings(flags, {
      env: (name) => Deno.env.get(name),
      cwd: "/",
      home: "/nowhere",
      version: "0.0.1",
    });
    const [, pulseMs = "10000", resolvConf] = Deno.args;
    await serveUntilSignal(settings, Deno.mainModule, output.talk, {
      pulseMs: Number(pulseMs),
      ...(resolvConf === undefined ? {} : { resolvConf }),
    });
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    output.talk(`${error.code}: ${error.message}`);
    Deno.exit(ERRORS[error.code].exit);
  }
  Deno.exit(0);
}
