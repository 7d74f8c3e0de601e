/**
 * A language model of two megabytes that says what a test wants to hear, in the file format of llama.cpp (GGUF 3).
 *
 * It is a true model of the architecture `llama`, with weights such that each token is followed by one certain other:
 * the attention adds nothing, the embedding of a token is a direction of its own, and the output layer turns that
 * direction into the next token. What it says therefore depends on the last token of the prompt alone, which the
 * model's chat template chooses by looking at the conversation.
 *
 * @module
 */

/** What the model says after one token of its own: that token, which no text holds, then the pieces in order. */
export interface Speech {
  /** Stands at the end of a prompt, where the template puts it: `<|name|>`. */
  readonly cue: string;
  /** One token each; a piece may occur in one speech only, and there only once. */
  readonly pieces: readonly string[];
}

/** A value in the head of the file. */
type Value =
  | { readonly uint32: number }
  | { readonly float32: number }
  | { readonly flag: boolean }
  | { readonly text: string }
  | { readonly texts: readonly string[] }
  | { readonly float32s: readonly number[] }
  | { readonly int32s: readonly number[] };

interface Tensor {
  readonly name: string;
  /** Fastest first. */
  readonly shape: readonly number[];
  readonly weights: Float32Array<ArrayBuffer>;
}

const TOKEN_TYPES = { normal: 1, unknown: 2, control: 3, userDefined: 4, byte: 6 } as const;
const END = 2;
const HEAD_SIZE = 64;
const FEED_FORWARD = 32;

/**
 * Makes the file.
 *
 * @param template Jinja, as `tokenizer.chat_template`
 * @throws {Error} when a piece occurs twice
 */
export function makeTinyModel(speeches: readonly Speech[], template: string): Uint8Array<ArrayBuffer> {
  const tokens = ["<unk>", "<s>", "</s>"];
  const types: number[] = [TOKEN_TYPES.unknown, TOKEN_TYPES.control, TOKEN_TYPES.control];
  for (let byte = 0; byte < 256; byte++) {
    tokens.push(`<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`);
    types.push(TOKEN_TYPES.byte);
  }
  const follower = new Map<number, number>();
  for (const { cue, pieces } of speeches) {
    for (const [at, token] of [cue, ...pieces].entries()) {
      if (tokens.includes(token)) throw new Error(`the token ${JSON.stringify(token)} occurs twice`);
      follower.set(tokens.length, at === pieces.length ? END : tokens.length + 1);
      tokens.push(token);
      types.push(at === 0 ? TOKEN_TYPES.control : TOKEN_TYPES.userDefined);
    }
  }
  const width = Math.ceil(tokens.length / HEAD_SIZE) * HEAD_SIZE;
  return renderFile(
    describe(tokens, types, width, template),
    weigh(tokens.length, width, (token) => follower.get(token) ?? END),
  );
}

function describe(
  tokens: readonly string[],
  types: readonly number[],
  width: number,
  template: string,
): Readonly<Record<string, Value>> {
  return {
    "general.architecture": { text: "llama" },
    "general.name": { text: "tiny" },
    "llama.context_length": { uint32: 8192 },
    "llama.embedding_length": { uint32: width },
    "llama.block_count": { uint32: 1 },
    "llama.feed_forward_length": { uint32: FEED_FORWARD },
    "llama.attention.head_count": { uint32: width / HEAD_SIZE },
    "llama.attention.layer_norm_rms_epsilon": { float32: 1e-5 },
    "llama.rope.dimension_count": { uint32: HEAD_SIZE },
    "llama.vocab_size": { uint32: tokens.length },
    "tokenizer.ggml.model": { text: "llama" },
    "tokenizer.ggml.tokens": { texts: tokens },
    "tokenizer.ggml.scores": { float32s: tokens.map((_, at) => -at) },
    "tokenizer.ggml.token_type": { int32s: types },
    "tokenizer.ggml.unknown_token_id": { uint32: 0 },
    "tokenizer.ggml.bos_token_id": { uint32: 1 },
    "tokenizer.ggml.eos_token_id": { uint32: END },
    "tokenizer.ggml.add_bos_token": { flag: true },
    "tokenizer.ggml.add_space_prefix": { flag: false },
    "tokenizer.chat_template": { text: template },
  };
}

function weigh(tokens: number, width: number, follow: (token: number) => number): readonly Tensor[] {
  const embedding = new Float32Array(tokens * width);
  const output = new Float32Array(tokens * width);
  for (let token = 0; token < tokens; token++) {
    embedding[token * width + token] = 1;
    output[follow(token) * width + token] = 1;
  }
  const ones = (name: string): Tensor => ({
    name,
    shape: [width],
    weights: new Float32Array(width).fill(1),
  });
  const zeros = (name: string, ...shape: [number, number]): Tensor => ({
    name,
    shape,
    weights: new Float32Array(shape[0] * shape[1]),
  });
  return [
    { name: "token_embd.weight", shape: [width, tokens], weights: embedding },
    ones("output_norm.weight"),
    { name: "output.weight", shape: [width, tokens], weights: output },
    ones("blk.0.attn_norm.weight"),
    zeros("blk.0.attn_q.weight", width, width),
    zeros("blk.0.attn_k.weight", width, width),
    zeros("blk.0.attn_v.weight", width, width),
    zeros("blk.0.attn_output.weight", width, width),
    ones("blk.0.ffn_norm.weight"),
    zeros("blk.0.ffn_gate.weight", width, FEED_FORWARD),
    zeros("blk.0.ffn_up.weight", width, FEED_FORWARD),
    zeros("blk.0.ffn_down.weight", FEED_FORWARD, width),
  ];
}

const ALIGNMENT = 32;

/** https://github.com/ggml-org/ggml/blob/master/docs/gguf.md (2026-11). */
function renderFile(
  head: Readonly<Record<string, Value>>,
  tensors: readonly Tensor[],
): Uint8Array<ArrayBuffer> {
  const file = new Blocks();
  file.add(new TextEncoder().encode("GGUF"));
  file.uint32(3);
  file.uint64(tensors.length);
  file.uint64(Object.keys(head).length);
  for (const [name, value] of Object.entries(head)) {
    file.text(name);
    renderValue(file, value);
  }
  let offset = 0;
  for (const { name, shape, weights } of tensors) {
    file.text(name);
    file.uint32(shape.length);
    for (const length of shape) file.uint64(length);
    file.uint32(0);
    file.uint64(offset);
    offset += Math.ceil(weights.byteLength / ALIGNMENT) * ALIGNMENT;
  }
  file.align(ALIGNMENT);
  for (const { weights } of tensors) {
    file.add(new Uint8Array(weights.buffer));
    file.align(ALIGNMENT);
  }
  return file.whole();
}

function renderValue(file: Blocks, value: Value): void {
  const list = <Item>(type: number, items: readonly Item[], add: (item: Item) => void): void => {
    file.uint32(9);
    file.uint32(type);
    file.uint64(items.length);
    for (const item of items) add(item);
  };
  if ("uint32" in value) {
    file.uint32(4);
    file.uint32(value.uint32);
  } else if ("float32" in value) {
    file.uint32(6);
    file.float32(value.float32);
  } else if ("flag" in value) {
    file.uint32(7);
    file.add(new Uint8Array([value.flag ? 1 : 0]));
  } else if ("text" in value) {
    file.uint32(8);
    file.text(value.text);
  } else if ("texts" in value) list(8, value.texts, (text) => file.text(text));
  else if ("float32s" in value) list(6, value.float32s, (number) => file.float32(number));
  else list(5, value.int32s, (number) => file.uint32(number));
}

/** Numbers and texts one after the other, little-endian. */
class Blocks {
  readonly #blocks: Uint8Array[] = [];
  #size = 0;

  add(block: Uint8Array): void {
    this.#blocks.push(block);
    this.#size += block.length;
  }

  uint32(value: number): void {
    this.add(new Uint8Array(Uint32Array.of(value).buffer));
  }

  uint64(value: number): void {
    this.add(new Uint8Array(BigUint64Array.of(BigInt(value)).buffer));
  }

  float32(value: number): void {
    this.add(new Uint8Array(Float32Array.of(value).buffer));
  }

  text(value: string): void {
    const block = new TextEncoder().encode(value);
    this.uint64(block.length);
    this.add(block);
  }

  align(to: number): void {
    this.add(new Uint8Array((to - this.#size % to) % to));
  }

  whole(): Uint8Array<ArrayBuffer> {
    const whole = new Uint8Array(this.#size);
    let at = 0;
    for (const block of this.#blocks) {
      whole.set(block, at);
      at += block.length;
    }
    return whole;
  }
}
