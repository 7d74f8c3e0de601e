/**
 * The table of states in ARCHITECTURE.md against what the planner does with an entry in each of them.
 *
 * @module
 */

import assert from "node:assert/strict";
import { CLIENTS } from "../clients/mod.ts";
import {
  type ActualFile,
  type Applied,
  type AppliedEntry,
  ENTRY_STATES,
  isInSync,
  type Plan,
  type Take,
  type TargetEntry,
} from "../src/sync/model.ts";
import { plan } from "../src/sync/plan.ts";
import { TOKENS } from "../src/sync/tokens.ts";

const HEADINGS = ["state", "means", "check", "push", "--take repo", "--take home", "clean"] as const;

/** What an entry is made from; undefined: not there. */
interface Sample {
  readonly wanted: string | undefined;
  readonly actual: string | undefined;
  readonly applied: string | undefined;
  readonly heldAgainst?: string;
  readonly unusable?: string;
}

const SAMPLES: Readonly<Record<Exclude<typeof ENTRY_STATES[number], "native">, Sample>> = {
  "clean": { wanted: "a", actual: "a", applied: "a" },
  "missing": { wanted: "a", actual: undefined, applied: "a" },
  "stale": { wanted: "b", actual: "a", applied: "a" },
  "edited": { wanted: "a", actual: "b", applied: "a" },
  "conflict": { wanted: "b", actual: "c", applied: "a" },
  "foreign": { wanted: "a", actual: "b", applied: undefined },
  "orphan": { wanted: undefined, actual: "a", applied: "a" },
  "orphan-edited": { wanted: undefined, actual: "b", applied: "a" },
  "adoptable": { wanted: "a", actual: "a", applied: undefined },
  "overridden": { wanted: "a", actual: "b", applied: "b", heldAgainst: "a" },
  "invalid": {
    wanted: "a",
    actual: undefined,
    applied: "a",
    unusable: "a folder stands where a file should",
  },
};

const PATH = "memories/note.md";

function planOf(sample: Sample, take: Take, isClean: boolean): Plan {
  const { wanted, actual, applied, heldAgainst, unusable } = sample;
  const entry: TargetEntry = {
    path: PATH,
    kind: "memories",
    format: "whole-file",
    content: wanted ?? "",
    source: "note.md",
  };
  const file: ActualFile = unusable !== undefined
    ? { kind: "unusable", reason: unusable }
    : actual === undefined
    ? { kind: "absent" }
    : { kind: "text", text: actual, readOnly: false, executable: false };
  const record: AppliedEntry | undefined = applied === undefined ? undefined : {
    kind: "memories",
    format: "whole-file",
    content: applied,
    glue: { before: "", after: "" },
    created: true,
    ...(heldAgainst === undefined ? {} : { heldAgainst }),
  };
  const manifest: Applied | undefined = record === undefined ? undefined : {
    schema: 1,
    client: "test",
    home: "/home",
    repo: "/repo",
    agentos: "0.0.0",
    clientVersion: undefined,
    choices: { port: 1, executable: "agentos", agentsMd: true, hook: false, gateway: true },
    at: "",
    folders: [],
    entries: { [PATH]: record },
  };
  return plan({
    target: { client: "test", home: "/home", entries: wanted === undefined || isClean ? [] : [entry] },
    actual: new Map([[PATH, file]]),
    applied: manifest,
    take,
    merge: undefined,
    only: undefined,
  });
}

const text = await Deno.readTextFile(new URL("../ARCHITECTURE.md", import.meta.url));
const lines = text.split("\n");
const top = lines.findIndex((line) => HEADINGS.every((heading) => line.includes(` ${heading} `)));
const rows = lines.slice(top + 2, lines.indexOf("", top)).map((line) =>
  line.split("|").slice(1, -1).map((cell) => cell.trim().replaceAll("`", ""))
);

Deno.test("the table of states names every state once, in full", () => {
  assert.deepEqual(rows.map(([state]) => state).sort(), [...ENTRY_STATES].sort());
  for (const row of rows) assert.equal(row.length, HEADINGS.length, row.join());
});

Deno.test("every token is documented", async () => {
  const clients = await Promise.all(Object.values(CLIENTS).map(({ sync }) => sync?.()));
  const names = [TOKENS, ...clients.map((client) => client?.tokens ?? {})].flatMap((table) =>
    Object.keys(table)
  );
  assert.ok(names.length >= 10);
  for (const name of names) assert.ok(text.includes(`{{${name}}}`), name);
});

for (const [state, sample] of Object.entries(SAMPLES)) {
  Deno.test(`an entry that is ${state} gets from each command what the table says`, () => {
    const [, , check, push, repo, home, clean] = rows.find(([name]) => name === state) ?? [];
    const [entry] = planOf(sample, undefined, false).entries;
    assert.equal(entry?.state, state);
    const exit = state === "invalid" ? "2" : isInSync(planOf(sample, undefined, false)) ? "0" : "1";
    const action = (take: Take, isClean = false): string =>
      planOf(sample, take, isClean).entries[0]?.action ?? "none";
    assert.deepEqual(
      [exit, action(undefined), action("repo"), action("home"), action(undefined, true)],
      [check, push, repo, home, clean],
    );
  });
}
