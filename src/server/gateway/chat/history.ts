/**
 * The conversation so far: items of the Responses API as messages of Chat Completions.
 *
 * What servers and the templates of their models refuse decides the shape (llama.cpp, vLLM, Ollama; their issue
 * trackers, 2026-11):
 *
 * - One system message, at the beginning, and no role `developer`. What a client says as developer later on
 *   becomes a user's message in its place.
 * - Users' messages that follow each other are one message: many templates want user and assistant in turns.
 * - Each call is followed by its output, before anything else is said. A call without output gets a sentence
 *   instead; an output without call is told as a user's message.
 * - Outputs of tools are text. Images in them follow in a user's message.
 * - Arguments of calls are JSON objects; a model's own broken ones are wrapped into one.
 *
 * @module
 */

import { isObject, type JsonObject, textOf } from "../../../base/json_fields.ts";
import { plainText, readParts } from "./content.ts";
import { isNoArguments, isObjectText } from "./json_text.ts";
import type { ChatMessage, ChatPart, ChatToolCall } from "./model.ts";
import { type Thinking, unpackThinking } from "./thinking.ts";

/** The messages, and the kinds of items that no message can say. */
export interface History {
  readonly messages: readonly ChatMessage[];
  readonly dropped: readonly string[];
}

/** A call and what came back from it. */
interface Call {
  readonly id: string;
  readonly name: string;
  readonly arguments: string;
  output: readonly ChatPart[] | undefined;
}

/** What the model did in one go: it thought, then spoke, then called. */
interface ModelTurn {
  readonly by: "model";
  readonly thoughts: Thinking[];
  readonly texts: string[];
  readonly calls: Call[];
}

interface UserTurn {
  readonly by: "user";
  readonly parts: readonly ChatPart[];
}

/**
 * Reads `instructions` and `input` of a request.
 *
 * @throws {AppError} gateway.request as `readParts`
 */
export function readHistory(instructions: unknown, input: unknown): History {
  const system: string[] = [];
  const told = textOf(instructions);
  if (told !== undefined) system.push(told);
  const items = typeof input === "string"
    ? [{ role: "user", content: input }]
    : Array.isArray(input)
    ? input.filter(isObject)
    : [];
  const turns: (ModelTurn | UserTurn)[] = [];
  const dropped = new Set<string>();
  // Thinking is only worth its tokens until the user speaks again; servers of the Responses API drop it then too.
  const lastUser = items.findLastIndex(({ role }) => role === "user");

  for (const [at, item] of items.entries()) {
    const kind = textOf(item["type"]) ?? "message";
    if (kind === "message") {
      const parts = readParts(item["content"]);
      const text = plainText(parts);
      if (item["role"] === "assistant") modelTurn(turns, false).texts.push(joinText(parts));
      else if (item["role"] === "user" || turns.length > 0 || text === undefined) {
        turns.push({ by: "user", parts });
      } else system.push(text);
    } else if (kind === "reasoning") {
      const thinking = at > lastUser ? unpackThinking(item["encrypted_content"]) : undefined;
      if (thinking !== undefined) modelTurn(turns, false).thoughts.push(thinking);
    } else if (kind === "function_call") {
      modelTurn(turns, true).calls.push(readCall(item));
    } else if (kind === "function_call_output") {
      takeOutput(turns, textOf(item["call_id"]) ?? "", readOutput(item["output"]));
    } else {
      dropped.add(`item ${kind}`);
    }
  }
  return { messages: renderMessages(system, turns), dropped: [...dropped] };
}

/** The turn that the model is in, or a new one: after its first call it only calls, and outputs end its turn. */
function modelTurn(turns: (ModelTurn | UserTurn)[], isCall: boolean): ModelTurn {
  const last = turns.at(-1);
  if (last?.by === "model") {
    const goesOn = isCall ? last.calls.every(({ output }) => output === undefined) : last.calls.length === 0;
    if (goesOn) return last;
  }
  const turn: ModelTurn = { by: "model", thoughts: [], texts: [], calls: [] };
  turns.push(turn);
  return turn;
}

function readCall(item: JsonObject): Call {
  const id = textOf(item["call_id"]) ?? "";
  const name = textOf(item["name"]) ?? "unknown";
  const raw = item["arguments"];
  const text = typeof raw === "string" ? raw : JSON.stringify(raw ?? {});
  const args = isNoArguments(text)
    ? "{}"
    : isObjectText(text)
    ? text
    : JSON.stringify({ invalid_json: text });
  return { id, name, arguments: args, output: undefined };
}

function readOutput(output: unknown): readonly ChatPart[] {
  if (typeof output === "string" || Array.isArray(output)) return readParts(output);
  if (isObject(output) && "content" in output) return readParts(output["content"]);
  return output === undefined || output === null ? [] : [{ type: "text", text: JSON.stringify(output) }];
}

/** Gives an output to the latest call of that id that waits for one; ids may come again in later turns. */
function takeOutput(turns: (ModelTurn | UserTurn)[], id: string, output: readonly ChatPart[]): void {
  for (let at = turns.length - 1; at >= 0; at--) {
    const turn = turns[at];
    if (turn?.by !== "model") continue;
    const call = turn.calls.findLast((one) => one.id === id && one.output === undefined);
    if (call === undefined) continue;
    call.output = output;
    return;
  }
  turns.push({ by: "user", parts: [{ type: "text", text: `Output of the tool call ${id}:` }, ...output] });
}

function renderMessages(system: readonly string[], turns: readonly (ModelTurn | UserTurn)[]): ChatMessage[] {
  const messages: ChatMessage[] = [];
  const instructions = system.filter((text) => text !== "").join("\n\n");
  if (instructions !== "") messages.push({ role: "system", content: instructions });
  let said: ChatPart[] = [];
  const endUser = (): void => {
    const text = plainText(said);
    if (text === undefined) messages.push({ role: "user", content: said });
    else if (text !== "") messages.push({ role: "user", content: text });
    said = [];
  };
  for (const turn of turns) {
    if (turn.by === "user") {
      said.push(...turn.parts);
      continue;
    }
    const content = turn.texts.filter((text) => text !== "").join("\n\n");
    // Thinking alone, of a turn that was broken off, is no message.
    if (content === "" && turn.calls.length === 0) continue;
    endUser();
    messages.push(renderAssistant(content, turn));
    for (const call of turn.calls) {
      const { text, media } = renderOutput(call);
      messages.push({ role: "tool", tool_call_id: call.id, content: text });
      said.push(...media);
    }
  }
  endUser();
  return messages;
}

function renderAssistant(content: string, { thoughts, calls }: ModelTurn): ChatMessage {
  const field = thoughts[0]?.field;
  const thinking = thoughts.map(({ text }) => text).join("\n\n");
  return {
    role: "assistant",
    content,
    ...(field === undefined ? {} : { [field]: thinking }),
    ...(calls.length === 0 ? {} : { tool_calls: calls.map(renderCall) }),
  };
}

function renderCall({ id, name, arguments: args }: Call): ChatToolCall {
  return { id, type: "function", function: { name, arguments: args } };
}

/** The text of an output, and what of it only a user's message can show. */
function renderOutput(call: Call): { readonly text: string; readonly media: readonly ChatPart[] } {
  if (call.output === undefined) return { text: "There is no output: the call was broken off.", media: [] };
  const texts: string[] = [];
  const media: ChatPart[] = [];
  for (const part of call.output) {
    if (part.type === "text") {
      texts.push(part.text);
      continue;
    }
    const name = `Attachment ${media.length / 2 + 1} of the output of ${call.name} (call ${call.id})`;
    texts.push(`[${name}: see the next message of the user.]`);
    media.push({ type: "text", text: `${name}:` }, part);
  }
  return { text: texts.join("\n\n"), media };
}

/** The parts of one message of the model are one text. */
function joinText(parts: readonly ChatPart[]): string {
  return parts.map((part) => part.type === "text" ? part.text : "").join("");
}
