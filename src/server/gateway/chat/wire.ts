/**
 * The wire of servers that speak Chat Completions: llama.cpp, Ollama, LM Studio, vLLM and everything else that
 * calls itself compatible with OpenAI.
 *
 * @module
 */

import type { Wire } from "../wire.ts";
import { translateAnswer } from "./answer.ts";
import { toChatRequest } from "./request.ts";

/** Asks by `POST /chat/completions`, and tells the answers as events of the Responses API. */
export const chat: Wire = {
  ask: (request) => {
    const { body, dropped } = toChatRequest(request);
    const include = request["include"];
    return {
      path: "/chat/completions",
      body,
      dropped,
      translation: translateAnswer({
        id: crypto.randomUUID().replaceAll("-", ""),
        createdAt: Math.floor(Date.now() / 1000),
        model: body.model,
        packsThinking: Array.isArray(include) && include.includes("reasoning.encrypted_content"),
        parallelToolCalls: body.parallel_tool_calls ?? true,
        temperature: body.temperature ?? null,
        topP: body.top_p ?? null,
      }),
    };
  },
};
