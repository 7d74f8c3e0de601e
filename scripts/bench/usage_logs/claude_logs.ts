/**
 * Writes a home of Claude Code with logs as heavy users have them, and knows what they add up to.
 *
 * The lines have the shape of Claude Code 2.1 (seen 2026-11): one line per content block of an answer, early ones with a
 * partial count, results of tools, sessions that were resumed and begin with a copy of their history, sub-agents.
 *
 * @module
 */

import { join } from "node:path";
import { addTruth, drawSize, openDraw, openFile, openTexts, type Truth } from "./log_text.ts";

/** What to write. */
export interface ClaudePlan {
  readonly seed: number;
  readonly sizeBytes: number;
  readonly files: number;
  readonly longShare: number;
}

const MODELS = ["claude-opus-4-6", "claude-sonnet-4-5-20250929", "claude-haiku-4-5-20251001"] as const;
const START = Date.UTC(2026, 5, 1);

/** Writes the logs below `<home>/.claude` and answers what they add up to; `input` holds what was read from the cache. */
export function writeClaudeLogs(home: string, plan: ClaudePlan): Truth {
  const draw = openDraw(plan.seed);
  const text = openTexts(draw);
  const truth: Truth = {};
  let history: readonly string[] = [];
  for (let count = 0; count < plan.files; count++) {
    let at = START + count * Math.floor(150 * 86_400_000 / plan.files);
    const session = draw.id(at);
    const project = draw.pick(["shop", "compiler", "site", "notes"]);
    const parent = join(home, ".claude", "projects", `-home-dev-${project}`);
    const isAgent = draw.chance(0.15);
    const folder = isAgent ? join(parent, session, "subagents") : parent;
    Deno.mkdirSync(folder, { recursive: true });
    const file = openFile(join(folder, isAgent ? "agent-a1.jsonl" : `${session}.jsonl`));
    const head = (uuid: string): string =>
      `{"parentUuid":"${uuid}","isSidechain":${isAgent},"userType":"external","cwd":"/home/dev/${project}","sessionId":"${session}","version":"2.1.50","gitBranch":"main",`;
    if (draw.chance(0.06)) { for (const line of history) file.write(line); }
    const written: string[] = [];
    const put = (line: string): void => {
      file.write(line);
      if (written.length < 40 && line.length < 20_000) written.push(line);
    };
    const share = (0.5 + draw.unit()) * plan.sizeBytes / plan.files;
    while (file.sizeBytes < share) {
      at += draw.between(1000, 300_000);
      const model = draw.pick(MODELS);
      const usage = {
        input: draw.between(1, 4000),
        cached: draw.between(0, 150_000),
        write: draw.between(0, 8000),
        output: draw.between(10, 4000),
      };
      const request = `req_${draw.id(at)}`;
      const message = `msg_${draw.id(at)}`;
      const blocks = draw.between(1, 3);
      for (let block = 1; block <= blocks; block++) {
        const output = block === blocks ? usage.output : Math.min(usage.output, 3);
        put(
          `${
            head(draw.id(at))
          }"message":{"model":"${model}","id":"${message}","type":"message","role":"assistant","content":[${
            block === blocks
              ? `{"type":"tool_use","id":"toolu_${block}","name":"Edit","input":{"file_path":"/p/a.ts","new_string":"${
                text(draw.between(200, 6000))
              }"}}`
              : `{"type":"text","text":"${text(draw.between(100, 3000))}"}`
          }],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":${usage.input},"cache_creation_input_tokens":${usage.write},"cache_read_input_tokens":${usage.cached},"cache_creation":{"ephemeral_5m_input_tokens":${usage.write},"ephemeral_1h_input_tokens":0},"output_tokens":${output},"service_tier":"standard","inference_geo":"us"}},"requestId":"${request}","type":"assistant","uuid":"${
            draw.id(at)
          }","timestamp":"${new Date(at).toISOString()}"}`,
        );
        at += draw.between(100, 3000);
      }
      addTruth(truth, model, {
        input: usage.input + usage.cached + usage.write,
        cached: usage.cached,
        output: usage.output,
        reasoning: 0,
      });
      const result = text(drawSize(draw, plan.longShare) / 2);
      put(
        `${
          head(draw.id(at))
        }"type":"user","message":{"role":"user","content":[{"tool_use_id":"toolu_1","type":"tool_result","content":"${result}"}]},"uuid":"${
          draw.id(at)
        }","timestamp":"${
          new Date(at).toISOString()
        }","toolUseResult":{"stdout":"${result}","stderr":"","interrupted":false,"usage":{"input_tokens":7}}}`,
      );
    }
    if (!isAgent) history = written;
    file.close();
  }
  return truth;
}
