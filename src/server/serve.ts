/**
 * The server put together: the supervisor with what it does for its worker, and what the user hears of it.
 *
 * @module
 */

import { AppError, messageOf } from "../base/errors.ts";
import { isThere } from "../base/on_disk.ts";
import { tokenPath } from "../base/state_folder.ts";
import type { SearchPool } from "./search/search_pool.ts";
import type { ServerSettings } from "./settings.ts";
import type { SupervisorEvent } from "./supervisor.ts";
import { startThread } from "./worker_thread.ts";

/** What tests set otherwise. */
export interface ServeOptions {
  /** See `Supervision`. */
  readonly pulseMs?: number;
  /** The list of name servers that is watched. */
  readonly resolvConf?: string;
}

/**
 * Serves until a signal ends it.
 *
 * @param workerModule URL of the module that the worker runs
 * @param talk prints one line or block for people, or one JSON line when the settings say so
 * @throws {AppError} serve.port_taken naming who answers there; see `supervise`
 */
export async function serveUntilSignal(
  settings: ServerSettings,
  workerModule: string,
  talk: (text: string) => void,
  { pulseMs, resolvConf }: ServeOptions = {},
): Promise<void> {
  const notifySocket = takeNotifySocket();
  const firstThread = startThread(settings, workerModule);
  // What holds the worker is loaded while it starts.
  const [{ supervise }, { renderEvent }, { watchNames }, makeToken] = await Promise.all([
    import("./supervisor.ts"),
    import("./supervisor_log.ts"),
    import("./name_watch.ts"),
    prepareFirstToken(settings),
  ]);
  const searching = searchWhenAsked(settings);
  const tellManager = await notifyWhenAsked(notifySocket, talk);
  try {
    await supervise({
      settings,
      workerModule,
      firstThread,
      pulseMs,
      watch: looksUpNamesBehindWall(settings)
        ? () => watchNames(settings.gateway.systemFiles, resolvConf)
        : undefined,
      run: async (request, signal) => {
        const { runAllowed } = await import("./allowed_run.ts");
        return await runAllowed(request, settings.tools, Deno.env.toObject(), signal);
      },
      search: searching.search,
      report: (event) => {
        if (event.kind === "listening") makeToken();
        const text = renderEvent(event, settings, new Date());
        if (text !== undefined) talk(text);
        tellManager(event);
      },
    });
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "serve.port_taken") throw error;
    throw await namePortHolder(error, settings.port);
  } finally {
    await searching.close();
  }
}

/**
 * Makes the token where there is none yet: who reads that the server listens may read the token next, and the worker
 * opens it later. At every other start nothing is loaded for it.
 */
async function prepareFirstToken({ stateFolder, tools }: ServerSettings): Promise<() => void> {
  const path = tokenPath(stateFolder, tools.platform);
  if (isThere(path)) return () => {};
  const { ensureToken } = await import("./token_file.ts");
  return () => {
    try {
      ensureToken(path);
    } catch {
      // The worker finds the same, and says it.
    }
  };
}

/**
 * The socket of the systemd that started us; undefined without one. The programs that tools run must not speak in our
 * name, so the variable goes, and before there are threads that read variables.
 */
function takeNotifySocket(): string | undefined {
  const socket = Deno.build.os === "linux" ? Deno.env.get("NOTIFY_SOCKET") : undefined;
  if (socket !== undefined) Deno.env.delete("NOTIFY_SOCKET");
  return socket === "" ? undefined : socket;
}

/** Tells systemd how the server is; does nothing without one. */
async function notifyWhenAsked(
  socket: string | undefined,
  talk: (text: string) => void,
): Promise<(event: SupervisorEvent) => void> {
  if (socket === undefined) return () => {};
  const { notificationOf, notifySystemd } = await import("./systemd_notify.ts");
  return (event) => {
    const message = notificationOf(event);
    if (message === undefined) return;
    try {
      notifySystemd(socket, message);
    } catch (error) {
      const reason = messageOf(error);
      talk(`notice: systemd could not be told that the server is ${event.kind}: ${reason}.`);
    }
  };
}

/** Only behind a kernel wall, and only for a gateway that looks names up, does it matter where that is done. */
function looksUpNamesBehindWall({ gateway }: ServerSettings): boolean {
  return Deno.build.os === "linux" && gateway.systemFiles.length > 0;
}

/** Searching, of which nothing is loaded or started before the first search. */
function searchWhenAsked({ tools }: ServerSettings): SearchPool {
  let pool: Promise<SearchPool> | undefined;
  const open = async (): Promise<SearchPool> => {
    const [{ createSearch }, { findSearchProgram }] = await Promise.all([
      import("./search/search_pool.ts"),
      import("./search/program.ts"),
    ]);
    const roots = tools.roots.map(({ path }) => path);
    const scope = { roots, forbidden: tools.forbidden, platform: tools.platform };
    return createSearch(findSearchProgram(Deno.env.toObject()), scope);
  };
  return {
    search: async (request, signal) => (await (pool ??= open())).search(request, signal),
    close: async () => (await pool)?.close(),
  };
}

async function namePortHolder(error: AppError, port: number): Promise<AppError> {
  const { askHealth } = await import("./health.ts");
  const neighbour = await askHealth(port);
  if (neighbour.kind !== "agentos") {
    return new AppError("serve.port_taken", `${error.message} by another program`, { cause: error });
  }
  const { version, repo } = neighbour.health;
  return new AppError(
    "serve.port_taken",
    `${error.message} by another agentos: version ${version}, repo ${
      repo ?? "none (the embedded portfolio)"
    }`,
    {
      hint: 'It may serve you as it is: see "agentos status". Else stop it or choose another --port.',
      cause: error,
    },
  );
}
