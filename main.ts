/** The executable's entry: the command line, or, inside a Worker, the module that the Worker was started for. */
if ("WorkerGlobalScope" in globalThis) {
  if (globalThis.name === "search") (await import("./src/server/search/worker.ts")).startSearchWorker();
  else if (globalThis.name === "usage") (await import("./src/commands/usage/reader.ts")).serveReads();
  else (await import("./src/server/worker.ts")).startWorker();
} else Deno.exit(await (await import("./src/cli/main.ts")).main(Deno.args));
