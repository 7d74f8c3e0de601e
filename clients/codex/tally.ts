/**
 * What a plain Codex log says besides counts of tokens: whose it is, which model answers, and, of a thread that goes on
 * from another one, which line is the first of its own and what its running total goes on from. What is not plain is
 * refused; `count_responses.ts`, which is the statement of the rules, counts that. Tests hold that both say the same of
 * every other log.
 *
 * @module
 */

import { isCount } from "../../src/base/token_counts.ts";
import type { LineKind, Tally, TallyAnswer } from "../../src/usage/client.ts";
import type { LineView } from "../../src/usage/line_view.ts";
import type {
  FindParent,
  LogEvent,
  ParentView,
  ResponseSetting,
  SessionEvent,
  Tokens,
} from "../../src/usage/model.ts";
import { openSettings, type Setting, type Settings } from "./count_responses.ts";
import { isOwnTurn, ownTotals, threadInName, viewParent } from "./inherited.ts";
import { openTotals } from "./running_total.ts";

/** A log of which the first line was read that matters. */
interface Thread {
  readonly own: SessionEvent;
  readonly parent: ParentView | undefined;
  readonly isOwnTotal: (event: LogEvent) => boolean;
  readonly settings: Settings;
  /** Of a thread that goes on from another one. */
  readonly totals: ReturnType<typeof openTotals> | undefined;
}

/** See `UsageClient.openTally`. */
export function openTally(path: string, findParent: FindParent): Tally {
  const named = threadInName(path);
  let thread: Thread | undefined;
  /** What stands before the lines that the scanner counts. */
  const before: LogEvent[] = [];
  let isBefore = false;
  let latest: { readonly setting: Setting; readonly whole: ResponseSetting } | undefined;

  /** The first line that matters says whose log it is. */
  function begin(own: LogEvent): TallyAnswer {
    if (own.kind !== "session" || (named !== undefined && own.id !== named)) return "refused";
    isBefore = own.parent !== undefined;
    if (!isBefore && own.firstOwnOrdinal !== undefined) return "refused";
    const parent = own.parent === undefined ? undefined : findParent(own.parent);
    if (parent === "unread") return "refused";
    thread = {
      own,
      parent,
      isOwnTotal: ownTotals(own, parent),
      settings: openSettings(own, own.id),
      totals: isBefore ? openTotals(own, parent) : undefined,
    };
    return take(own, thread);
  }

  function take(event: LogEvent, { own, parent, isOwnTotal, settings, totals }: Thread): TallyAnswer {
    // Also what begins the thread's own part: the scanner has not seen which turn that is.
    if (isBefore) before.push(event);
    // These would have to be counted themselves.
    if (isBefore && own.firstOwnOrdinal === undefined && isOwnTotal(event)) return "refused";
    if (isBefore && event !== own && beginsOwn(event, own, parent)) {
      if (event.kind === "total" || event.kind === "response") return "refused";
      isBefore = false;
    }
    settings.see(event, !isBefore);
    if (!isBefore) return event.kind === "session" && event.id !== own.id ? "refused" : "counting";
    if (event.kind === "total") totals?.inherit(event);
    return "before";
  }

  return {
    take(kind, line, number): TallyAnswer {
      const event = kind.read(line, number);
      if (event === undefined) return isBefore ? "before" : "counting";
      return thread === undefined ? begin(event) : take(event, thread);
    },
    kinship: () => thread && { session: thread.own.id, parent: thread.own.parent },
    setting(): ResponseSetting {
      const setting = thread?.settings.ofTurn(undefined) ?? NO_SETTING;
      if (latest?.setting !== setting) {
        const { id = "", project = "" } = thread?.own ?? {};
        latest = { setting, whole: { client: "codex", session: id, project, ...setting } };
      }
      return latest.whole;
    },
    findBase(kind: LineKind, line: LineView, number: number): Tokens | undefined {
      const event = kind.read(line, number);
      if (event?.kind !== "total" || event.total === undefined) return undefined;
      const base = thread?.totals?.baseOf(event);
      return base !== undefined && isCount(base) ? base : undefined;
    },
    before: () => viewParent({ events: before }),
  };
}

/** True for the first event that is the thread's own, as long as no later one can show that another is; see `findOwnStart`. */
function beginsOwn(event: LogEvent, own: SessionEvent, parent: ParentView | undefined): boolean {
  if (own.firstOwnOrdinal === undefined) return isOwnTurn(event, own, parent);
  return event.ordinal !== undefined && event.ordinal >= own.firstOwnOrdinal;
}

const NO_SETTING: Setting = { model: "", provider: "", speed: "standard" };
