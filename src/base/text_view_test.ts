import assert from "node:assert/strict";
import fc from "fast-check";
import { encodeWindows1252, sniffBytes } from "./text_encoding.ts";
import { viewText } from "./text_view.ts";

Deno.test("viewText() gives back the very bytes, whatever they are", () => {
  const marks = {
    "none": [],
    "utf-8": [0xef, 0xbb, 0xbf],
    "utf-16le": [0xff, 0xfe],
    "utf-16be": [0xfe, 0xff],
  } as const;
  fc.assert(
    fc.property(
      fc.constantFrom("none", "utf-8", "utf-16le", "utf-16be"),
      fc.uint8Array({ maxLength: 60 }),
      (mark, body) => {
        const isWide = mark === "utf-16le" || mark === "utf-16be";
        const bytes = new Uint8Array([
          ...marks[mark],
          ...(isWide && body.length % 2 === 1 ? body.slice(1) : body),
        ]);
        const view = viewText(bytes, mark);
        assert.ok(view !== undefined);
        assert.deepEqual(view.toBytes(view.text), bytes);
      },
    ),
  );
});

Deno.test("viewText() names the encoding, and decodes and encodes in it", () => {
  const latin = viewText(new Uint8Array([0x63, 0xe9, 0x80]), "none");
  assert.equal(latin?.encoding, "windows-1252");
  assert.equal(latin?.decode(latin.text), "cé€");
  assert.deepEqual(latin?.encoders.map((encode) => encode("é→")), [
    undefined,
    "\u00c3\u00a9\u00e2\u0086\u0092",
  ]);
  const utf8 = viewText(new TextEncoder().encode("cé"), "none");
  assert.equal(utf8?.encoding, "utf-8");
  assert.equal(utf8?.decode(utf8.text), "cé");
  assert.equal(viewText(new Uint8Array([0xff, 0xfe, 0x41]), "utf-16le"), undefined);
});

Deno.test("encodeWindows1252() is the reverse of decoding it, byte for byte", () => {
  const all = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  const decoded = new TextDecoder("windows-1252").decode(all);
  assert.equal(encodeWindows1252(decoded), String.fromCharCode(...all));
  assert.equal(encodeWindows1252("→"), undefined);
});

Deno.test("sniffBytes() tells text, images and other bytes apart", () => {
  const sniff = (...bytes: number[]): string => {
    const found = sniffBytes(new Uint8Array(bytes));
    return found.kind === "image" ? found.mediaType : found.kind === "text" ? found.mark : found.kind;
  };
  assert.equal(sniff(), "none");
  assert.equal(sniff(0x41), "none");
  assert.equal(sniff(0xef, 0xbb, 0xbf, 0x41), "utf-8");
  assert.equal(sniff(0xff, 0xfe, 0x41, 0), "utf-16le");
  assert.equal(sniff(0xfe, 0xff, 0, 0x41), "utf-16be");
  assert.equal(sniff(0xff, 0xfe, 0, 0), "binary");
  assert.equal(sniff(0x41, 0, 0x41), "binary");
  assert.equal(sniff(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0), "image/png");
  assert.equal(sniff(0xff, 0xd8, 0xff, 0xe0), "image/jpeg");
  assert.equal(sniff(...new TextEncoder().encode("GIF89a")), "image/gif");
  assert.equal(sniff(...new TextEncoder().encode("RIFF\n\r\t1WEBP")), "image/webp");
});
