/**
 * Writes a home of Codex with logs as heavy users have them, and knows what they add up to.
 *
 * The lines have the shape of Codex 0.130 (running totals alone) and 0.169 (records beside them), seen 2026-11: totals
 * that are written again, resumed sessions that change the model, forks by copy and by reference, sub-agents,
 * compactions, archived files, and a copy of a session in the archive.
 *
 * @module
 */

import { join } from "node:path";
import { addTruth, type Draw, drawSize, openDraw, openFile, openTexts, type Truth } from "./log_text.ts";

/** What to write. */
export interface CodexPlan {
  readonly seed: number;
  readonly sizeBytes: number;
  readonly files: number;
  /** Of the lines with output of tools, how many are of a megabyte and more. */
  readonly longShare: number;
}

interface Counts {
  input: number;
  cached: number;
  output: number;
  reasoning: number;
}

/** A session that later ones fork from. */
interface Past {
  readonly id: string;
  readonly isNew: boolean;
  readonly total: Counts;
  /** Its first lines, without their times. */
  readonly head: readonly string[];
  /** The total that the head ends with. */
  readonly headTotal: Counts;
}

const MODELS = ["gpt-5.2-codex", "gpt-5.2", "gpt-5.1-codex-mini", "gpt-5.5"] as const;
const START = Date.UTC(2026, 5, 1);

/** Writes the logs below `<home>/.codex` and answers what they add up to. */
export function writeCodexLogs(home: string, plan: CodexPlan): Truth {
  const draw = openDraw(plan.seed);
  const text = openTexts(draw);
  const truth: Truth = {};
  const past: Past[] = [];
  const folder = join(home, ".codex");
  for (let count = 0; count < plan.files; count++) {
    const at = START + count * Math.floor(150 * 86_400_000 / plan.files) + draw.between(0, 3_600_000);
    const id = draw.id(at);
    const day = new Date(at).toISOString().slice(0, 10).replaceAll("-", "/");
    const isArchived = draw.chance(0.1);
    const place = join(folder, isArchived ? "archived_sessions" : join("sessions", day));
    Deno.mkdirSync(place, { recursive: true });
    const stamp = new Date(at).toISOString().slice(0, 19).replaceAll(":", "-");
    const path = join(place, `rollout-${stamp}-${id}.jsonl`);
    const share = (0.5 + draw.unit()) * plan.sizeBytes / plan.files;
    past.push(
      writeSession(path, { id, at, sizeBytes: share, longShare: plan.longShare, past, draw, text, truth }),
    );
    if (!isArchived && draw.chance(0.01)) {
      Deno.mkdirSync(join(folder, "archived_sessions"), { recursive: true });
      Deno.copyFileSync(path, join(folder, "archived_sessions", `rollout-${stamp}-${id}.jsonl`));
    }
  }
  return truth;
}

/** Writes one log of lines that are all about as long as asked for, with a total after each. */
export function writeLongLog(home: string, sizeBytes: number, lineBytes: number): void {
  const text = openTexts(openDraw(5))(lineBytes);
  const folder = join(home, ".codex", "sessions", "2026", "06", "01");
  Deno.mkdirSync(folder, { recursive: true });
  const file = openFile(
    join(folder, "rollout-2026-06-01T00-00-00-01a05c69-4d00-7000-8000-000000000001.jsonl"),
  );
  const stamp = `{"timestamp":"${new Date(START).toISOString()}",`;
  for (let count = 1; file.sizeBytes < sizeBytes; count++) {
    const usage = `{"input_tokens":${count * 1000},"cached_input_tokens":0,"output_tokens":${count * 10}}`;
    file.write(
      `${stamp}"type":"response_item","payload":{"type":"function_call_output","output":"${text}"}}`,
    );
    file.write(
      `${stamp}"type":"event_msg","payload":{"type":"token_count","info":{"total_token_usage":${usage}}}}`,
    );
  }
  file.close();
}

interface Session {
  readonly id: string;
  readonly at: number;
  readonly sizeBytes: number;
  readonly longShare: number;
  readonly past: readonly Past[];
  readonly draw: Draw;
  text(sizeBytes: number): string;
  readonly truth: Truth;
}

function writeSession(path: string, session: Session): Past {
  const { id, past, draw, text, truth } = session;
  const file = openFile(path);
  const isNew = draw.chance(0.5);
  const origin = draw.chance(0.08)
    ? past.findLast((other) => other.isNew === isNew && other.head.length > 0)
    : undefined;
  const total: Counts = { input: 0, cached: 0, output: 0, reasoning: 0 };
  const head: string[] = [];
  const headTotal: Counts = { ...total };
  let at = session.at;
  let ordinal = 0;
  let responses = 0;
  const put = (rest: string): void => {
    const number = isNew ? `"ordinal":${ordinal++},` : "";
    file.write(`{"timestamp":"${new Date(at).toISOString()}",${number}${rest}`);
    if (responses <= 3 && rest.length < 2000) {
      head.push(rest);
      Object.assign(headTotal, total);
    }
  };
  const fork = origin === undefined ? "" : `"forked_from_id":"${origin.id}",`;
  const base = origin !== undefined && isNew
    ? `"history_base":{"thread_id":"${origin.id}","end_ordinal_exclusive":0},`
    : "";
  put(
    `"type":"session_meta","payload":{"id":"${id}",${fork}${base}"timestamp":"${
      new Date(at).toISOString()
    }","cwd":"/home/dev/${
      draw.pick(["shop", "compiler", "site", "notes"])
    }","originator":"codex_cli_rs","cli_version":"${
      isNew ? "0.169.0" : "0.130.0"
    }","source":"cli","model_provider":"openai","base_instructions":{"text":"${
      text(12_000)
    }"},"git":{"branch":"main"}}}`,
  );
  if (origin !== undefined) {
    // By reference the total goes on from the parent's; by copy the lines come again, with new times.
    Object.assign(total, isNew ? origin.total : origin.headTotal);
    if (!isNew) { for (const line of origin.head) put(line); }
  }
  let model: string = draw.pick(MODELS);
  for (let turn = 0; file.sizeBytes < session.sizeBytes; turn++) {
    at += draw.between(2000, 900_000);
    if (draw.chance(0.15)) model = draw.pick(MODELS);
    const turnId = draw.id(at);
    put(
      `"type":"event_msg","payload":{"type":"task_started","turn_id":"${turnId}","started_at":${
        Math.floor(at / 1000)
      },"model_context_window":258400}}`,
    );
    put(
      `"type":"turn_context","payload":{"turn_id":"${turnId}","cwd":"/home/dev/p","approval_policy":"on-request","sandbox_policy":{"type":"workspace-write","network_access":false},"model":"${model}","effort":"medium","summary":"auto","user_instructions":"${
        text(1500)
      }"}}`,
    );
    put(
      `"type":"response_item","payload":{"type":"message","role":"user","content":[{"type":"input_text","text":"${
        text(300)
      }"}]}}`,
    );
    for (let count = draw.between(2, 14); count > 0 && file.sizeBytes < session.sizeBytes; count--) {
      responses++;
      at += draw.between(800, 40_000);
      writeResponse(turnId);
    }
  }
  file.close();
  return { id, isNew, total, head, headTotal };

  function writeResponse(turnId: string): void {
    put(
      `"type":"response_item","payload":{"type":"reasoning","summary":[{"type":"summary_text","text":"${
        text(200)
      }"}],"content":null,"encrypted_content":"${"gAAAAABo".repeat(draw.between(60, 500))}"}}`,
    );
    put(`"type":"event_msg","payload":{"type":"agent_reasoning","text":"${text(200)}"}}`);
    put(
      `"type":"response_item","payload":{"type":"function_call","name":"shell","arguments":"{\\"command\\":[\\"bash\\",\\"-lc\\",\\"${
        text(150).replaceAll("\\", "\\\\")
      }\\"]}","call_id":"call_${turnId}"}}`,
    );
    put(
      `"type":"response_item","payload":{"type":"function_call_output","call_id":"call_${turnId}","output":"${
        text(drawSize(draw, session.longShare))
      }"}}`,
    );
    if (draw.chance(0.3)) {
      put(
        `"type":"event_msg","payload":{"type":"agent_message","message":"${
          text(700)
        }","phase":"commentary"}}`,
      );
    }
    const input = draw.between(4000, 240_000);
    const output = draw.between(20, 4000);
    const own: Counts = {
      input,
      cached: Math.floor(input * draw.unit()),
      output,
      reasoning: Math.floor(output * draw.unit() * 0.7),
    };
    if (isNew) {
      put(
        `"type":"token_usage_record","payload":{"thread_id":"${id}","turn_id":"${turnId}","session_id":"${id}","root_turn_id":"${turnId}","response_id":"resp_${
          draw.id(at)
        }","usage":${render(own)},"turn_token_usage":${render(own)},"thread_token_usage":${render(total)}}}`,
      );
    } else if (draw.chance(0.1)) putTotal(own);
    for (const key of ["input", "cached", "output", "reasoning"] as const) total[key] += own[key];
    addTruth(truth, model, own);
    putTotal(own);
    for (let again = draw.chance(0.6) ? draw.between(1, 2) : 0; again > 0; again--) {
      at += draw.between(1, 400);
      putTotal(own);
    }
    if (draw.chance(0.004)) {
      put(
        `"type":"compacted","payload":{"message":"","replacement_history":[{"type":"message","content":[{"type":"input_image","image_url":"data:image/png;base64,${
          "iVBORw0KGgoAAAANSUhEUgAA".repeat(draw.between(200, 60_000))
        }"}]}]}}`,
      );
    }
  }

  function putTotal(own: Counts): void {
    put(
      `"type":"event_msg","payload":{"type":"token_count","info":{"total_token_usage":${
        render(total)
      },"last_token_usage":${
        render(own)
      },"model_context_window":258400},"rate_limits":{"limit_id":"codex","limit_name":null,"primary":{"used_percent":${
        draw.between(0, 100)
      }.5,"window_minutes":300,"resets_at":1790000000},"secondary":{"used_percent":31.0,"window_minutes":10080,"resets_at":1790500000},"credits":null,"plan_type":"pro"}}}`,
    );
  }

  function render({ input, cached, output, reasoning }: Counts): string {
    const written = isNew ? '"cache_write_input_tokens":0,' : "";
    return `{"input_tokens":${input},"cached_input_tokens":${cached},${written}"output_tokens":${output},"reasoning_output_tokens":${reasoning},"total_tokens":${
      input + output
    }}`;
  }
}
