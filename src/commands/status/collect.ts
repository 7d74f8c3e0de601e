/**
 * Everything that `agentos status` looks at, at the same time where it has to wait. Nothing is written.
 *
 * A feature that wants a line here adds its check to the list in {@link collectChecks}.
 *
 * @module
 */

import { CLIENTS } from "../../../clients/mod.ts";
import { currentPlatform } from "../../base/platform.ts";
import { refuseOther, tokenPath } from "../../base/state_folder.ts";
import type { CommandContext } from "../../cli/command.ts";
import { askHealth, type Neighbour } from "../../server/health.ts";
import { renderEnvironment, takesToken, TOKEN_VARIABLE } from "../../sync/environment.ts";
import { usesGateway } from "../../sync/gateway_use.ts";
import { readAllApplied } from "../../sync/read.ts";
import { stateFolderOf } from "../sync/open_home.ts";
import type { Check } from "../../status/model.ts";
import { findOut, judgeClient } from "./check_clients.ts";
import { checkExtension } from "./check_extension.ts";
import { judgeGateway } from "./check_gateway.ts";
import { askToken, judgeServer, type TokenAnswer } from "./check_server.ts";
import { checkService } from "./check_unit.ts";
import {
  judgeRepo,
  judgeSettings,
  readRepo,
  readSettingsFile,
  type SettingsReading,
} from "./check_settings.ts";
import { checkLedger } from "./check_state.ts";
import { judgeToken, readTokenState, type TokenReading } from "./check_token.ts";

/** What the deployed profiles ask providers with. */
const KEY_VARIABLE = "OPENROUTER_API_KEY";

/** What was looked at, and what further checks go by. */
export interface Collected {
  readonly checks: readonly Check[];
  readonly stateFolder: string;
  readonly settings: SettingsReading;
}

/**
 * Looks at everything.
 *
 * @param port `--port`
 * @throws {AppError} state.unusable when something else stands where the state folder would be
 */
export async function collectChecks(port: number | undefined, context: CommandContext): Promise<Collected> {
  const stateFolder = stateFolderOf(context);
  refuseOther(stateFolder);
  const settings = await readSettingsFile(context);
  const { config } = settings;
  const at = config.number("server.port", port);
  const [{ server, token, answer }, service, clients] = await Promise.all([
    askServer(at, tokenPath(stateFolder, currentPlatform())),
    checkService(context),
    settings.error === undefined ? findOutAll(context) : [],
  ]);
  const repo = readRepo(config, context);
  const folder = repo.kind === "found" ? repo.repo.folder : undefined;
  const checks: readonly Check[] = [
    ...judgeServer(at, server, answer, context.version),
    service,
    ...judgeToken(token, {
      variable: context.env(TOKEN_VARIABLE),
      isNeeded: readAllApplied(stateFolder).some(takesToken),
      exportLine: renderEnvironment(
        currentPlatform() === "windows" ? "powershell" : "sh",
        tokenPath(stateFolder, currentPlatform()),
      ),
    }),
    judgeSettings(settings),
    ...judgeRepo(repo, server),
    ...clients.flat(),
    checkKey(context),
    judgeGateway(
      server,
      readAllApplied(stateFolder).some(usesGateway),
      service.data?.["installed"] === true,
    ),
    checkLedger(server, stateFolder),
    checkExtension(config, folder, context.home),
  ];
  return { checks, stateFolder, settings };
}

/** The token is read when the server has answered: one that starts makes it first. */
async function askServer(
  port: number,
  path: string,
): Promise<{ readonly server: Neighbour; readonly token: TokenReading; readonly answer: TokenAnswer }> {
  const server = await askHealth(port);
  const token = readTokenState(path);
  const answer = server.kind === "agentos" && token.kind === "token"
    ? await askToken(port, token.token)
    : "untold";
  return { server, token, answer };
}

async function findOutAll(context: CommandContext): Promise<readonly (readonly Check[])[]> {
  const rows = Object.values(CLIENTS).flatMap(({ sync }) => sync === undefined ? [] : [sync]);
  return await Promise.all(rows.map(async (load) => judgeClient(await findOut(await load(), context))));
}

/** Whether the key is set, never what it is. */
function checkKey(context: CommandContext): Check {
  const base = { id: "key", name: KEY_VARIABLE } as const;
  return context.env(KEY_VARIABLE) === undefined
    ? {
      ...base,
      state: "note",
      text: "not set here; the deployed profiles need it, unless you use another provider",
      data: { set: false },
    }
    : { ...base, state: "good", text: "set", data: { set: true } };
}
