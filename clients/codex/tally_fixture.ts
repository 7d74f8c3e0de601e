/** Logs of Codex for tests of the tally: mostly plain ones, now and then anything. @module */

import fc from "fast-check";

/** The session of a log, and another one. */
export const ID = "01a05c69-4d00-7000-8000-000000000001";
export const OTHER = "01a05c69-4d00-7000-8000-000000000002";

/** Counts of a response, or of all so far. */
export interface Counts {
  readonly input: number;
  readonly cached: number;
  readonly output: number;
  readonly reasoning: number;
}

const NONE: Counts = { input: 0, cached: 0, output: 0, reasoning: 0 };

function add(a: Counts, b: Counts): Counts {
  return {
    input: a.input + b.input,
    cached: a.cached + b.cached,
    output: a.output + b.output,
    reasoning: a.reasoning + b.reasoning,
  };
}

function render({ input, cached, output, reasoning }: Counts): string {
  return `{"input_tokens":${input},"cached_input_tokens":${cached},"output_tokens":${output},"reasoning_output_tokens":${reasoning},"total_tokens":${
    input + output
  }}`;
}

/** What sets one log apart from another. */
export interface Life {
  readonly id: string;
  /** When it begins, in seconds after the first of all. */
  readonly from: number;
  /** What its running total goes on from. */
  readonly total: Counts;
  /** What its session line says besides. */
  readonly more: string;
  /** True when its lines have numbers. */
  readonly isNumbered: boolean;
  /** What is copied into it behind its session line, without times. */
  readonly copied: readonly string[];
}

/** A session without a parent. */
export const PLAIN: Life = { id: ID, from: 0, total: NONE, more: "", isNumbered: false, copied: [] };

/** Writes the lines of a log, one second after another. */
function openLog(life: Life): {
  readonly lines: string[];
  /** The lines without their times and numbers. */
  readonly rests: string[];
  line(rest: string): void;
  session(id?: string, more?: string): void;
  turn(turn: string, model: string): void;
  total(last: string | undefined): void;
  respond(own: Counts, record: string | undefined): void;
  readonly total_: { counts: Counts };
} {
  const lines: string[] = [];
  const rests: string[] = [];
  const total_ = { counts: life.total };
  const line = (rest: string): void => {
    // A copy is written at once.
    const seconds = life.from + Math.max(0, lines.length - life.copied.length);
    const at = new Date(Date.UTC(2026, 8, 1) + seconds * 1000).toISOString();
    const number = life.isNumbered ? `"ordinal":${lines.length},` : "";
    lines.push(`{"timestamp":"${at}",${number}${rest}}`);
    rests.push(rest);
  };
  const total = (last: string | undefined): void =>
    line(
      `"type":"event_msg","payload":{"type":"token_count","info":{"total_token_usage":${
        render(total_.counts)
      }${
        last === undefined ? "" : `,"last_token_usage":${last}`
      },"model_context_window":9},"rate_limits":null}`,
    );
  return {
    lines,
    rests,
    total_,
    line,
    total,
    session: (id = life.id, more = life.more) =>
      line(`"type":"session_meta","payload":{"id":"${id}",${more}"cwd":"/p","model_provider":"openai"}`),
    turn: (turn, model) =>
      line(`"type":"turn_context","payload":{"turn_id":"${turn}","cwd":"/p","model":"${model}"}`),
    respond(own, record): void {
      if (record !== undefined) line(record);
      total_.counts = add(total_.counts, own);
      total(render(own));
    },
  };
}

function renderRecord(own: Counts, id: string, turn: string, thread: string): string {
  return `"type":"token_usage_record","payload":{"thread_id":"${thread}","turn_id":"${turn}","response_id":"${id}","usage":${
    render(own)
  }}`;
}

const counts: fc.Arbitrary<Counts> = fc.record({
  input: fc.integer({ min: 0, max: 5 }),
  cached: fc.integer({ min: 0, max: 2 }),
  output: fc.integer({ min: 0, max: 3 }),
  reasoning: fc.integer({ min: 0, max: 1 }),
});

/** What happens in a log: mostly what is plain, now and then anything. */
export const step = fc.oneof(
  { weight: 12, arbitrary: fc.record({ kind: fc.constant("recorded" as const), own: counts }) },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant("advance" as const), own: counts }) },
  { weight: 6, arbitrary: fc.constant({ kind: "repeat" as const }) },
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant("turn" as const), model: fc.constantFrom("m-1", "m-2", "für") }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("unnamed turn" as const),
      model: fc.constantFrom("m-1", "m-5"),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("turn without a model" as const),
      isEarlier: fc.boolean(),
      model: fc.constantFrom("", ',"model":""', ',"model":null', ',"model":"\\u006d"'),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: "begun" as const }) },
  { weight: 4, arbitrary: fc.constant({ kind: "message" as const }) },
  { weight: 2, arbitrary: fc.constant({ kind: "limits" as const }) },
  {
    weight: 2,
    arbitrary: fc.constantFrom({ kind: "fast" as const }, { kind: "settings of another" as const }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("lone record" as const), own: counts }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("record of nobody" as const), own: counts }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        "late record" as const,
        "other counts" as const,
        "record twice" as const,
        "record of another" as const,
        "record of a turn before" as const,
        "advance without last" as const,
        "other last" as const,
        "spaced" as const,
      ),
      own: counts,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      { kind: "anew" as const },
      { kind: "session" as const },
      { kind: "session of another" as const },
      { kind: "broken" as const },
      { kind: "odd number" as const },
      { kind: "no time" as const },
    ),
  },
);

/** One of them. */
export type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

/** A log, its lines without times, and the total that it ends with. */
export interface Rendered {
  readonly text: string;
  readonly rests: readonly string[];
  readonly total: Counts;
}

/** Writes a log. */
export function renderLog(steps: readonly Step[], isEnded: boolean, begins: string, life = PLAIN): Rendered {
  const log = openLog(life);
  const nameTurn = (number: number): string => `turn-${life.from}-${number}`;
  const record = (own: Counts, id: string, turn: string): string => renderRecord(own, id, turn, life.id);
  const beginTurn = (number: number): void =>
    log.line(
      `"type":"event_msg","payload":{"type":"task_started","turn_id":"${nameTurn(number)}","started_at":${
        Date.UTC(2026, 8, 1) / 1000 + life.from + log.lines.length
      }}`,
    );
  if (begins === "turn") log.turn(nameTurn(0), "m-0");
  if (begins === "begun") beginTurn(0);
  if (begins !== "nothing") {
    log.session(life.id, begins === "fork" ? `"forked_from_id":"${OTHER}",` : life.more);
  }
  for (const rest of life.copied) log.line(rest);
  let turn = 0;
  for (const [index, one] of steps.entries()) {
    const id = `resp_${life.from}_${index}`;
    const current = nameTurn(turn);
    switch (one.kind) {
      case "recorded":
        log.respond(one.own, record(one.own, id, current));
        break;
      case "advance":
        log.respond(one.own, undefined);
        break;
      case "repeat":
        log.total(undefined);
        break;
      case "turn":
        turn++;
        beginTurn(turn);
        log.turn(nameTurn(turn), one.model);
        break;
      case "begun":
        turn++;
        beginTurn(turn);
        break;
      case "turn without a model":
        log.line(
          `"type":"turn_context","payload":{"turn_id":"${
            nameTurn(one.isEarlier ? Math.max(0, turn - 1) : turn)
          }","cwd":"/p"${one.model}}`,
        );
        break;
      case "unnamed turn":
        // As Codex wrote them before turns had names.
        log.line(`"type":"turn_context","payload":{"cwd":"/p","model":"${one.model}"}`);
        break;
      case "message":
        log.line(`"type":"response_item","payload":{"type":"message","text":"\\"type\\":\\"token_count\\""}`);
        break;
      case "limits":
        log.line(
          `"type":"event_msg","payload":{"type":"token_count","info":null,"rate_limits":{"plan":"p"}}`,
        );
        break;
      case "fast":
        log.line(
          `"type":"event_msg","payload":{"type":"thread_settings_applied","thread_id":"${life.id}","thread_settings":{"model":"m-3","service_tier":"fast"}}`,
        );
        break;
      case "settings of another":
        log.line(
          `"type":"event_msg","payload":{"type":"thread_settings_applied","thread_id":"${OTHER}","thread_settings":{"model":"m-4","service_tier":"flex"}}`,
        );
        break;
      case "lone record":
        log.line(record(one.own, id, current));
        break;
      case "late record":
        log.respond(one.own, undefined);
        log.line(record(one.own, id, current));
        break;
      case "other counts":
        log.respond(one.own, record({ ...one.own, input: one.own.input + 1 }, id, current));
        break;
      case "record twice":
        log.line(record(one.own, id, current));
        log.respond(one.own, record(one.own, id, current));
        break;
      case "record of another":
        log.line(renderRecord(one.own, id, current, OTHER));
        break;
      case "record of nobody":
        // In a child's log, one of its parent's may have that id.
        log.respond(
          one.own,
          record(one.own, `resp_0_${index}`, current).replace(`"thread_id":"${life.id}",`, ""),
        );
        break;
      case "record of a turn before":
        log.respond(one.own, record(one.own, id, nameTurn(Math.max(0, turn - 1))));
        break;
      case "advance without last":
        log.total_.counts = add(log.total_.counts, one.own);
        log.total(undefined);
        break;
      case "other last":
        log.total_.counts = add(log.total_.counts, one.own);
        log.total(render({ ...one.own, output: one.own.output + 1 }));
        break;
      case "spaced":
        log.total_.counts = add(log.total_.counts, one.own);
        log.line(
          `"type" : "event_msg", "payload": {"type":"token_count","info":{"total_token_usage": ${
            render(log.total_.counts)
          }}}`,
        );
        break;
      case "anew":
        log.total_.counts = { ...NONE, input: 1 };
        log.total(render(log.total_.counts));
        break;
      case "session":
        log.session();
        break;
      case "session of another":
        log.session(OTHER);
        break;
      case "broken":
        log.lines.push('{"torn":');
        break;
      case "odd number":
        log.line(
          `"type":"event_msg","payload":{"type":"token_count","info":{"total_token_usage":{"input_tokens":1e2}}}`,
        );
        break;
      case "no time":
        log.lines.push(
          `{"type":"event_msg","payload":{"type":"token_count","info":{"total_token_usage":${
            render(add(log.total_.counts, { ...NONE, input: 1 }))
          }}}}`,
        );
        break;
    }
  }
  return {
    text: log.lines.join("\n") + (isEnded ? "\n" : ""),
    rests: log.rests,
    total: log.total_.counts,
  };
}
