/**
 * Opens everything the application stands on: log, token, database, portfolio, tools. All that needs more rights
 * than answering requests happens here, before the server's walls go up.
 *
 * @module
 */

import { openDatabase } from "../base/database.ts";
import { AppError, messageOf } from "../base/errors.ts";
import { joinPath } from "../base/path_rules.ts";
import { openPortfolio } from "../portfolio/read.ts";
import { identifyRoots } from "../tools/files/lost_root.ts";
import { TOOLS } from "../tools/mod.ts";
import { createApp } from "./app.ts";
import { type GatewayDeps, openGateway } from "./gateway/gateway.ts";
import type { GatewaySettings } from "./gateway/settings.ts";
import { type Ledger, openNoLedger } from "./ledger.ts";
import { LEDGER_TABLES, openLedger } from "./ledger_store.ts";
import { openLog, type ServerLog } from "./log.ts";
import { openToken } from "./token.ts";
import { tokenPath } from "../base/state_folder.ts";
import type { AppSurroundings, OpenedApp } from "./worker.ts";

/**
 * Opens the application.
 *
 * @throws {AppError} token.unsafe, state.unusable
 */
export async function openApp(surroundings: AppSurroundings): Promise<OpenedApp> {
  const { settings, port, run, search, wall } = surroundings;
  const { stateFolder, version, startedAtMs, repo } = settings;
  const { platform } = settings.tools;
  const logFile = joinPath(joinPath(stateFolder, "logs", platform), "agentos.log", platform);
  const log = openLog({ format: settings.log.format, file: settings.log.file ? logFile : undefined });
  const token = openToken(tokenPath(stateFolder, platform), (error) => {
    log.error("token unusable: every request is refused", { reason: error.message, next: error.hint });
  });
  const ledger = openLedgerOrNone(joinPath(stateFolder, "agentos.db", platform), log);
  const gateway = await openGateway({
    settings: settings.gateway,
    log,
    spent: ledger.modelCosts,
    fetch: openFetch(settings.gateway, log),
    record: ledger.recordModelRequest,
  });
  const app = await createApp({
    version,
    runtime: `deno ${Deno.version.deno}`,
    startedAtMs,
    port,
    repo,
    tools: TOOLS,
    world: {
      settings: platform === "linux"
        ? { ...settings.tools, roots: identifyRoots(settings.tools.roots) }
        : settings.tools,
      portfolio: await openPortfolio(settings.portfolio),
      run,
      search,
    },
    token,
    ledger,
    gateway,
    log,
    wall,
  });
  return {
    handle: app,
    close(): void {
      ledger.close();
      log.close();
    },
  };
}

/**
 * What the gateway asks providers with. The certificates that this system trusts are read now, for behind the walls
 * nobody could say where they are.
 */
function openFetch({ providers }: GatewaySettings, log: ServerLog): GatewayDeps["fetch"] {
  if (providers.length === 0) return fetch;
  try {
    const client = Deno.createHttpClient({});
    return (url, init) => fetch(url, { ...init, client });
  } catch (error) {
    const reason = messageOf(error);
    log.warn("the gateway can reach no provider: this system's certificates cannot be read", { reason });
    return fetch;
  }
}

/** A server without its ledger still serves: nobody's work waits for our bookkeeping. */
function openLedgerOrNone(path: string, log: ServerLog): Ledger {
  try {
    const { db, setAside } = openDatabase(path, [LEDGER_TABLES], new Date());
    if (setAside !== undefined) {
      log.warn("the database was damaged; it was put aside and a new one made", { setAside });
    }
    return openLedger(db, log);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    log.warn("no ledger: calls are not written down", { reason: error.message, next: error.hint });
    return openNoLedger(error.message);
  }
}
