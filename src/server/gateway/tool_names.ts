/**
 * Flat names for tools that have a namespace, and the way back. Pure.
 *
 * A provider that knows only functions gets `mcp__agentOS_portfolio__agentOS_fs_read` for the tool `agentOS_fs_read` of
 * the namespace `mcp__agentOS_portfolio`. What such a name comes from cannot be read off it (both halves may hold
 * underscores), so the way back is looked up among the names of the same request, never guessed.
 *
 * @module
 */

import { sha256Hex } from "../../base/hash.ts";

/** A tool as the client knows it; a function that stands by itself has no namespace. */
export interface ToolName {
  readonly namespace: string | undefined;
  readonly name: string;
}

/** The names of one request. */
export interface ToolNames {
  /** The flat name; the same one at every call. */
  flatten(tool: ToolName): string;
  /** What a flat name stands for, when it is not simply itself. */
  restore(flat: string): ToolName | undefined;
  /** True when some name differs from what its tool is called: else answers need no look. */
  readonly changes: boolean;
}

/** What every provider takes as the name of a function (OpenAI's published schema, 2026-11: `^[a-zA-Z0-9_-]+$`, 64). */
const TAKEN_EVERYWHERE = /^[A-Za-z0-9_-]{1,64}$/;

const MAX_LENGTH = 64;
const HASH_LENGTH = 8;

/**
 * Gives every tool of a request its flat name. Which one hangs on the set of tools alone, not on their order.
 *
 * @param offered the tools that the model may call
 * @param remembered tools of the conversation so far, of which some may be offered no longer; they get what is free
 */
export function nameTools(offered: readonly ToolName[], remembered: readonly ToolName[] = []): ToolNames {
  const flats = openFlatNames();
  const wholes = new Map<string, ToolName>();
  let changes = false;

  const give = (tool: ToolName, flat: string): void => {
    flats.set(tool, flat);
    wholes.set(flat, tool);
    changes ||= tool.namespace !== undefined || flat !== tool.name;
  };
  const giveHashed = (tool: ToolName): void => {
    for (let attempt = 0;; attempt++) {
      const flat = hashedName(tool, attempt);
      if (!wholes.has(flat)) return give(tool, flat);
    }
  };

  for (const tools of [offered, remembered]) {
    const unnamed: { readonly tool: ToolName; readonly plain: string }[] = [];
    const wanted = new Map<string, number>();
    for (const tool of tools) {
      if (flats.get(tool) !== undefined) continue;
      // Until it has a name of its own, so that it is named once.
      flats.set(tool, "");
      const plain = plainName(tool);
      unnamed.push({ tool, plain });
      wanted.set(plain, (wanted.get(plain) ?? 0) + 1);
    }
    const others: ToolName[] = [];
    for (const { tool, plain } of unnamed) {
      // A function that stands by itself keeps its name before all others: it is what the client sent.
      const keeps = TAKEN_EVERYWHERE.test(plain) && !wholes.has(plain) &&
        (tool.namespace === undefined || wanted.get(plain) === 1);
      if (keeps) give(tool, plain);
      else others.push(tool);
    }
    others.toSorted((left, right) => spell(left) < spell(right) ? -1 : 1).forEach(giveHashed);
  }

  return {
    flatten: (tool) => flats.get(tool) ?? plainName(tool),
    restore(flat): ToolName | undefined {
      const whole = wholes.get(flat);
      return whole === undefined || (whole.namespace === undefined && whole.name === flat)
        ? undefined
        : whole;
    },
    changes,
  };
}

/** Flat names by namespace and name: one text of both would be made anew for each call of a conversation. */
function openFlatNames(): {
  get(tool: ToolName): string | undefined;
  set(tool: ToolName, flat: string): void;
} {
  const spaces = new Map<string | undefined, Map<string, string>>();
  return {
    get: ({ namespace, name }) => spaces.get(namespace)?.get(name),
    set({ namespace, name }, flat): void {
      const space = spaces.get(namespace);
      if (space === undefined) spaces.set(namespace, new Map([[name, flat]]));
      else space.set(name, flat);
    },
  };
}

/** What is hashed and sorted by; it stays the same for good, for names made of it are in conversations. */
function spell({ namespace, name }: ToolName): string {
  return JSON.stringify([namespace ?? null, name]);
}

function plainName({ namespace, name }: ToolName): string {
  return namespace === undefined ? name : `${namespace}__${name}`;
}

/** A name that says as much as fits of what it stands for, and a hash of the whole. */
function hashedName(tool: ToolName, attempt: number): string {
  const hash = sha256Hex(new TextEncoder().encode(`${spell(tool)}${attempt}`)).slice(0, HASH_LENGTH);
  const readable = plainName(tool).replaceAll(/[^A-Za-z0-9_-]/g, "_").slice(0, MAX_LENGTH - HASH_LENGTH - 1);
  return `${readable}_${hash}`;
}
