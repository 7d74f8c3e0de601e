/**
 * What the gateway is told: which providers there are, how they are reached, and what a user may spend. Plain data,
 * made once by the supervisor.
 *
 * @module
 */

import { AppError } from "../../base/errors.ts";
import { type ConfigName, pathOf } from "../../config/keys.ts";
import type { Setting, SettingFault } from "../../config/model.ts";
import type { Config } from "../../config/read.ts";
import { type WireName, WIRES } from "./wire.ts";

/** One provider of models. */
export interface Provider {
  /** As it stands in the path of a request. */
  readonly name: string;
  /** Without a slash at the end; what a wire asks for comes after it. */
  readonly baseUrl: string;
  readonly wire: WireName;
}

/** What may be used up before requests are refused; undefined where there is no limit. */
export interface Limit {
  /** Of one local day. */
  readonly maxCostPerDayUsd: number | undefined;
  readonly maxRequestsPerMinute: number | undefined;
}

/** Everything the gateway is told. */
export interface GatewaySettings {
  /** None when the gateway is off. */
  readonly providers: readonly Provider[];
  /** `host:port` of the proxies that the environment names; the runtime decides by itself which to use. */
  readonly proxies: readonly string[];
  /** Files and folders that looking names up needs; public all of them. */
  readonly systemFiles: readonly string[];
  readonly limit: Limit;
  /** Limits of single models, by the model that is asked for; a role profile is known by its model. */
  readonly modelLimits: Readonly<Record<string, Limit>>;
}

/** A gateway that is off. */
export const NO_GATEWAY: GatewaySettings = {
  providers: [],
  proxies: [],
  systemFiles: [],
  limit: { maxCostPerDayUsd: undefined, maxRequestsPerMinute: undefined },
  modelLimits: {},
};

/** Known without being configured. https://openrouter.ai/docs (2026-11). */
const BUILT_IN: Readonly<Record<string, string>> = { openrouter: "https://openrouter.ai/api/v1" };

/**
 * Reads the gateway's settings.
 *
 * @param flag `--gateway` or `--no-gateway`
 * @throws {AppError} config.invalid with the place in the file
 */
export function readGateway(
  config: Config,
  flag: boolean | undefined,
  env: (name: string) => string | undefined,
): GatewaySettings {
  if (!config.switch("gateway.enabled", flag)) return NO_GATEWAY;
  const providers = listProviders(config).map((name) => readProvider(config, name));
  const models = config.namesBelow(["gateway", "limits"]).filter((name) => !isLimitKey(name));
  const isNamed = providers.some(({ baseUrl }) => isHostName(new URL(baseUrl).hostname));
  const proxies = readProxies(env);
  return {
    providers,
    proxies,
    systemFiles: isNamed || proxies.length > 0 ? NAME_FILES : [],
    limit: readLimit(
      config.find("gateway.limits.max_cost_per_day_usd"),
      config.find("gateway.limits.max_requests_per_minute"),
    ),
    modelLimits: Object.fromEntries(
      models.map((model) => [
        model,
        readLimit(
          config.find("gateway.limits.*.max_cost_per_day_usd", { names: [model] }),
          config.find("gateway.limits.*.max_requests_per_minute", { names: [model] }),
        ),
      ]),
    ),
  };
}

/** `host:port` of a URL, as permissions name it. */
export function authorityOf(url: string): string {
  return `${new URL(url).hostname}:${portOf(url)}`;
}

/** The port that a URL leads to. */
export function portOf(url: string): number {
  const { port, protocol } = new URL(url);
  return port === "" ? (protocol === "https:" ? 443 : 80) : Number(port);
}

/** True for a URL that leads to this very machine, and for certain. */
export function isThisMachine(url: string): boolean {
  return /^(127\.\d+\.\d+\.\d+|\[::1\]|localhost)$/.test(new URL(url).hostname);
}

/** True for a name that must be looked up, false for an address. */
export function isHostName(host: string): boolean {
  return !host.startsWith("[") && !/^\d+(\.\d+){3}$/.test(host);
}

/** What no server can start with among the providers, one fault for each at most. */
export function findProviderFaults(config: Config): readonly SettingFault[] {
  if (!config.switch("gateway.enabled")) return [];
  return listProviders(config).flatMap((name) => {
    const examined = examineProvider(config, name);
    if (examined.kind === "provider") return [];
    return [{
      path: pathOf(examined.key, [name]),
      error: refuseProvider(config, name, examined),
      isUnfinished: examined.isUnfinished,
    }];
  });
}

type Examined =
  | { readonly kind: "provider"; readonly provider: Provider }
  | {
    readonly kind: "fault";
    readonly key: ConfigName;
    readonly message: string;
    readonly isUnfinished: boolean;
  };

function listProviders(config: Config): readonly string[] {
  return [...new Set([...Object.keys(BUILT_IN), ...config.namesBelow(["gateway", "providers"])])];
}

function readProvider(config: Config, name: string): Provider {
  const examined = examineProvider(config, name);
  if (examined.kind === "fault") throw refuseProvider(config, name, examined);
  return examined.provider;
}

function refuseProvider(
  config: Config,
  name: string,
  { key, message }: Examined & { readonly kind: "fault" },
): AppError {
  return new AppError("config.invalid", message, {
    where: placeOf(config, config.find(key, { names: [name] })),
  });
}

function examineProvider(config: Config, name: string): Examined {
  const asked = { names: [name] };
  const refuse = (message: string, key: ConfigName, isUnfinished = false): Examined => ({
    kind: "fault",
    key,
    message,
    isUnfinished,
  });
  if (!/^[a-z0-9][a-z0-9-]{0,31}$/.test(name)) {
    return refuse(
      `Cannot name a provider "${name}": a name is of small letters, digits and dashes`,
      "gateway.providers.*.base_url",
    );
  }
  const baseUrl = config.textIfSet("gateway.providers.*.base_url", asked) ??
    (Object.hasOwn(BUILT_IN, name) ? BUILT_IN[name] : undefined);
  if (baseUrl === undefined) {
    return refuse(`The provider "${name}" has no base_url`, "gateway.providers.*.wire", true);
  }
  const wrong = findFault(baseUrl);
  if (wrong !== undefined) return refuse(`${baseUrl} ${wrong}`, "gateway.providers.*.base_url");
  const wire = config.textIfSet("gateway.providers.*.wire", asked) ?? "responses";
  if (!isWireName(wire)) return refuse(`There is no wire "${wire}"`, "gateway.providers.*.wire");
  return { kind: "provider", provider: { name, baseUrl: baseUrl.replace(/\/+$/, ""), wire } };
}

function isWireName(name: string): name is WireName {
  return Object.hasOwn(WIRES, name);
}

/** Why a key must not be sent to a base URL; undefined when it may. */
function findFault(baseUrl: string): string | undefined {
  if (!URL.canParse(baseUrl)) return "is no URL";
  const { protocol, hostname } = new URL(baseUrl);
  if (protocol === "http:" && !isNear(hostname)) {
    return "would send your key unencrypted over the internet; use https://";
  }
  return undefined;
}

/** True for this machine and for addresses and names that exist in a local network alone (RFC 1918, 4193, 6762, 8375). */
function isNear(hostname: string): boolean {
  if (/^\[(::1|f[cd][0-9a-f]{2}:.*|fe80:.*)\]$/.test(hostname)) return true;
  if (!isHostName(hostname)) return /^(127|10|192\.168|169\.254|172\.(1[6-9]|2\d|3[01]))\./.test(hostname);
  return !hostname.includes(".") || /\.(local|localhost|lan|home|internal|home\.arpa)$/.test(hostname);
}

function placeOf(config: Config, said: Setting): { readonly file: string; readonly line?: number } {
  const origin = said.candidates[0]?.origin;
  return origin?.from === "file" ? { file: origin.file, line: origin.line } : { file: config.file };
}

function isLimitKey(name: string): boolean {
  return name === "max_cost_per_day_usd" || name === "max_requests_per_minute";
}

function readLimit(cost: Setting, requests: Setting): Limit {
  return {
    maxCostPerDayUsd: typeof cost.value === "number" ? cost.value : undefined,
    maxRequestsPerMinute: typeof requests.value === "number" ? requests.value : undefined,
  };
}

/** The variables that Deno's own `fetch` goes by (2.4.2, 2.9.6); it honours NO_PROXY too. */
const PROXY_VARIABLES = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];

const PROXY_PORTS: Readonly<Record<string, number>> = { "http:": 80, "https:": 443 };

function readProxies(env: (name: string) => string | undefined): readonly string[] {
  const found = PROXY_VARIABLES.flatMap((variable) => {
    const value = env(variable);
    if (value === undefined || value === "") return [];
    const url = value.includes("://") ? value : `http://${value}`;
    if (!URL.canParse(url)) return [];
    const { hostname, port, protocol } = new URL(url);
    return hostname === "" ? [] : [`${hostname}:${port === "" ? PROXY_PORTS[protocol] ?? 1080 : port}`];
  });
  return [...new Set(found)];
}

/** What looking a name up reads (man 5 resolv.conf, nsswitch.conf, hosts, gai.conf; systemd-resolved, NetworkManager). */
const NAME_FILES = [
  "/etc/resolv.conf",
  "/etc/hosts",
  "/etc/nsswitch.conf",
  "/etc/host.conf",
  "/etc/gai.conf",
  "/run/systemd/resolve",
  "/run/NetworkManager",
  "/run/resolvconf",
];
