/**
 * A real back end for the gateway's Chat Completions wire: llama.cpp's server with a model made for the test.
 *
 * @module
 */

import { join } from "node:path";
import { makeTinyModel, type Speech } from "./tiny_model.ts";

/** A running server. */
export interface Llama extends AsyncDisposable {
  /** What goes into `base_url` of a provider whose wire is `chat`. */
  readonly baseUrl: string;
}

/** The tool calls that the model makes when a prompt asks for them: two at once. */
export interface LlamaCalls {
  readonly first: { readonly name: string; readonly arguments: string };
  readonly second: { readonly name: string; readonly arguments: string };
}

/** What the model thinks and says to a prompt that asks for nothing. */
export const HELLO = { thinking: "They greet me.", text: "Hello from a tiny model." } as const;

/** What it says when its calls were answered. */
export const AFTER = "I have seen both.";

/** A prompt with this word makes the model call. */
export const CALL_WORD = "CALL";

/**
 * The form of Hermes and Qwen, which llama.cpp finds out by rendering conversations of its own. Of what users say only
 * the beginning is kept: a client's own prompts would be more than a tiny model should have to read.
 */
const TEMPLATE = `
{%- if tools %}{{ '<|im_start|>system\\n# Tools\\n<tools>' }}
{%- for tool in tools %}{{ '\\n' + tool.function.name }}{%- endfor %}
{{- '\\n</tools>\\nFor each function call, return a json object within <tool_call></tool_call> XML tags:\\n<tool_call>\\n{"name": <function-name>, "arguments": <args-json-object>}\\n</tool_call><|im_end|>\\n' }}
{%- endif %}
{%- for message in messages %}
{%- if message.role == 'system' and not loop.first %}{{ raise_exception('System message must be at the beginning.') }}{%- endif %}
{%- if message.role == 'tool' %}
{{- '<|im_start|>user\\n<tool_response>\\n' + message.content[:200] + '\\n</tool_response><|im_end|>\\n' }}
{%- elif message.role == 'assistant' %}
{{- '<|im_start|>assistant\\n' }}
{%- if message.reasoning_content %}{{ '<think>\\n' + message.reasoning_content + '\\n</think>\\n\\n' }}{%- endif %}
{{- message.content }}
{%- for tool_call in message.tool_calls %}
{{- '\\n<tool_call>\\n{"name": "' + tool_call.function.name + '", "arguments": ' }}{{ tool_call.function.arguments | tojson }}{{ '}\\n</tool_call>' }}
{%- endfor %}
{{- '<|im_end|>\\n' }}
{%- elif message.role in ['system', 'user'] %}
{{- '<|im_start|>' + message.role + '\\n' + message.content[:200] + '<|im_end|>\\n' }}
{%- else %}{{ raise_exception('Unexpected message role.') }}{%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}
{%- if messages[-1].role == 'tool' %}{{ '<|after|>' }}
{%- elif 'CALL' in messages[-1].content %}{{ '<|call|>' }}
{%- else %}{{ '<|hello|>' }}{%- endif %}
{%- endif %}
`;

function writeSpeeches({ first, second }: LlamaCalls): readonly Speech[] {
  const half = Math.ceil(first.arguments.length / 2);
  return [
    {
      cue: "<|hello|>",
      pieces: [
        "<think>",
        "\n",
        "They",
        " greet",
        " me.",
        "\n</think>",
        "\n\n",
        "Hello",
        " from",
        " a",
        " tiny",
        " model.",
      ],
    },
    {
      cue: "<|call|>",
      pieces: [
        "<tool_call>",
        `\n{"name": "${first.name}", "arguments": `,
        first.arguments.slice(0, half),
        first.arguments.slice(half),
        "}\n</tool_call>",
        "\n<tool",
        `_call>\n{"name": "${second.name}", `,
        `"arguments": ${second.arguments}`,
        "}\n</tool",
        "_call>",
      ],
    },
    { cue: "<|after|>", pieces: ["I have", " seen", " both."] },
  ];
}

/** Starts the server in a process of its own. Disposing ends it and removes the model. */
export async function startLlama(calls: LlamaCalls): Promise<Llama> {
  const folder = await Deno.makeTempDir({ prefix: "agentos-llama-" });
  const path = join(folder, "tiny.gguf");
  await Deno.writeFile(path, makeTinyModel(writeSpeeches(calls), TEMPLATE));
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "-A", join(import.meta.dirname ?? ".", "llama_main.ts"), path],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const stop = async (): Promise<void> => {
    try {
      child.kill("SIGKILL");
    } catch {
      // It has ended by itself.
    }
    await child.status;
    await Deno.remove(folder, { recursive: true });
  };
  try {
    const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    let said = "";
    while (!said.includes("\n")) {
      const { done, value } = await reader.read();
      if (done) throw new Error("llama.cpp did not start");
      said += value;
    }
    await reader.cancel();
    return { baseUrl: `http://127.0.0.1:${said.trim()}/v1`, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
