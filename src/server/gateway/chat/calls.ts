/**
 * The calls of one answer, put together from the parts that a server sends of them.
 *
 * By the published protocol each part says by `index` which call it belongs to, and the first part of a call has
 * its `id` and `name`. What servers do instead (issue trackers of Ollama, vLLM, Dynamo and their clients, 2026-11):
 * every call at index 0, with ids of their own; no index at all; the name in every part, or in two; no id; an id
 * that is new in every part. All calls stay open until the answer ends, since parts of several may come in turns.
 *
 * @module
 */

import type { CallPiece } from "./chunk.ts";
import type { AnswerEvent, CallItem, OutputItem } from "./events.ts";
import { type OpenCall, openCall } from "./items.ts";

/** The place of a new item in the answer. */
export interface ItemPlace {
  readonly id: string;
  readonly outputIndex: number;
}

/** The calls that the model is making. */
export interface OpenCalls {
  /** How many there are so far. */
  readonly count: number;
  /** A part of a call has come. */
  take(piece: CallPiece): readonly AnswerEvent[];
  /** All have come; undefined when one of them never got a name. */
  close(): { readonly events: readonly AnswerEvent[]; readonly items: readonly OutputItem[] } | undefined;
  /** The answer was cut off: what had come of them. */
  cut(): readonly CallItem[];
}

interface Draft {
  readonly index: number | undefined;
  id: string | undefined;
  name: string;
  /** Arguments that came before the name was sure. */
  waiting: string;
  call: OpenCall | undefined;
}

/** Nothing called yet; `newPlace` is asked once for each call. */
export function openCalls(newPlace: () => ItemPlace): OpenCalls {
  const drafts: Draft[] = [];
  const callIds = new Set<string>();

  const announce = (draft: Draft): AnswerEvent[] => {
    if (draft.call !== undefined || draft.name === "") return [];
    const { id, outputIndex } = newPlace();
    const callId = newCallId(draft.id ?? `call_${id}`, callIds);
    const { opened, call } = openCall(id, outputIndex, { callId, name: draft.name });
    draft.call = call;
    return [opened, ...call.add(draft.waiting)];
  };

  return {
    get count() {
      return drafts.length;
    },
    take: (piece): AnswerEvent[] => {
      let draft = findDraft(drafts, piece);
      if (draft === undefined) {
        draft = { index: piece.index, id: piece.id, name: "", waiting: "", call: undefined };
        drafts.push(draft);
      }
      if (draft.call !== undefined) return [...draft.call.add(piece.arguments)];
      draft.id ??= piece.id;
      draft.name = joinName(draft.name, piece);
      draft.waiting += piece.arguments;
      // The name is whole once arguments come. Calls are told in the order in which they began.
      if (draft.waiting === "" || draft.name === "") return [];
      return drafts.slice(0, drafts.indexOf(draft) + 1).flatMap(announce);
    },
    close: () => {
      // What says nothing at all is no call.
      const real = drafts.filter(({ id, name, waiting }) =>
        id !== undefined || name !== "" || waiting !== ""
      );
      if (real.some(({ name }) => name === "")) return undefined;
      const events = real.flatMap(announce);
      const closed = real.flatMap(({ call }) => call === undefined ? [] : [call.close()]);
      events.push(...closed.flatMap((one) => one.events));
      return { events, items: closed.map(({ item }) => item) };
    },
    cut: () => drafts.flatMap(({ call }) => call === undefined ? [] : [call.cut()]),
  };
}

/** The call that a part belongs to; undefined when it begins a new one. */
function findDraft(drafts: readonly Draft[], piece: CallPiece): Draft | undefined {
  const { index, id, name } = piece;
  const last = index === undefined ? drafts.at(-1) : drafts.findLast((one) => one.index === index);
  if (id !== undefined) {
    const same = drafts.findLast((one) => one.id === id && (index === undefined || one.index === index));
    if (same !== undefined) return same;
  }
  if (last === undefined || name === undefined) return last;
  // A name under another id begins a call; without ids it does when the call before it is whole.
  if (id !== undefined && last.id !== undefined) return undefined;
  if (!piece.arguments.startsWith("{")) return last;
  return (last.call?.arguments ?? last.waiting).endsWith("}") ? undefined : last;
}

/** Most name a call once, some again in every part, and a few in two halves. */
function joinName(soFar: string, { name, id }: CallPiece): string {
  if (name === undefined || name === soFar) return soFar;
  if (soFar === "") return name;
  return id === undefined ? soFar + name : soFar;
}

/** Some servers give all calls of an answer the same id; outputs must find their way back. */
function newCallId(wanted: string, used: Set<string>): string {
  let id = wanted;
  for (let count = 2; used.has(id); count++) id = `${wanted}_${count}`;
  used.add(id);
  return id;
}
