/** The executable's entry: the command line, or, inside a Worker, the module that the Worker was started for. */
if ("WorkerGlobalScope" in globalThis) await (await import("./src/server/worker.ts")).startWorker();
else Deno.exit(await (await import("./src/cli/main.ts")).main(Deno.args));
