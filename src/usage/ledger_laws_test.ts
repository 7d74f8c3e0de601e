import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { CLIENTS } from "../../clients/mod.ts";
import { openDatabase } from "../base/database.ts";
import { openUsageLedger } from "./ledger.ts";
import { USAGE_TABLES } from "./ledger_tables.ts";
import type { Response } from "./model.ts";
import { readFiles } from "./read_all.ts";

/** What may happen to logs between two runs. Numbers choose among what there is. */
type Step =
  | {
    readonly kind: "append";
    readonly file: number;
    readonly lines: readonly number[];
    readonly cut: number;
  }
  | { readonly kind: "create" | "fork"; readonly file: number }
  | {
    readonly kind: "copy" | "move" | "truncate" | "rewrite" | "replace";
    readonly file: number;
    readonly at: number;
  }
  | { readonly kind: "stop using" };

const at = fc.nat({ max: 5000 });
const file = fc.nat({ max: 20 });
const lines = fc.array(fc.nat({ max: 1000 }), { minLength: 1, maxLength: 6 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant("append" as const), file, lines, cut: fc.nat({ max: 60 }) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom("create" as const, "fork" as const), file }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        "copy" as const,
        "move" as const,
        "truncate" as const,
        "rewrite" as const,
        "replace" as const,
      ),
      file,
      at,
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("stop using" as const) }) },
);

/** How a client's logs look. */
interface Shape {
  readonly client: string;
  name(number: number): string;
  begin(number: number, parent: number | undefined): string;
  line(number: number, seed: number): string;
}

const idOf = (number: number): string => `01a05c69-4d00-7000-8000-${String(number).padStart(12, "0")}`;
const timeOf = (seconds: number): string => new Date(Date.UTC(2026, 8, 1) + seconds * 1000).toISOString();

const SHAPES: readonly Shape[] = [
  {
    client: "codex",
    name: (number) => `rollout-2026-09-01T10-00-00-${idOf(number)}.jsonl`,
    begin: (number, parent) =>
      `{"timestamp":"${timeOf(number)}","type":"session_meta","payload":{"id":"${
        idOf(number)
      }","cwd":"/p","timestamp":"${timeOf(number)}"${
        parent === undefined ? "" : `,"forked_from_id":"${idOf(parent)}"`
      }}}`,
    line(number, seed): string {
      const usage = `{"input_tokens":${seed * 7},"cached_input_tokens":${seed},"output_tokens":${seed * 2}}`;
      if (seed % 5 === 0) {
        return `{"timestamp":"${timeOf(seed)}","type":"turn_context","payload":{"turn_id":"t${
          seed % 3
        }","model":"m${seed % 3}"}}`;
      }
      if (seed % 5 === 1) {
        return `{"timestamp":"${timeOf(seed)}","type":"token_usage_record","payload":{"thread_id":"${
          idOf(number)
        }","response_id":"r${seed % 40}","usage":${usage}}}`;
      }
      if (seed % 11 === 0) return `{"timestamp":"${timeOf(seed)}","type":"event_msg","payl`;
      return `{"timestamp":"${
        timeOf(seed)
      }","type":"event_msg","payload":{"type":"token_count","info":{"total_token_usage":${usage}}}}`;
    },
  },
  {
    client: "claude",
    name: (number) => `s${number}.jsonl`,
    begin: (number) => `{"type":"summary","sessionId":"s${number}"}`,
    line: (number, seed) =>
      `{"type":"assistant","timestamp":"${timeOf(seed)}","sessionId":"s${number}",${
        seed % 4 === 0 ? "" : `"requestId":"q${seed % 30}",`
      }"message":{"id":"m${seed % 30}","model":"claude-${seed % 3}","usage":{"input_tokens":${
        seed % 7
      },"output_tokens":${seed}}}}`,
  },
];

for (const shape of SHAPES) {
  Deno.test(`whatever happens to logs, the ledger answers what the files answer: ${shape.client}`, async () => {
    const client = await CLIENTS[shape.client]?.usage?.();
    assert.ok(client !== undefined);
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 14 }), async (steps) => {
        const home = Deno.realPathSync(await Deno.makeTempDir({ prefix: "agentos-ledger-" }));
        const { db } = openDatabase(join(home, "agentos.db"), [USAGE_TABLES], new Date());
        try {
          const folders = client.folders(() => undefined, home);
          for (const folder of folders) await Deno.mkdir(folder, { recursive: true });
          let asked = folders;
          const files: { path: string; readonly number: number }[] = [];
          const create = (parent?: number): void => {
            const number = files.length + 1;
            const path = join(folders[0] ?? "", shape.name(number));
            Deno.writeTextFileSync(path, `${shape.begin(number, parent)}\n`);
            files.push({ path, number });
          };
          create();
          for (const step of steps) {
            if (step.kind === "create") create();
            else if (step.kind === "stop using") asked = asked.length > 1 ? asked.slice(1) : folders;
            else {
              const chosen = files[step.file % files.length];
              // What happens while nobody looks is history, and may stay.
              if (chosen !== undefined && asked.some((folder) => chosen.path.startsWith(folder))) {
                takeStep(step, chosen, files, folders, create, shape);
              }
            }
            const kept = await openUsageLedger(db)(client, asked);
            const alone = await readFiles(client, asked);
            assert.deepEqual(kept, { ...alone, gone: [] });
            assert.deepEqual(await openUsageLedger(db)(client, asked), kept);
          }
          // Once it was asked about everything, nothing is forgotten when all files go.
          const before = await openUsageLedger(db)(client, folders);
          for (const folder of folders) await Deno.remove(folder, { recursive: true });
          const after = await openUsageLedger(db)(client, folders);
          assert.deepEqual(after.responses, before.responses);
          assert.deepEqual(after.warnings, before.warnings);
          assert.equal(after.gone.length, before.files);
          const explained = await openUsageLedger(db)(client, folders, { explain: true });
          assert.deepEqual(sumOf(explained.responses), sumOf(before.responses));
        } finally {
          db.close();
          await Deno.remove(home, { recursive: true });
        }
      }),
      { numRuns: 60 },
    );
  });
}

function takeStep(
  step: Exclude<Step, { readonly kind: "stop using" }>,
  chosen: { path: string; readonly number: number },
  files: { path: string; readonly number: number }[],
  folders: readonly string[],
  create: (parent?: number) => void,
  shape: Shape,
): void {
  const text = Deno.readTextFileSync(chosen.path);
  switch (step.kind) {
    case "append": {
      const added = step.lines.map((seed) => `${shape.line(chosen.number, seed)}\n`).join("");
      return Deno.writeTextFileSync(chosen.path, added.slice(0, added.length - step.cut % added.length), {
        append: true,
      });
    }
    case "fork":
      return create(chosen.number);
    case "copy": {
      const path = join(
        folders.at(-1) ?? "",
        shape.name(chosen.number).replace(".jsonl", `-${step.at % 3}.jsonl`),
      );
      if (files.some((other) => other.path === path)) return;
      Deno.copyFileSync(chosen.path, path);
      files.push({ path, number: chosen.number });
      return;
    }
    case "move": {
      const path = join(dirname(chosen.path), `${step.at % 5}`, shape.name(chosen.number));
      if (files.some((other) => other.path === path)) return;
      Deno.mkdirSync(dirname(path), { recursive: true });
      Deno.renameSync(chosen.path, path);
      chosen.path = path;
      return;
    }
    case "truncate":
      return Deno.truncateSync(chosen.path, step.at % (text.length + 1));
    case "rewrite":
      // In place, so that only its content tells.
      return Deno.writeTextFileSync(
        chosen.path,
        `${shape.line(chosen.number, step.at % 1000)}\n${text.slice(step.at % 200)}`,
      );
    case "replace": {
      Deno.writeTextFileSync(`${chosen.path}.new`, `${text}${shape.line(chosen.number, step.at % 1000)}\n`);
      return Deno.renameSync(`${chosen.path}.new`, chosen.path);
    }
    case "create":
      return create();
  }
}

function sumOf(responses: readonly Response[]): number {
  return responses.reduce((sum, { tokens }) => sum + tokens.input + tokens.output, 0);
}
