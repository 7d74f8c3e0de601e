/**
 * Codex CLI as a home that is kept in step: what its home should hold, and what there is its own. Pure.
 *
 * Everything said here of Codex was observed with the real 0.169 binary, 2026-11, where no other version is named; see
 * README.md beside this file.
 *
 * @module
 */

import type {
  Place,
  Source,
  SourceFile,
  SourceProblem,
  SyncClient,
  TargetOptions,
} from "../../src/sync/client.ts";
import type { TargetEntry } from "../../src/sync/model.ts";
import { OVERRIDE, remarkOn } from "./remarks.ts";
import { renderTomlString } from "../../src/base/toml_string.ts";
import { abilitiesOf, describeAbilities, readVersion, readVersionFile, versionFiles } from "./version.ts";

const FRAGMENT = "clients/codex/config-fragment.toml";
const AGENTS_BLOCK = "clients/codex/agents-block.md";
const PROFILES = "clients/codex/profiles/";
const MEMORIES = "clients/shared/memory/";
const SKILLS = "clients/shared/skills/";

const HOME_VARIABLE = "CODEX_HOME";

/** A profile's file; what stands before the dot is its name. */
const PROFILE_FILE = /^[A-Za-z0-9_-]+\.toml$/;

/** Codex's sync facet. */
export const codexSync: SyncClient = {
  id: "codex",
  title: "Codex CLI",
  runtimeFolder: "clients/codex/runtime",
  sources: [FRAGMENT, AGENTS_BLOCK, PROFILES, MEMORIES, SKILLS].map((path) => path.replace(/\/$/, "")),
  homeVariable: HOME_VARIABLE,
  home: (env, userHome) => env(HOME_VARIABLE) ?? `${userHome}/.codex`,
  versionCommand: { program: "codex", args: ["--version"] },
  readVersion,
  versionFiles,
  readVersionFile,
  abilities: describeAbilities,
  target: planTarget,
  isNative,
  tokens: {
    AUTHENTICATION: {
      meaning: "the line that sends the token with every MCP request",
      value: authentication,
    },
    OPENROUTER_URL: {
      meaning: "OpenRouter through the gateway, or its own address with --no-gateway",
      // Codex asks at `{base_url}/responses`, and sends tools that OpenRouter refuses unless the gateway rewrites them.
      value: ({ gateway, port }) =>
        gateway ? `http://127.0.0.1:${port}/openrouter/v1` : "https://openrouter.ai/api/v1",
    },
  },
  watched: [OVERRIDE],
  firstUse: (place) => [...readsToken(place) ? [] : ['eval "$(agentos env)"'], "codex --profile planner"],
  remarks: remarkOn,
};

async function planTarget(
  source: Source,
  place: Place,
  options: TargetOptions,
): Promise<{ readonly entries: readonly TargetEntry[] } | { readonly problems: readonly SourceProblem[] }> {
  const abilities = abilitiesOf(place.clientVersion);
  const text = (path: string): string | undefined => source.files.find((file) => file.path === path)?.text;
  const below = (folder: string): readonly (SourceFile & { readonly name: string })[] =>
    source.files.filter(({ path }) => path.startsWith(folder))
      .map((file) => ({ ...file, name: file.path.slice(folder.length) }));
  const profiles = below(PROFILES).filter(({ name }) => PROFILE_FILE.test(name))
    .map((file) => ({ ...file, role: file.name.slice(0, -".toml".length) }));

  const fragment = text(FRAGMENT);
  if (fragment === undefined) {
    return {
      problems: [{ file: FRAGMENT, line: 1, column: undefined, message: "the repo has no such file" }],
    };
  }
  const misnamed = below(PROFILES).filter(({ name }) => name.endsWith(".toml") && !PROFILE_FILE.test(name));
  if (misnamed.length > 0) {
    const message =
      "the name of a profile holds letters, digits, - and _ alone, and it lies in no folder below";
    return { problems: misnamed.map(({ path }) => ({ file: path, line: 1, column: undefined, message })) };
  }
  const config = abilities.profileFiles
    ? { content: fragment }
    : (await import("./profile_tables.ts")).joinProfiles(fragment, profiles);
  const hook = options.hook ? await (await import("./hook.ts")).renderHook(place) : undefined;

  const agents = options.agentsMd ? text(AGENTS_BLOCK) : undefined;
  const entries: TargetEntry[] = [
    {
      path: "config.toml",
      kind: "config",
      format: "toml-keys",
      ...config,
      source: FRAGMENT,
      retired: abilities.profileFiles ? [["profile"], ...profiles.map(({ role }) => ["profiles", role])] : [],
      ...(hook === undefined ? {} : { optional: { kind: "hook", content: hook, refusal: HOOK_REFUSAL } }),
    },
    ...(abilities.profileFiles ? profiles : []).map(({ role, path, text }): TargetEntry => ({
      path: `${role}.config.toml`,
      kind: "profiles",
      format: "toml-keys",
      content: text,
      source: path,
    })),
    ...below(MEMORIES).filter(({ name }) => name.endsWith(".md")).map((
      { name, path, text },
    ): TargetEntry => ({
      path: `memories/${name}`,
      kind: "memories",
      format: "whole-file",
      content: text,
      source: path,
    })),
    ...below(SKILLS).filter(({ name }) => name.includes("/")).map((
      { name, path, text, executable },
    ): TargetEntry => ({
      path: `skills/${name}`,
      kind: "skills",
      format: "whole-file",
      content: text,
      source: path,
      executable: executable === true,
    })),
    ...(agents === undefined ? [] : [
      {
        path: "AGENTS.md",
        kind: "agents-md",
        format: "markdown-block",
        content: agents,
        source: AGENTS_BLOCK,
      } as const,
    ]),
  ];
  return { entries };
}

/** Codex knows a hook by its index, and trusts it by that: one of ours before the user's would end their trust. */
const HOOK_REFUSAL =
  "you have SessionStart hooks of your own, and Codex trusts hooks by their place in the list; " +
  'add the command "agentos sync check --hook codex" to yours by hand, and push with --no-hook';

/**
 * The line that authenticates. Never both keys: with both set the environment variable wins, and when it is missing the
 * server vanishes without a word. The helper runs by `sh -c` with a clean environment at every connection, and again
 * after a 401, so it survives rotation and a daemon that was started earlier.
 */
function authentication(place: Place): string {
  if (!readsToken(place)) return 'bearer_token_env_var = "AGENTOS_TOKEN"';
  const path = place.stateFolder.replaceAll("'", `'\\''`);
  return `http_headers_helper = ${
    renderTomlString(`printf '{"Authorization":"Bearer %s"}' "$(cat '${path}/token')"`)
  }`;
}

/** True when this Codex reads the token by itself; else it has to be in Codex's environment. */
function readsToken({ clientVersion, platform }: Pick<Place, "clientVersion" | "platform">): boolean {
  return abilitiesOf(clientVersion).headersHelper && platform !== "windows";
}

/** Codex's generated memories, its system skills, and everything hidden: never read, written or removed. */
function isNative(path: string): boolean {
  if (path.split("/").some((part) => part.startsWith("."))) return true;
  const [folder, name] = path.split("/");
  if (folder === "memories_v2") return true;
  return folder === "memories" && name !== undefined && NATIVE_MEMORIES.has(name);
}

const NATIVE_MEMORIES = new Set([
  "MEMORY.md",
  "memory_summary.md",
  "raw_memories.md",
  "rollout_summaries",
  "extensions",
  "phase2_workspace_diff.md",
  "skills",
]);
