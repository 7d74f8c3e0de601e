/**
 * The content of a message or of a tool's output, in the parts that Chat Completions knows.
 *
 * @module
 */

import { AppError } from "../../../base/errors.ts";
import { isObject, type JsonObject, textOf } from "../../../base/json_fields.ts";
import type { ChatPart } from "./model.ts";

/**
 * Reads a text or a list of parts of the Responses API, in order; empty texts are left out.
 *
 * @throws {AppError} gateway.request when a part names something that only its own provider could look up
 */
export function readParts(content: unknown): readonly ChatPart[] {
  if (typeof content === "string") return content === "" ? [] : [{ type: "text", text: content }];
  if (!Array.isArray(content)) return [];
  return content.flatMap((part: unknown) => {
    const read = readPart(part);
    return read === undefined ? [] : [read];
  });
}

function readPart(part: unknown): ChatPart | undefined {
  if (!isObject(part)) return undefined;
  switch (part["type"]) {
    case "input_image":
      return readImage(part);
    case "input_file":
      return readFile(part);
    case "input_audio":
      return readAudio(part);
    default: {
      // Whatever else carries text is text: input_text, output_text, summary_text, refusal.
      const text = textOf(part["text"]) ?? textOf(part["refusal"]);
      return text === undefined ? undefined : { type: "text", text };
    }
  }
}

function readImage(part: JsonObject): ChatPart {
  const url = textOf(part["image_url"]);
  if (url === undefined) throw refuse("an image by its id", "Send the image itself.");
  const detail = part["detail"];
  if (detail === "low" || detail === "high") return { type: "image_url", image_url: { url, detail } };
  // "original" is a word of the Responses API alone; the other one asks for as much.
  if (detail === "original") return { type: "image_url", image_url: { url, detail: "high" } };
  return { type: "image_url", image_url: { url } };
}

function readFile(part: JsonObject): ChatPart {
  const data = textOf(part["file_data"]);
  if (data === undefined) throw refuse("a file by its id or address", "Send the file itself.");
  const filename = textOf(part["filename"]);
  return { type: "file", file: { file_data: data, ...(filename === undefined ? {} : { filename }) } };
}

function readAudio(part: JsonObject): ChatPart {
  const audio = part["input_audio"];
  const data = isObject(audio) ? textOf(audio["data"]) : undefined;
  const format = isObject(audio) ? audio["format"] : undefined;
  if (data === undefined || (format !== "wav" && format !== "mp3")) {
    throw refuse("audio of a kind", "Send it as wav or mp3.");
  }
  return { type: "input_audio", input_audio: { data, format } };
}

function refuse(what: string, hint: string): AppError {
  return new AppError("gateway.request", `The request names ${what} that this provider cannot know.`, {
    hint,
  });
}

/** All of it as one text when it is nothing but text, else undefined. */
export function plainText(parts: readonly ChatPart[]): string | undefined {
  const texts: string[] = [];
  for (const part of parts) {
    if (part.type !== "text") return undefined;
    texts.push(part.text);
  }
  return texts.join("\n\n");
}
